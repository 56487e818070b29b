// The wire view: every byte of any message, the tie between its parts, copies and files.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { test } from "node:test";
import { sendFile } from "./files.mjs";
import {
  assertAccessible,
  eventually,
  hasCount,
  listen,
  openPage,
  startGateway,
  withoutClipboard,
} from "./harness.mjs";

const options = { timeout: 120_000 };

const TABS = ["Wire", "Text", "JSON", "Hex", "Fields"];

/** Starts a gateway before a service that answers each connection with one message. */
async function startSending(t, message, more = []) {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(message.length);
  const port = await listen(
    t,
    createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.write(Buffer.concat([header, message])));
    }),
  );
  return startGateway(t, { more: ["--upstream", `big=127.0.0.1:${port}`, ...more] });
}

/** Opens a page, and receives the message of such a gateway. */
async function openWith(t, message, more = {}, args = []) {
  const gateway = await startSending(t, message, args);
  const parts = await openPage(t, { gateway, fragment: "#upstream=big", ...more });
  await parts.message.fill("go");
  await parts.message.press("Enter");
  await parts.received.waitFor({ timeout: 60_000 });
  await parts.received.click();
  return { ...parts, ...paneOf(parts) };
}

function paneOf({ page, wireView }) {
  return {
    tab: (name) => wireView.getByRole("tab", { name }),
    dump: page.locator("#message-dump"),
    lines: page.locator("#message-lines"),
    lit: page.locator("#message-dump .hex .lit"),
    note: page.locator("#message-byte"),
    action: (name) => wireView.getByRole("button", { name, exact: true }),
  };
}

/** Opens a tab, and waits until it is drawn. */
async function openTab({ wireView }, name) {
  await wireView.getByRole("tab", { name }).click();
  await wireView.getByRole("tab", { name, selected: true }).waitFor();
}

/** Scrolls to the end, as the scrollbar does. */
async function scrollToEnd(element) {
  await element.evaluate((it) => {
    it.scrollTop = it.scrollHeight;
  });
}

/** Waits until the end of the lines is drawn, which may be broken between two. */
const linesEnd = (page) =>
  page.waitForFunction(() => document.querySelector("#message-lines").textContent.includes("the very end"));

/** Waits until the last row of a dump of so many bytes is drawn. */
const dumpEnds = (page, length) =>
  page.waitForFunction((length) => {
    const dump = document.querySelector("#message-dump");
    const width = Number(dump.dataset.width);
    return dump.querySelector(`[data-at="${Math.floor((length - 1) / width) * width}"]`);
  }, length);

/** A JSON text of about so many bytes, with its end marked. */
function longJson(length) {
  const item = { id: 1, text: "0123456789abcdef".repeat(4), list: [true, null, 1.5] };
  const count = Math.floor(length / (JSON.stringify(item).length + 1));
  return Buffer.from(JSON.stringify([...Array(count).fill(item), "the very end"]));
}

test("the last byte of a long message is reached in every view", options, async (t) => {
  const message = longJson(300_000);
  const parts = await openWith(t, message);
  for (const name of TABS) {
    await openTab(parts, name);
    await parts.dump.locator(".dump-row").first().waitFor();
    await scrollToEnd(parts.dump);
    await dumpEnds(parts.page, message.length + (name === "Wire" ? 4 : 0));
    if (name === "Text" || name === "JSON") {
      await parts.page.locator("#message-lines[aria-busy=false]").waitFor();
      await scrollToEnd(parts.lines);
      await linesEnd(parts.page);
      assert.ok((await parts.lines.locator(".line").count()) < 80);
    }
    assert.ok((await parts.dump.locator(".dump-row").count()) < 80);
  }
});

/** Returns the memory of the page's process that is its own, in bytes, after a collection. */
async function memoryOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  // The worker has a heap of its own.
  await Promise.all(page.workers().map((worker) => worker.evaluate(() => gc())));
  const browser = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  let sum = 0;
  for (const { id } of renderers) {
    const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
    sum += 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
  }
  return sum;
}

const LONGEST = Number(process.env.MESSAGE_MIB ?? 32);

test(`${LONGEST} MiB are shown without long tasks, in three times their memory`, options, async (t) => {
  const prepare = (page) =>
    page.addInitScript(() => {
      window.longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
      }).observe({ type: "longtask" });
    });
  const message = longJson(LONGEST << 20);
  const args = ["--max-frame", `${LONGEST + 1}MiB`, "--resume-timeout", "0"];
  const gateway = await startSending(t, message, args);
  const parts = await openPage(t, { gateway, fragment: "#upstream=big", prepare });
  const { page, received, sent } = parts;
  const { dump, lines } = paneOf(parts);
  // What is loaded for any message is no part of the message's memory.
  const before = await memoryOf(page);
  await parts.message.fill("go");
  await parts.message.press("Enter");
  await sent.waitFor();
  await received.waitFor({ timeout: 60_000 });
  await received.click();
  await dump.getByText("5b 7b 22 69").waitFor();
  await page.evaluate(() => {
    window.longest = 0;
  });
  const figures = [];
  for (const name of ["Text", "JSON", "Hex", "Wire"]) {
    const opened = Date.now();
    await openTab(parts, name);
    if (name === "Text" || name === "JSON") {
      await page.locator("#message-lines[aria-busy=false]").waitFor({ timeout: 60_000 });
      await scrollToEnd(lines);
      await linesEnd(page);
    }
    await scrollToEnd(dump);
    await dumpEnds(page, message.length + (name === "Wire" ? 4 : 0));
    figures.push(`${name} ${Date.now() - opened} ms`);
  }
  const longest = await page.evaluate(() => window.longest);
  const memory = (await memoryOf(page)) - before;
  const times = memory / message.length;
  t.diagnostic(`longest task ${longest} ms; memory ${(memory / 2 ** 20).toFixed(1)} MiB, ${times.toFixed(2)} times; ${figures.join(", ")}`);
  assert.ok(longest <= 100, `a task of ${longest} ms`);
  assert.ok(times <= 3, `${times} times the message's memory`);
});

