// Test harness: a gateway and a page per test, stopped at its end; one browser of an engine for all.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline, Transform } from "node:stream";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual, promisify } from "node:util";
import { startGateway } from "./gateway.mjs";
import { closeBrowsers, missing, sharedBrowser, TESTED_ENGINES } from "./engines/engines.mjs";

export { sharedBrowser, startGateway };

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

/**
 * Starts a reverse proxy that serves a gateway under `path`.
 *
 * @param answer takes a request for a WebSocket and its socket, in place of the gateway.
 */
export async function startProxy(t, gateway, path, answer) {
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
    if (answer) return answer(asked, socket);
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

/** Starts a proxy of a gateway that ends each WebSocket by a Close. */
export async function startClosing(t, gateway, code, reason) {
  const close = Buffer.from([0x88, reason.length + 2, code >> 8, code & 255, ...Buffer.from(reason)]);
  return startProxy(t, gateway, "", (asked, socket) => {
    const key = `${asked.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    const subprotocol = asked.headers["sec-websocket-protocol"];
    const headers = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
    if (subprotocol) headers.push(`Sec-WebSocket-Protocol: ${subprotocol}`);
    socket.write(["HTTP/1.1 101 Switching Protocols", ...headers, "\r\n"].join("\r\n"));
    socket.on("error", () => {}).end(close);
  });
}

/** Sends texts one after another, each when the last is answered; the log has no other replies. */
export async function sendAll({ message, received }, texts) {
  for (const [index, text] of texts.entries()) {
    await message.fill(text);
    await message.press("Enter");
    await received.nth(index).getByText(`echo : ${text}`, { exact: true }).waitFor();
  }
}

/** Prepares a page as over plain HTTP, without a clipboard: `window.copied` is what it copies. */
export const withoutClipboard = (page) =>
  page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.addEventListener("copy", () => {
      window.copied = document.activeElement.value;
    });
  });

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

after(closeBrowsers);

/**
 * Fails unless `read` resolves to `expected` within seconds: the page is drawn in the frame after an
 * event, so what an event changes may not be there when playwright's action is over.
 */
export async function eventually(read, expected) {
  const end = Date.now() + 10_000;
  let value;
  while (!isDeepStrictEqual((value = await read()), expected) && Date.now() < end) await sleep(20);
  assert.deepEqual(value, expected);
}

/** Fails unless a box has this text within seconds. */
export const hasValue = (box, text) => eventually(() => box.inputValue(), text);

/** Fails unless there are so many elements within seconds. */
export const hasCount = (locator, count) => eventually(() => locator.count(), count);

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

/** Failed connections, which Firefox reports as errors of the page. */
const NETWORK_FAILURE = /can’t establish a connection|was interrupted while the page was loading/;

/**
 * Opens the page of a gateway in a browser and waits for its connection. The test fails on an exception
 * in the page, a violation of its Content Security Policy, or a request to another origin.
 *
 * @param engine the engine of the browser, by default Chromium.
 * @param prepare called with playwright's page before it navigates.
 * @param opens false if the page will not connect; further options are playwright's.
 * @returns the gateway, playwright's page, its faults so far, and locators by name.
 */
export async function openPage(
  t,
  { engine, gateway: own, fragment = "", prepare, opens = true, ...options } = {},
) {
  const launched = sharedBrowser(engine, options);
  const [gateway, browser] = await Promise.all([own ?? startGateway(t), launched]);
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults = [];
  page.on("pageerror", (fault) => NETWORK_FAILURE.test(fault.message) || faults.push(fault));
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
    if (faults.length > 0) {
      throw new AggregateError(faults, `the page has faults: ${faults.map(({ message }) => message).join("; ")}`);
    }
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

/**
 * Defines a test for each engine. One that is not installed is skipped, with the package's name.
 *
 * @param run called with the test's context, a function that opens the page in a browser of the
 *   engine, with the options of `openPage`, and the engine's name.
 */
export function testInEngines(name, run) {
  for (const engine of TESTED_ENGINES) {
    test(`${name}: ${engine.name}`, { skip: missing(engine), timeout: 60_000 }, (t) =>
      run(t, (options) => openPage(t, { ...options, engine }), engine.name),
    );
  }
}
