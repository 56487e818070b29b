// Test harness: a gateway and a page per test, stopped at its end; one browser for all.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline, Transform } from "node:stream";
import { after } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/**
 * Starts the gateway named by FRAMEGATE_BIN on free ports, and waits until it is ready.
 *
 * @param more further command-line options.
 */
export async function startGateway(t, { more = [] } = {}) {
  const binary = process.env.FRAMEGATE_BIN;
  if (!binary) throw new Error("FRAMEGATE_BIN does not name the gateway's binary");
  const child = spawn(binary, ["--http", "127.0.0.1:0", "--tcp", "127.0.0.1:0", ...more], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, RUST_LOG: "warn" },
  });
  const exited = once(child, "exit");
  const stop = async (signal) => {
    child.kill(signal);
    await exited;
  };
  t.after(() => stop("SIGKILL"));

  const addresses = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, address] = line.trim().split(/\s+/);
    addresses[name] = address;
    if (name === "echo") break;
  }
  if (!addresses.echo) throw new Error("the gateway ended before it was ready");
  return { ...addresses, stop };
}

/** Listens on a free port until the test ends; resolves to the port. */
export async function listen(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return server.address().port;
}

/**
 * Starts a gateway that can be stopped and restarted at the same address: that of a TCP
 * forwarder, which keeps its port meanwhile. `cut` breaks the network until `mend`; before that,
 * `mute` loses what the page sends.
 */
export async function startRestartable(t, options) {
  let current = await startGateway(t, options);
  const clients = new Set();
  let [isUp, isMute] = [true, false];
  const server = createTcpServer((client) => {
    if (!isUp) return client.destroy();
    clients.add(client.on("close", () => clients.delete(client)));
    const { hostname, port } = new URL(current.page);
    const upstream = connect(port, hostname);
    const filter = new Transform({
      transform: (chunk, _, done) => (isMute ? done() : done(null, chunk)),
    });
    pipeline(client, filter, upstream, client, () => {});
  });
  const port = await listen(t, server);
  return {
    ...current,
    page: `http://127.0.0.1:${port}/`,
    stop: (signal) => current.stop(signal),
    restart: async () => (current = await startGateway(t, options)),
    mute: () => (isMute = true),
    cut: () => {
      isUp = false;
      clients.forEach((client) => client.destroy());
    },
    mend: () => ([isUp, isMute] = [true, false]),
  };
}

/** Starts a reverse proxy that serves a gateway under `path`. */
export async function startProxy(t, gateway, path) {
  const { hostname, port } = new URL(gateway.page);
  const pass = ({ method, url, headers }) =>
    request({ hostname, port, method, headers, path: url.slice(path.length) });
  const proxy = createServer((asked, answer) => {
    if (!asked.url.startsWith(`${path}/`)) return answer.writeHead(404).end();
    const passed = pass(asked).on("response", (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    asked.pipe(passed.on("error", () => answer.destroy()));
  });
  proxy.on("upgrade", (asked, socket) => {
    const passed = pass(asked).on("upgrade", (got, upstream, first) => {
      const headers = Object.entries(got.headers).map((header) => header.join(": "));
      socket.write(["HTTP/1.1 101 Switching Protocols", ...headers, "\r\n"].join("\r\n"));
      socket.write(first);
      pipeline(socket, upstream, socket, () => {});
    });
    passed.on("error", () => socket.destroy()).end();
  });
  const proxyPort = await listen(t, proxy);
  t.after(() => proxy.closeAllConnections());
  return { ...gateway, page: `http://127.0.0.1:${proxyPort}${path}/` };
}

/** The token of a guarded gateway. */
export const TOKEN = "correct-horse-battery";

/**
 * Starts a gateway that requires a token; resolves to it and its login link.
 *
 * @param more further command-line options.
 */
export async function startGuarded(t, { more = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "framegate-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "token");
  await writeFile(file, TOKEN);
  const gateway = await startGateway(t, { more: ["--token-file", file, ...more] });
  const binary = process.env.FRAMEGATE_BIN;
  const args = ["login-link", "--token-file", file, gateway.page];
  const { stdout } = await promisify(execFile)(binary, args);
  return { gateway, link: stdout.trim().slice(gateway.page.length) };
}

let browser;
after(async () => (await browser)?.close());

export function sharedBrowser() {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...FLAGS, ...sandbox],
  });
  return browser;
}

/**
 * Fails if axe finds an accessibility violation.
 *
 * @param state describes the page in the message.
 * @param without rules that do not apply.
 */
export async function assertAccessible(page, state, without = []) {
  // Evaluated, because the page's Content Security Policy forbids script elements.
  await page.evaluate(await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
  const violations = await page.evaluate(async (without) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
    const { violations } = await axe.run({ runOnly: tags, rules });
    const node = ({ target, failureSummary }) => `${target}: ${failureSummary}`;
    return violations.map(({ id, nodes }) => `${id}\n${nodes.map(node).join("\n")}`);
  }, without);
  assert.deepEqual(violations, [], state);
}

/**
 * Opens the page of a gateway and waits for its connection. The test fails on an exception
 * in the page, a violation of its Content Security Policy, or a request to another origin.
 *
 * @param prepare called with playwright's page before it navigates.
 * @param opens false if the page will not connect; further options are playwright's.
 * @returns the gateway, playwright's page, its faults so far, and locators by name.
 */
export async function openPage(
  t,
  { gateway: own, fragment = "", prepare, opens = true, ...options } = {},
) {
  const [gateway, browser] = await Promise.all([own ?? startGateway(t), sharedBrowser()]);
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults = [];
  page.on("pageerror", (fault) => faults.push(fault));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) faults.push(new Error(message.text()));
  });
  const checkOrigin = (url) => {
    const plain = url.replace(/^blob:/, "").replace(/^ws/, "http");
    if (!plain.startsWith(gateway.page)) faults.push(new Error(`request to ${url}`));
  };
  context.on("request", (request) => checkOrigin(request.url()));
  page.on("websocket", (socket) => checkOrigin(socket.url()));
  t.after(async () => {
    await context.close();
    if (faults.length > 0) throw new AggregateError(faults, "the page has faults");
  });
  await prepare?.(page);
  await page.goto(gateway.page + fragment);

  const messages = page.getByRole("log", { name: "Messages" });
  const button = (name) => page.getByRole("button", { name, exact: true });
  const repeat = page.getByRole("group", { name: "Repeat" });
  const parts = {
    button,
    repeat,
    choice: (name) => page.getByRole("combobox", { name, exact: true }),
    filter: page.getByRole("searchbox", { name: "Filter" }),
    statistics: page.getByRole("region", { name: "Statistics" }),
    count: repeat.getByRole("spinbutton", { name: "Count" }),
    message: page.getByRole("textbox", { name: "Message" }),
    send: button("Send"),
    connect: button("Connect"),
    disconnect: button("Disconnect"),
    connection: page.getByRole("status", { name: "Connection" }),
    wireView: page.getByRole("region", { name: "Wire view" }),
    messages,
    sent: messages.locator('[data-direction="sent"]'),
    received: messages.locator('[data-direction="received"]'),
  };
  if (opens) await parts.connection.getByText("Open").waitFor();
  return { gateway, page, faults, ...parts };
}