test("a segment, a byte and a line light each other", options, async (t) => {
  const parts = await openPage(t);
  const { page, message, received, wireView } = parts;
  const { dump, lines, lit, note, tab } = paneOf(parts);
  await message.fill('{"a":[1,2]}');
  await message.press("Enter");
  await received.waitFor();
  await parts.sent.click();
  await wireView.getByRole("button", { name: /^length/ }).click();
  await hasCount(lit, 4);
  await wireView.getByRole("button", { name: /^payload/ }).hover();
  await hasCount(lit, 11);
  await dump.getByText("7b", { exact: true }).click();
  await note.getByText("byte 4 (0x4): 0x7b = 123, payload").waitFor();
  await page.keyboard.press("ArrowRight");
  await note.getByText("byte 5 (0x5): 0x22 = 34, payload").waitFor();
  await tab("JSON").click();
  await lines.getByText('"a": [').click();
  const shown = async () => (await lit.allInnerTexts()).join("").replace(/\s/g, "");
  await eventually(shown, "2261223a5b");
  await dump.focus();
  await page.keyboard.press("End");
  await note.getByText("byte 10 (0xa): 0x7d = 125, payload").waitFor();
  await lines.locator(".line.lit").filter({ hasText: /\}\s*$/ }).waitFor();
  await assertAccessible(page, "lit bytes");
});

test("half a surrogate pair and deep nesting are shown as they are", options, async (t) => {
  const parts = await openPage(t);
  const { message, sent, wireView } = parts;
  const { lines, tab } = paneOf(parts);
  let count = 0;
  const show = async (text) => {
    await message.fill(text);
    await message.press("Enter");
    await sent.nth(count++).click();
    await tab("JSON").click();
  };
  await show('["\\ud800", "\\u65e5"]');
  await lines.getByText('"\\ud800",').waitFor();
  await lines.getByText('"日"').waitFor();
  await show("[".repeat(129) + "]".repeat(129));
  await wireView.getByText("129 levels, too deep to indent").waitFor();
  await show("[".repeat(5000) + "]".repeat(5000));
  await wireView.getByText("Too deep: more than 1,024 levels").waitFor();
  await show("[1, oops]");
  await wireView.getByText("Not JSON: line 1, column 5. From there on").waitFor();
  await lines.getByText("oops]").waitFor();
});

for (const secure of [true, false]) {
  test(`the whole of a tab is copied, ${secure ? "by the clipboard" : "over plain HTTP"}`, options, async (t) => {
    const permissions = secure ? ["clipboard-read", "clipboard-write"] : [];
    const prepare = secure ? undefined : withoutClipboard;
    const text = `${"line of text\n".repeat(2000)}the end`;
    const parts = await openWith(t, Buffer.from(text), { permissions, prepare });
    const { action, page, tab, wireView } = parts;
    const copied = () => page.evaluate(() => window.copied ?? navigator.clipboard.readText());
    await tab("Text").click();
    await action("Copy").click();
    await wireView.getByText("Copied").waitFor();
    assert.equal(await copied(), text);
    await tab("Hex").click();
    await action("Copy").click();
    await wireView.getByText("Copied").waitFor();
    const hex = Buffer.from(text).toString("hex").replace(/..(?=.)/g, "$& ");
    await page.waitForFunction(
      async (hex) => (window.copied ?? (await navigator.clipboard.readText())) === hex,
      hex,
    );
  });
}

test("a payload is saved as a file", options, async (t) => {
  const bytes = Buffer.from([0, 255, 1, 10]);
  const parts = await openPage(t);
  await sendFile(parts, bytes);
  await parts.sent.click();
  const saved = parts.page.waitForEvent("download");
  await parts.wireView.getByRole("button", { name: "Save payload" }).click();
  const file = await saved;
  assert.equal(file.suggestedFilename(), "message-1.bin");
  assert.deepEqual(await readFile(await file.path()), bytes);
});

test("a wire view that cannot be loaded shows bytes, and can be tried again", options, async (t) => {
  const prepare = (page) => page.route("**/late_bg.wasm*", (route) => route.abort());
  const { page, message, sent, wireView } = await openPage(t, { prepare });
  await message.fill("hello");
  await message.press("Enter");
  await sent.click();
  await wireView.getByText("This part of the page could not be loaded.").waitFor();
  await wireView.getByText("68 65 6c 6c 6f").waitFor();
  await assertAccessible(page, "a wire view that could not be loaded");
  await page.unroute("**/late_bg.wasm*");
  await wireView.getByRole("button", { name: "Try again" }).click();
  await wireView.getByText("= 5, u32, little-endian").waitFor();
});

test("payloads are isolated, and not translated", options, async (t) => {
  const parts = await openPage(t);
  await parts.message.fill("שלום abc");
  await parts.message.press("Enter");
  await parts.sent.click();
  const { dump, lines, tab } = paneOf(parts);
  await tab("Text").click();
  assert.equal(await lines.locator("bdi").getAttribute("dir"), "auto");
  assert.equal(await lines.getAttribute("translate"), "no");
  assert.equal(await dump.getAttribute("translate"), "no");
});
