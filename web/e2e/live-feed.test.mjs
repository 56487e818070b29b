// The live feed: all clients and their messages. And recordings.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { importFile } from "./files.mjs";
import {
  assertAccessible,
  openPage,
  sharedBrowser,
  startGateway,
  startRestartable,
} from "./harness.mjs";

const options = { timeout: 60_000 };
const client = new URL("../../gateway/tests/tutorial/client.py", import.meta.url).pathname;

/** The most watchers that a gateway allows. */
const MAX_WATCHERS = 8;

/** Opens the page's live feed; resolves to the page's parts, and the live feed's. */
async function openLiveFeed(t, { more = [], ...options } = {}) {
  const gateway = await startRestartable(t, { more: ["--monitor", ...more] });
  const parts = await openPage(t, { gateway, ...options });
  await parts.button("Monitor").click();
  const clients = parts.page.getByRole("list", { name: "Clients" });
  const watching = parts.page.getByRole("region", { name: "Monitor" });
  await watching.getByText("Watching").waitFor();
  return { ...parts, clients, watching };
}

/** Runs the tutorial's client against the gateway's echo service. */
async function runTutorial({ echo }) {
  const { hostname, port } = new URL(echo);
  const { stdout } = await promisify(execFile)("python3", [client, hostname, port]);
  assert.equal(stdout, "Received from :  echo : hello\n".repeat(9));
}

test("the live feed shows the tutorial's nine exchanges", options, async (t) => {
  const parts = await openLiveFeed(t);
  const { gateway, page, clients, sent, received, wireView, button } = parts;
  await parts.messages.getByText("No messages yet.").waitFor();
  await assertAccessible(page, "live feed without messages");
  await runTutorial(gateway);
  const row = clients.getByRole("button").filter({ hasText: "tcp" });
  await row.getByText("closed").waitFor();
  assert.match(await row.innerText(), /tcp 127\.0\.0\.1:\d+ → echo\s+↑ 9 +↓ 9/);
  assert.deepEqual(await sent.locator(".preview").allInnerTexts(), Array(9).fill("hello"));
  assert.deepEqual(
    await received.locator(".preview").allInnerTexts(),
    Array(9).fill("echo : hello"),
  );
  await sent.first().click();
  await wireView.getByText("05 00 00 00 68 65 6c 6c 6f").waitFor();
  await assertAccessible(page, "live feed");
  // The page itself is a client, too.
  await button("Console").click();
  await page.getByRole("button", { name: "Send “hello”" }).click();
  await received.getByText("echo : hello").waitFor();
  assert.equal(await sent.count(), 1);
  await button("Monitor").click();
  await clients.getByText("ws 127.0.0.1").waitFor();
});

test("the live feed can be filtered by client, and paused", options, async (t) => {
  const parts = await openLiveFeed(t);
  const { gateway, page, clients, sent, button, messages } = parts;
  const { hostname, port } = new URL(gateway.echo);
  const sockets = [];
  for (const text of ["one", "two"]) {
    const socket = connect(Number(port), hostname);
    t.after(() => socket.destroy());
    socket.write(Buffer.from([text.length, 0, 0, 0]));
    socket.write(text);
    sockets.push(socket);
    await sent.getByText(text).waitFor();
  }
  const name = await sent.first().locator(".reply").innerText();
  await clients.getByRole("button").filter({ hasText: name }).click();
  await page.getByText("2 of 4").waitFor();
  assert.deepEqual(await sent.locator(".preview").allInnerTexts(), ["one"]);
  await clients.getByRole("button", { pressed: true }).click();
  await sent.nth(1).waitFor();
  await button("Pause").click();
  sockets[0].end();
  await clients.getByText("closed").waitFor();
  await runTutorial(gateway);
  await page.getByText("18 new while paused").waitFor();
  assert.equal(await messages.getByRole("option").count(), 4);
});

test("the live feed reports a stopped gateway, and reconnects", options, async (t) => {
  const parts = await openLiveFeed(t);
  const { gateway, watching, clients } = parts;
  await gateway.stop("SIGTERM");
  await watching.getByText("Disconnected: trying again").waitFor();
  await gateway.restart();
  await watching.getByText("Watching").waitFor();
  await clients.getByText("ws 127.0.0.1").waitFor();
});

