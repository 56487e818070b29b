// The Fields view: payloads taken apart, tied to their bytes, edited and kept.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { exportAll, importFile, sendFile } from "./files.mjs";
import { assertAccessible, eventually, hasCount, hasValue, listen, openPage, startGateway } from "./harness.mjs";

const options = { timeout: 60_000 };

/** `{"id": 7, "name": "bob"}` in MessagePack. */
const BOB = Buffer.from("82a2696407a46e616d65a3626f62", "hex");

/** Opens a page, sends bytes, and shows their fields. */
async function openFields(t, bytes, more = {}) {
  const parts = await openPage(t, more);
  await sendFile(parts, bytes);
  await parts.sent.click();
  await parts.wireView.getByRole("tab", { name: "Fields" }).click();
  return { ...parts, ...viewOf(parts) };
}

function viewOf({ page, wireView }) {
  return {
    format: wireView.getByRole("combobox", { name: "Format" }),
    rows: page.locator("#message-lines .field"),
    row: (text) => page.locator("#message-lines .field").filter({ hasText: text }),
    lit: page.locator("#message-dump .hex .lit"),
    dump: page.locator("#message-dump"),
    action: (name) => wireView.getByRole("button", { name, exact: true }),
  };
}

/** Fails unless these bytes are lit within seconds. */
const hasLit = (lit, bytes) =>
  eventually(async () => (await lit.allInnerTexts()).join("").replace(/\s/g, ""), bytes);

test("a payload is guessed, and its rows and bytes light each other", options, async (t) => {
  const parts = await openFields(t, BOB);
  const { page, wireView, format, rows, row, lit, dump } = parts;
  await format.getByText("Guess: MessagePack").waitFor({ state: "attached" });
  await wireView.getByText("A guess: the bytes do not tell their format.").waitFor();
  await hasCount(rows, 3);
  await row("name").hover();
  await hasLit(lit, "a46e616d65a3626f62");
  await row("id").click();
  await page.mouse.move(0, 0);
  await hasLit(lit, "a2696407");
  await page.locator("#message-lines").focus();
  await page.keyboard.press("ArrowDown");
  await hasLit(lit, "a46e616d65a3626f62");
  await dump.getByText("07", { exact: true }).click();
  await page.locator(".field.picked").getByText("id").waitFor();
  await assertAccessible(page, "fields");
});

test("a broken payload shows its right half, and where it stopped", options, async (t) => {
  const { wireView, rows, format } = await openFields(t, BOB.subarray(0, 12));
  await format.selectOption("msgpack");
  await wireView.getByText(/Stopped at byte \d+: /).waitFor();
  assert.ok((await rows.count()) >= 2);
});

test("an edited field goes to the composer, and is not sent", options, async (t) => {
  const parts = await openFields(t, BOB);
  const { action, choice, message, row, sent, wireView } = parts;
  await row("name").click();
  await wireView.getByRole("textbox", { name: "Value of name" }).fill("alice");
  await action("Put into the composer").click();
  await wireView.getByText("In the composer: not sent yet.").waitFor();
  const edited = "82 a2 69 64 07 a4 6e 61 6d 65 a5 61 6c 69 63 65";
  await hasValue(message, edited);
  await hasValue(choice("Format").last(), "Hex");
  assert.equal(await sent.count(), 1);
  await action("Edit as JSON").click();
  const json = wireView.getByRole("textbox", { name: "Payload as JSON" });
  assert.deepEqual(JSON.parse(await json.inputValue()), { id: 7, name: "bob" });
  await json.fill('{"id": 8}');
  await action("Put into the composer").first().click();
  await hasValue(message, "81 a2 69 64 08");
  await json.fill("{");
  await action("Put into the composer").first().click();
  await wireView.getByText(/line 1/).waitFor();
  assert.equal(await sent.count(), 1);
});

