// One gateway and one page for each test, gone when it ends; one browser for all.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
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
 * Starts the gateway named by FRAMEGATE_BIN and waits until it is ready.
 *
 * @param http where its page is to be, by default on a free port; more options of its own.
 */
export async function startGateway(t, { http = "127.0.0.1:0", more = [] } = {}) {
  const binary = process.env.FRAMEGATE_BIN;
  if (!binary) throw new Error("FRAMEGATE_BIN does not name the gateway's binary");
  const child = spawn(binary, ["--http", http, "--tcp", "127.0.0.1:0", ...more], {
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

/** The token of a gateway that is guarded. */
export const TOKEN = "correct-horse-battery";

/** A gateway with a token, its page's address, and the link that logs in once. */
export async function startGuarded(t) {
  const folder = await mkdtemp(join(tmpdir(), "framegate-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "token");
  await writeFile(file, TOKEN);
  const gateway = await startGateway(t, { more: ["--token-file", file] });
  const [page, link] = gateway.page.split(/(?=login)/);
  return { gateway: { ...gateway, page }, link };
}

let browser;
after(async () => (await browser)?.close());

function sharedBrowser() {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...FLAGS, ...sandbox],
  });
  return browser;
}

/** Fails if axe finds that the page, in the `state` that it is in, is not accessible. */
export async function assertAccessible(page, state) {
  // Past the page's policy: it is the test's script, not the page's.
  await page.evaluate(await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
  const violations = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run({ runOnly: tags });
    const node = ({ target, failureSummary }) => `${target}: ${failureSummary}`;
    return violations.map(({ id, nodes }) => `${id}\n${nodes.map(node).join("\n")}`);
  });
  assert.deepEqual(violations, [], state);
}

/**
 * A gateway and its page, connected. What the page throws, or asks of any other
 * address, fails the test.
 *
 * @param prepare is given playwright's page before it goes to the gateway's.
 * @param opens whether it is going to connect; options of playwright's context besides.
 * @returns the gateway, playwright's page, its faults so far, and its parts by their names.
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
  const asked = (url) => {
    const plain = url.replace(/^blob:/, "").replace(/^ws/, "http");
    if (!plain.startsWith(gateway.page)) faults.push(new Error(`asked for ${url}`));
  };
  context.on("request", (request) => asked(request.url()));
  page.on("websocket", (socket) => asked(socket.url()));
  t.after(async () => {
    await context.close();
    if (faults.length > 0) throw new AggregateError(faults, "the page is at fault");
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