test("the live feed reports too many watchers, and can be retried", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--monitor"] });
  const watchers = [];
  for (let n = 0; n < MAX_WATCHERS; n += 1) {
    const watcher = new AbortController();
    t.after(() => watcher.abort());
    const { status } = await fetch(`${gateway.page}api/monitor`, { signal: watcher.signal });
    assert.equal(status, 200);
    watchers.push(watcher);
  }
  const { page, button } = await openPage(t, { gateway });
  await button("Monitor").click();
  const watching = page.getByRole("region", { name: "Monitor" });
  await watching.getByText("It may have too many watchers already").waitFor();
  await assertAccessible(page, "refused");
  watchers[0].abort();
  // The gateway needs time to notice.
  const count = new RegExp(`^framegate_watchers ${MAX_WATCHERS - 1}$`, "m");
  while (!count.test(await (await fetch(`${gateway.page}metrics`)).text()));
  await watching.getByRole("button", { name: "Try again" }).click();
  await watching.getByText("Watching", { exact: true }).waitFor();
});

test("eight windows watch, and a ninth still loads", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--monitor"] });
  const browser = await sharedBrowser();
  const context = await browser.newContext();
  t.after(() => context.close());
  const open = async () => {
    const page = await context.newPage();
    await page.goto(gateway.page);
    await page.getByRole("button", { name: "Monitor" }).click();
    return page.getByRole("region", { name: "Monitor" });
  };
  for (let n = 0; n < MAX_WATCHERS; n += 1) {
    const watching = await open();
    await watching.getByText("Watching", { exact: true }).waitFor();
  }
  const refused = await open();
  await refused.getByText("It may have too many watchers already").waitFor();
});

test("a hidden tab closes its live feed, and opens it when it is shown", options, async (t) => {
  const { gateway, page, watching } = await openLiveFeed(t);
  const watchers = async (count) => {
    const line = new RegExp(`^framegate_watchers ${count}$`, "m");
    while (!line.test(await (await fetch(`${gateway.page}metrics`)).text()));
  };
  await watchers(1);
  // A headless browser shows all of its tabs: the event is what hiding one would send.
  const show = (visible) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, !visible);
  await show(false);
  await watchers(0);
  await show(true);
  await watchers(1);
  await watching.getByText("Watching", { exact: true }).waitFor();
});

test("the live feed counts dropped messages", options, async (t) => {
  const { gateway, watching } = await openLiveFeed(t);
  const { hostname, port } = new URL(gateway.echo);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.resume();
  const hello = Buffer.from("\x05\0\0\0hello", "latin1");
  socket.end(Buffer.concat(Array(20_000).fill(hello)));
  await watching.getByText(/[\d,]+ not shown/).waitFor();
});

test("a gateway without a live feed has no Monitor tab", options, async (t) => {
  const { button } = await openPage(t);
  assert.equal(await button("Monitor").count(), 0);
});

test("the live feed fits a small phone, in dark and in Japanese", options, async (t) => {
  const viewport = { width: 360, height: 640 };
  const parts = await openLiveFeed(t, { viewport, colorScheme: "dark" });
  const { gateway, page, sent } = parts;
  await runTutorial(gateway);
  await sent.first().waitFor();
  assert.equal(await page.evaluate(() => document.body.scrollWidth - window.innerWidth), 0);
  await assertAccessible(page, "live feed on a phone");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("combobox", { name: "Language" }).selectOption("日本語");
  await page.getByText("監視中").waitFor();
});

test("a recording is imported byte for byte, and sent again", options, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "framegate-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "messages.ndjson");
  const gateway = await startRestartable(t, { more: ["--record", file] });
  const parts = await openPage(t, { gateway });
  const { page, choice, message, send, button, sent, received, wireView } = parts;
  await choice("Format").selectOption("Hex");
  await message.fill("ff 00 80");
  await send.click();
  await received.first().waitFor();
  await choice("Format").selectOption("Text");
  await message.fill("日本");
  await send.click();
  await received.nth(1).waitFor();
  await gateway.stop("SIGTERM");

  const lines = (await readFile(file, "utf8")).trim().split("\n").map(JSON.parse);
  assert.deepEqual(lines.map(({ event }) => event), [
    "open", "message", "message", "message", "message", "close",
  ]);
  await gateway.restart();
  await parts.connection.getByText("Open").waitFor();
  await button("Clear").click();
  await importFile(parts, await readFile(file));
  await page.getByText("4 messages imported.").waitFor();
  assert.equal(await sent.first().locator(".reply").innerText(), `#${lines[0].session}`);
  await sent.first().click();
  await wireView.getByText("3 bytes that are not UTF-8").waitFor();
  await button("Resend 2 sent messages").click();
  await received.nth(3).waitFor();
  await gateway.stop("SIGTERM");
  const recorded = (await readFile(file, "utf8")).trim().split("\n").map(JSON.parse);
  const payloads = recorded.filter(({ event }) => event === "message");
  const sentPayloads = payloads.filter(({ direction }) => direction === "sent");
  assert.deepEqual(
    sentPayloads.map(({ kind, base64 }) => [kind, base64]),
    [["binary", "/wCA"], ["text", "5pel5pys"], ["binary", "/wCA"], ["text", "5pel5pys"]],
  );
});
