// Everybody's clients and messages, live; and recordings of them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { importFile } from "./files.mjs";
import { assertAccessible, openPage, startGateway } from "./harness.mjs";

const options = { timeout: 60_000 };
const client = new URL("../../gateway/tests/tutorial/client.py", import.meta.url).pathname;

/** How many a gateway lets watch. */
const MAX_WATCHERS = 8;

/** A page that watches its gateway, with the parts that are there for that. */
async function watch(t, { more = [], ...options } = {}) {
  const gateway = await startGateway(t, { more: ["--monitor", ...more] });
  const parts = await openPage(t, { gateway, ...options });
  await parts.button("Monitor").click();
  const clients = parts.page.getByRole("list", { name: "Clients" });
  const watching = parts.page.getByRole("region", { name: "Monitor" });
  await watching.getByText("Watching").waitFor();
  return { ...parts, clients, watching };
}

/** Runs the tutorial's client against the echo service of `gateway`. */
async function runTutorial({ echo }) {
  const { hostname, port } = new URL(echo);
  const { stdout } = await promisify(execFile)("python3", [client, hostname, port]);
  assert.equal(stdout, "Received from :  echo : hello\n".repeat(9));
}

test("the tutorial's nine hellos arrive in the browser", options, async (t) => {
  const parts = await watch(t);
  const { gateway, page, clients, sent, received, wireView, button } = parts;
  await parts.messages.getByText("Nothing has passed yet.").waitFor();
  await assertAccessible(page, "watching, with nothing to see");
  await runTutorial(gateway);
  const row = clients.getByRole("button").filter({ hasText: "tcp" });
  await row.getByText("gone").waitFor();
  assert.match(await row.innerText(), /tcp 127\.0\.0\.1:\d+ → echo\s+↑ 9 +↓ 9/);
  assert.deepEqual(await sent.locator(".preview").allInnerTexts(), Array(9).fill("hello"));
  assert.deepEqual(
    await received.locator(".preview").allInnerTexts(),
    Array(9).fill("echo : hello"),
  );
  await sent.first().click();
  await wireView.getByText("05 00 00 00 68 65 6c 6c 6f").waitFor();
  await assertAccessible(page, "watching");
  // This page is a client, too.
  await button("Console").click();
  await page.getByRole("button", { name: "Send “hello”" }).click();
  await received.getByText("echo : hello").waitFor();
  assert.equal(await sent.count(), 1);
  await button("Monitor").click();
  await clients.getByText("ws 127.0.0.1").waitFor();
});

test("one client's messages can be seen alone, and the log held still", options, async (t) => {
  const parts = await watch(t);
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
  const name = await sent.first().locator(".answer").innerText();
  await clients.getByRole("button").filter({ hasText: name }).click();
  await page.getByText("2 of 4").waitFor();
  assert.deepEqual(await sent.locator(".preview").allInnerTexts(), ["one"]);
  await clients.getByRole("button", { pressed: true }).click();
  await sent.nth(1).waitFor();
  await button("Pause").click();
  sockets[0].end();
  await clients.getByText("gone").waitFor();
  await runTutorial(gateway);
  await page.getByText("18 new while paused").waitFor();
  assert.equal(await messages.getByRole("option").count(), 4);
});

test("a gateway that goes away is told, and watched again when it is back", options, async (t) => {
  const parts = await watch(t);
  const { gateway, watching, clients } = parts;
  const { host } = new URL(gateway.page);
  await gateway.stop("SIGTERM");
  await watching.getByText("Disconnected: trying again").waitFor();
  await startGateway(t, { http: host, more: ["--monitor"] });
  await watching.getByText("Watching").waitFor();
  await clients.getByText("ws 127.0.0.1").waitFor();
});

test("where too many watch, the page says so, and watches once there is room", options, async (t) => {
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
  await watching.getByText("perhaps because too many watch already").waitFor();
  await assertAccessible(page, "refused");
  watchers[0].abort();
  // The gateway has to notice first.
  const count = new RegExp(`^framegate_watchers ${MAX_WATCHERS - 1}$`, "m");
  while (!count.test(await (await fetch(`${gateway.page}metrics`)).text()));
  await watching.getByRole("button", { name: "Try again" }).click();
  await watching.getByText("Watching", { exact: true }).waitFor();
});

test("what is too much to show is counted", options, async (t) => {
  const { gateway, watching } = await watch(t);
  const { hostname, port } = new URL(gateway.echo);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.resume();
  const hello = Buffer.from("\x05\0\0\0hello", "latin1");
  socket.end(Buffer.concat(Array(20_000).fill(hello)));
  await watching.getByText(/[\d,]+ not shown/).waitFor();
});

test("without it, there is no such tab", options, async (t) => {
  const { button } = await openPage(t);
  assert.equal(await button("Monitor").count(), 0);
});

test("it fits a small phone, in the dark and in Japanese", options, async (t) => {
  const viewport = { width: 360, height: 640 };
  const parts = await watch(t, { viewport, colorScheme: "dark" });
  const { gateway, page, sent } = parts;
  await runTutorial(gateway);
  await sent.first().waitFor();
  assert.equal(await page.evaluate(() => document.body.scrollWidth - window.innerWidth), 0);
  await assertAccessible(page, "watching on a phone");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("combobox", { name: "Language" }).selectOption("日本語");
  await page.getByText("監視中").waitFor();
});

test("a recording is read in byte for byte, and sent again", options, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "framegate-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "messages.ndjson");
  const gateway = await startGateway(t, { more: ["--record", file] });
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
  const again = await startGateway(t, { http: new URL(gateway.page).host, more: ["--record", file] });
  await parts.connection.getByText("Open").waitFor();
  await button("Clear").click();
  await importFile(parts, await readFile(file));
  await page.getByText("4 messages read in.").waitFor();
  assert.equal(await sent.first().locator(".answer").innerText(), `#${lines[0].session}`);
  await sent.first().click();
  await wireView.getByText("3 bytes that are not UTF-8").waitFor();
  await button("Send the 2 sent again").click();
  await received.nth(3).waitFor();
  await again.stop("SIGTERM");
  const recorded = (await readFile(file, "utf8")).trim().split("\n").map(JSON.parse);
  const payloads = recorded.filter(({ event }) => event === "message");
  const ofSent = payloads.filter(({ direction }) => direction === "sent");
  assert.deepEqual(
    ofSent.map(({ kind, base64 }) => [kind, base64]),
    [["binary", "/wCA"], ["text", "5pel5pys"], ["binary", "/wCA"], ["text", "5pel5pys"]],
  );
});
