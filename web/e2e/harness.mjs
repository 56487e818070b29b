// One gateway and one page for each test, gone when it ends; one browser for all.

import { spawn } from "node:child_process";
import { once } from "node:events";
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
 * @param http where its page is to be, by default on a free port.
 */
export async function startGateway(t, http = "127.0.0.1:0") {
  const binary = process.env.FRAMEGATE_BIN;
  if (!binary) throw new Error("FRAMEGATE_BIN does not name the gateway's binary");
  const child = spawn(binary, ["--http", http, "--tcp", "127.0.0.1:0"], {
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

/**
 * A gateway and its page, connected. What the page throws, or asks of any other
 * address, fails the test.
 *
 * @returns the gateway, playwright's page, and the parts of the page by their names.
 */
export async function openPage(t, options = {}) {
  const [gateway, browser] = await Promise.all([startGateway(t), sharedBrowser()]);
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults = [];
  page.on("pageerror", (fault) => faults.push(fault));
  page.on("request", (request) => {
    if (!request.url().startsWith(gateway.page)) faults.push(new Error(request.url()));
  });
  t.after(async () => {
    await context.close();
    if (faults.length > 0) throw new AggregateError(faults, "the page is at fault");
  });
  await page.goto(gateway.page);

  const messages = page.getByRole("log", { name: "Messages" });
  const parts = {
    message: page.getByRole("textbox", { name: "Message" }),
    send: page.getByRole("button", { name: "Send", exact: true }),
    connect: page.getByRole("button", { name: "Connect", exact: true }),
    disconnect: page.getByRole("button", { name: "Disconnect" }),
    connection: page.getByRole("status", { name: "Connection" }),
    wireView: page.getByRole("region", { name: "Wire view" }),
    messages,
    sent: messages.locator('[data-direction="sent"]'),
    received: messages.locator('[data-direction="received"]'),
  };
  await parts.connection.getByText("Open").waitFor();
  return { gateway, page, ...parts };
}
