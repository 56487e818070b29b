// Messages: drafts, repetitions, filter, pause, scrolling, export, history.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { hasCount, hasValue, openPage, sendAll } from "./harness.mjs";

const options = { timeout: 60_000 };

test("hexadecimal and Base64 drafts are sent as bytes", options, async (t) => {
  const parts = await openPage(t);
  const { page, choice, message, send, sent, received, wireView } = parts;
  await choice("Format").selectOption("Hex");
  await message.fill("ff 0");
  await page.getByText("A byte needs two digits.").waitFor();
  assert.ok(await send.isDisabled());
  await message.fill("ff 00");
  await send.click();
  await received.first().waitFor();
  await sent.first().click();
  await wireView.getByText("2 bytes that are not UTF-8").waitFor();
  await choice("Format").selectOption("Base64");
  await message.fill("aGk=");
  await send.click();
  await received.getByText("echo : hi").waitFor();
  await sent.last().click();
  await wireView.getByText("2 bytes of UTF-8, sent as binary").waitFor();
});

test("the Ten times button sends ten messages", options, async (t) => {
  const { button, received } = await openPage(t);
  await button("Ten times").click();
  await received.nth(9).waitFor();
  await hasCount(received.getByText("echo : hello"), 10);
});

test("a thousand repetitions are all sent and answered", options, async (t) => {
  const { button, count, message, repeat, statistics } = await openPage(t);
  await message.fill("again");
  await count.fill("1000");
  await repeat.getByRole("button", { name: "Start" }).click();
  await repeat.getByText("1,000 of 1,000 sent").waitFor();
  await statistics.getByText("1,000 · 4.88 KiB").waitFor();
  await statistics.getByText("1,000 · 11.7 KiB").waitFor();
  await button("Start").waitFor();
});

test("a repetition can be stopped", options, async (t) => {
  const { button, choice, count, message, repeat } = await openPage(t);
  await message.fill("again");
  await count.fill("1000000");
  await choice("Pace").selectOption("10/s");
  await button("Start").click();
  await button("Stop").click();
  await button("Start").waitFor();
  await repeat.getByText(/^\d+ of 1,000,000 sent$/).waitFor();
});

test("the filter matches text, regular expressions and a direction", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, choice, filter, sent, received } = parts;
  await sendAll(parts, ["apple", "pear", "pineapple"]);
  await filter.fill("APPLE");
  await page.getByText("4 of 6").waitFor();
  await filter.fill("/^p.*e/");
  await page.getByText("2 of 6").waitFor();
  assert.deepEqual(await sent.locator(".preview").allInnerTexts(), ["pear", "pineapple"]);
  await filter.fill("/(/");
  await page.getByRole("alert").getByText("open group").waitFor();
  await filter.fill("nothing like it");
  await button("Show all").click();
  await choice("Direction").selectOption({ index: 2 });
  await page.getByText("3 of 6").waitFor();
  await hasCount(sent, 0);
  await hasCount(received, 3);
});

test("a paused log holds messages back until it is resumed", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, message, received } = parts;
  await sendAll(parts, ["one"]);
  await button("Pause").click();
  await message.fill("two");
  await message.press("Enter");
  await page.getByText("2 new while paused").waitFor();
  assert.equal(await received.count(), 1);
  await button("Resume").click();
  await received.getByText("echo : two").waitFor();
});

test("a log scrolled up stays in place and counts new messages", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, count, message, messages, received, repeat, statistics } = parts;
  await message.fill("many");
  await count.fill("200");
  await button("Start").click();
  await repeat.getByText("200 of 200").waitFor();
  await statistics.getByText("200 · 2.15 KiB").waitFor();
  await received.last().hover();
  await page.mouse.wheel(0, -2000);
  await button("↓ Latest").waitFor();
  await message.fill("new");
  await message.press("Enter");
  await button("↓ 2 new").click();
  await messages.getByText("echo : new").waitFor();
});

test("a log at its end stays there when it shrinks", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, count, message, received, repeat } = parts;
  await message.fill("many");
  await count.fill("100");
  await button("Start").click();
  await repeat.getByText("100 of 100").waitFor();
  await parts.statistics.getByText("100 · 1.07 KiB").waitFor();
  // The note on the filter takes a line above the log.
  await parts.filter.fill("many");
  await page.getByText("200 of 200").waitFor();
  const list = await page.getByRole("listbox", { name: "Messages" }).elementHandle();
  await page.waitForFunction(
    (list) => list.scrollTop + list.clientHeight >= list.scrollHeight - 1,
    list,
  );
  assert.ok(await received.last().isVisible());
});

test("an export is valid NDJSON or CSV, and can be imported", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, filter, received } = parts;
  await sendAll(parts, ["こんにちは", 'a "quoted", one']);
  const save = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), button(name).click()]);
    return { path: await download.path(), name: download.suggestedFilename() };
  };
  await button("Export").click();
  const { path, name } = await save("NDJSON");
  assert.equal(name, "framegate.ndjson");
  const rows = (await readFile(path, "utf8")).trim().split("\n").map(JSON.parse);
  const seen = rows.map(({ direction, text }) => `${direction} ${text}`);
  assert.deepEqual(seen, [
    "sent こんにちは",
    "received echo : こんにちは",
    'sent a "quoted", one',
    'received echo : a "quoted", one',
  ]);
  assert.equal(rows[1].answers, rows[0].id);
  assert.ok(Math.abs(new Date(rows[0].time) - Date.now()) < 60_000);

  await filter.fill("quoted");
  await button("Export").click();
  const csv = (await readFile((await save("CSV")).path, "utf8")).trim().split("\r\n");
  assert.equal(csv.length, 3);
  assert.ok(csv[1].endsWith(',text,"a ""quoted"", one"'));
  await filter.fill("");

  await button("Clear").click();
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    button("Export").click().then(() => button("Import").click()),
  ]);
  await chooser.setFiles(path);
  await page.getByText("4 messages imported.").waitFor();
  assert.equal(await received.count(), 2);
});

test("the wire view has tabs for text, JSON and bytes, and a copy button", options, async (t) => {
  const permissions = ["clipboard-read", "clipboard-write"];
  const parts = await openPage(t, { permissions });
  const { page, sent, wireView } = parts;
  await sendAll(parts, ['{"b":[1.0]}']);
  await sent.click();
  const tab = (name) => wireView.getByRole("tab", { name });
  await tab("Wire").focus();
  for (const name of ["Text", "JSON"]) {
    await page.keyboard.press("ArrowRight");
    await wireView.getByRole("tab", { name, selected: true }).waitFor();
  }
  await wireView.getByText('"b": [').waitFor();
  await wireView.getByRole("button", { name: "Copy" }).click();
  await wireView.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, '{\n  "b": [\n    1.0\n  ]\n}');
  await tab("Hex").click();
  await wireView.getByText("7b 22 62 22").waitFor();
});

test("a reload keeps history, saved messages and settings", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, choice, connection, message } = parts;
  await sendAll(parts, ["one", "two"]);
  await message.fill("keep me");
  await button("Saved").click();
  await page.getByRole("textbox", { name: "Name" }).fill("mine");
  await button("Save").click();
  await choice("Theme").selectOption("Dark");
  await choice("Keep").selectOption("100,000 messages");
  await page.reload();
  await connection.getByText("Open").waitFor();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await message.press("ArrowUp");
  await hasValue(message, "two");
  await message.press("ArrowUp");
  await hasValue(message, "one");
  await button("Saved").click();
  await button("mine").click();
  await hasValue(message, "keep me");
});