test("a layout is kept for the upstream, over a reload and in the link", options, async (t) => {
  const parts = await openFields(t, Buffer.from([1, 0, 0, 0, 9, 104, 105]));
  const { page, format, row, wireView } = parts;
  await format.selectOption("layout");
  const layout = wireView.getByRole("textbox", { name: "Layout" });
  await layout.fill("u8 type, u32be nonsense[");
  await wireView.getByText(/line 1, column/).waitFor();
  await assertAccessible(page, "a wrong layout");
  await layout.fill("u8 type, u32be seq, text rest");
  await row("seq").getByText("9", { exact: true }).waitFor();
  await row("rest").getByText("hi").waitFor();
  const link = page.url();
  assert.match(link, /#fields=layout/);
  await page.reload();
  await sendFile(parts, Buffer.from([2, 0, 0, 0, 5]));
  await parts.sent.nth(1).click();
  await wireView.getByRole("tab", { name: "Fields" }).click();
  await row("seq").getByText("5", { exact: true }).waitFor();
  assert.equal(page.url(), link);
});

test("a layout can be typed while messages arrive, none of which is selected", options, async (t) => {
  const timers = [];
  const service = createServer((client) => {
    client.on("error", () => {});
    timers.push(setInterval(() => client.write('{"id": 7}\n'), 50));
  });
  t.after(() => timers.forEach(clearInterval));
  const port = await listen(t, service);
  const more = ["--upstream", `127.0.0.1:${port}?framing=lines`];
  const parts = await openPage(t, { gateway: await startGateway(t, { more }) });
  const { page, received, wireView } = parts;
  await received.nth(2).waitFor();
  await wireView.getByRole("tab", { name: "Fields" }).click();
  const { format, row } = viewOf(parts);
  await format.selectOption("layout");
  const layout = wireView.getByRole("textbox", { name: "Layout" });
  await layout.focus();
  await layout.pressSequentially("u8 open, text rest", { delay: 40 });
  await hasValue(layout, "u8 open, text rest");
  await row("open").getByText("123", { exact: true }).waitFor();
  assert.ok(await layout.evaluate((box) => box === document.activeElement));
  // The latest message is shown as soon as the box is left.
  const facts = page.locator("#message-facts");
  const before = await facts.innerText();
  await parts.message.focus();
  await eventually(async () => (await facts.innerText()) === before, false);
});

test("the message that someone works with stays, and buttons are for it", options, async (t) => {
  const timers = [];
  let number = 1000;
  const service = createServer((client) => {
    client.on("error", () => {});
    timers.push(setInterval(() => client.write(`{"id": ${number++}}\n`), 20));
  });
  t.after(() => timers.forEach(clearInterval));
  const port = await listen(t, service);
  const more = ["--upstream", `127.0.0.1:${port}?framing=lines`];
  const parts = await openPage(t, { gateway: await startGateway(t, { more }) });
  const { page, message, received, sent, wireView } = parts;
  await received.nth(2).waitFor();
  await wireView.getByRole("tab", { name: "Fields" }).click();
  const { dump, row } = viewOf(parts);
  await page.locator("#message-lines").focus();
  const shown = await row("id").innerText();
  const id = shown.match(/\d{4}/)[0];
  await row("id").click();
  const value = wireView.getByRole("textbox", { name: "Value of id" });
  await value.fill("5");
  const before = number;
  await eventually(() => number > before + 20, true);
  assert.equal(await row("id").innerText(), shown);
  await dump.getByText("22 69 64 22 3a 20 31").first().waitFor();
  await wireView.getByRole("button", { name: "Put into the composer" }).click();
  await hasValue(message, "7b 22 69 64 22 3a 20 35 7d");
  await wireView.getByRole("button", { name: "Send again" }).click();
  await sent.getByText(`{"id": ${id}}`).waitFor();
  // The latest is shown when the focus goes elsewhere.
  await message.focus();
  await eventually(async () => (await row("id").innerText()) === shown, false);
});

test("a link has its parameters in any order", options, async (t) => {
  const { echo } = await startGateway(t);
  const gateway = await startGateway(t, { more: ["--upstream", `other=${new URL(echo).host}`] });
  const fragment = "#fields=layout%0Au8%20type%2C%20text%20rest&try&upstream=other";
  const parts = await openPage(t, { gateway, fragment });
  const { choice, page, sent, wireView } = parts;
  await page.getByRole("dialog", { name: "Try on bytes" }).waitFor();
  await page.keyboard.press("Escape");
  await hasValue(choice("Upstream"), "other · u32le");
  await sendFile(parts, Buffer.from([2, 104, 105]));
  await sent.click();
  await wireView.getByRole("tab", { name: "Fields" }).click();
  const { format, row } = viewOf(parts);
  await row("rest").getByText("hi", { exact: true }).waitFor();
  // The format of the link is that of its upstream.
  await choice("Upstream").selectOption("echo · u32le");
  await parts.messages.getByText("Connected to echo").waitFor();
  await sendFile(parts, BOB);
  await hasCount(sent, 2);
  await sent.last().click();
  await hasValue(format, "guess");
});

test("an export has the format of the fields, and an import restores it", options, async (t) => {
  const parts = await openFields(t, Buffer.from([1, 0, 0, 0, 9, 104, 105]));
  const { format, page, row, wireView } = parts;
  await format.selectOption("layout");
  await wireView.getByRole("textbox", { name: "Layout" }).fill("u8 type, u32be seq, text rest");
  await row("seq").getByText("9", { exact: true }).waitFor();
  const file = Buffer.from(await exportAll(parts));
  const layout = { event: "fields", format: "layout", schema: "u8 type, u32be seq, text rest" };
  assert.deepEqual(JSON.parse(file.toString().split("\n")[0]), layout);

  const other = await openFields(t, BOB);
  await importFile(other, file);
  await other.format.getByText("Layout of your own").waitFor({ state: "attached" });
  await other.sent.last().click();
  const { row: otherRow } = viewOf(other);
  await otherRow("seq").getByText("9", { exact: true }).waitFor();

  // Another format of one's own is replaced only if one says so.
  await other.format.selectOption("msgpack");
  await importFile(other, file);
  const dialog = other.page.getByRole("dialog");
  await dialog.getByText("The upstream has another, MessagePack.").waitFor();
  await assertAccessible(other.page, "two formats");
  await dialog.getByRole("button", { name: "Keep the present one" }).click();
  await hasValue(other.format, "msgpack");
  await importFile(other, file);
  await dialog.getByRole("button", { name: "Take the file’s" }).click();
  await hasValue(other.format, "layout");
});

test("bytes of no known format say what can be done", options, async (t) => {
  const { page, format, wireView } = await openFields(t, Buffer.from([1, 255, 254]));
  await format.getByText("Guess: none is likely").waitFor({ state: "attached" });
  await wireView.getByText("No known format fits: choose one, or write a layout.").waitFor();
  await assertAccessible(page, "no format");
});

test("fields filter the log, by a guess and by the format that is chosen", options, async (t) => {
  const parts = await openFields(t, BOB);
  const { filter, format, page, received, sent } = parts;
  await parts.message.fill('{"id": 70, "user": {"name": "alice"}}');
  await parts.message.press("Enter");
  await received.nth(1).waitFor();
  await filter.fill("field: id=7");
  await hasCount(sent, 1);
  await filter.fill("field: user.name");
  await sent.getByText("alice").waitFor();
  await hasCount(sent, 1);
  await filter.fill("field: id>=7");
  await hasCount(sent, 2);
  await filter.fill("field:");
  await page.getByRole("alert").getByText("write a name").waitFor();
  // By JSON, MessagePack has no fields; the log follows the choice.
  await filter.fill("field: name");
  await hasCount(sent, 2);
  await format.selectOption("json");
  await hasCount(sent, 1);
});

test("a compressed payload is unpacked first", options, async (t) => {
  const { row, wireView } = await openFields(t, gzipSync(BOB));
  await wireView.getByText("unpacked 14 bytes").waitFor();
  await row("name").getByText("bob").waitFor();
});

test("fields are shown in Japanese on a phone", options, async (t) => {
  const viewport = { width: 360, height: 740 };
  const parts = await openPage(t, { viewport, locale: "ja", opens: false });
  const { page } = parts;
  await page.getByText("接続済み").waitFor();
  await page.getByRole("textbox", { name: "メッセージ" }).fill('{"id": 7}');
  await page.keyboard.press("Enter");
  await page.locator('[data-direction="sent"]').click();
  await page.getByRole("tab", { name: "フィールド" }).click();
  await page.getByText("推測です").waitFor();
  await page.locator(".field").nth(1).click();
  await assertAccessible(page, "fields on a phone");
  assert.equal(await page.evaluate(() => document.body.scrollWidth - innerWidth), 0);
});

test("reasons of the Fields view and of the filter are Japanese in the Japanese page", options, async (t) => {
  const { page, choice, row } = await openFields(t, BOB);
  await choice("Language").selectOption("日本語");
  await page.locator("html[lang=ja]").waitFor();
  const search = page.getByRole("searchbox");
  await search.fill("/(/");
  await page.getByText("「(」が閉じていません。").waitFor();
  await search.fill("");
  await row("id").click();
  await page.locator("#fields-value").fill("x");
  await page.locator("#fields-value").press("Enter");
  await page.getByText("整数を 10 進数か、0x で始まる 16 進数で書いてください").waitFor();
  await page.locator("#fields-format").selectOption("protobuf");
  await page.getByText(/^バイト \d+ で停止: .*[ぁ-ん]/).waitFor();
  await page.locator("#fields-format").selectOption("layout");
  await page.getByText("Layout にはスキーマが必要です").waitFor();
  const layout = page.locator("#fields-schema");
  await layout.fill("u8 type\nu16 seq");
  await page.getByText("2 行 1 桁: u16 は 2 バイト以上です。u16be か u16le と書いてください").waitFor();
  await layout.fill("u8 type u8");
  await page.getByText("1 行 9 桁: フィールドの間に「,」が必要ですが、「u8」があります").waitFor();
});
