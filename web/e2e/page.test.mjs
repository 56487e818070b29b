// The page against a real gateway.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, hasValue, openPage } from "./harness.mjs";

const options = { timeout: 60_000 };

test("a message is echoed and its bytes are shown", options, async (t) => {
  const { message, send, sent, received, wireView } = await openPage(t);
  await message.fill("hello");
  await send.click();
  await received.getByText("echo : hello").waitFor();
  await sent.click();
  await wireView.getByText("= 5, u32, little-endian").waitFor();
  const bytes = async () => (await wireView.locator(".hex").innerText()).trim();
  await eventually(bytes, "05 00 00 00 68 65 6c 6c 6f");
  await hasValue(message, "");
});

test("Japanese text is echoed unchanged", options, async (t) => {
  const { message, sent, received, wireView } = await openPage(t);
  await message.fill("こんにちは、世界");
  await message.press("Enter");
  await received.getByText("echo : こんにちは、世界").waitFor();
  await sent.click();
  await wireView.getByText("24 bytes of UTF-8").waitFor();
  await wireView.getByText("e3 81 93 e3 82 93").waitFor();
});

test("the composer previews the bytes of a draft", options, async (t) => {
  const { page, message } = await openPage(t);
  await message.fill("hello");
  await page.getByText("05 00 00 00").waitFor();
  await page.getByText("68 65 6c 6c 6f").waitFor();
  await page.getByText("(9 bytes)").waitFor();
});

test("markup in a message is shown as text", options, async (t) => {
  const { page, message, received } = await openPage(t);
  await message.fill("<b id=markup>bold</b>");
  await message.press("Enter");
  await received.getByText("echo : <b id=markup>bold</b>").waitFor();
  assert.equal(await page.locator("#markup").count(), 0);
});

test("Enter handled by an input method does not send", options, async (t) => {
  const { page, message, sent } = await openPage(t);
  const keyboard = await page.context().newCDPSession(page);
  const text = "にほん";
  await message.focus();
  await keyboard.send("Input.imeSetComposition", {
    text,
    selectionStart: text.length,
    selectionEnd: text.length,
  });
  // The browser's event for a key that an input method handles.
  const enter = { type: "rawKeyDown", key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 };
  await keyboard.send("Input.dispatchKeyEvent", enter);
  await keyboard.send("Input.insertText", { text });
  // Safari ends the composition before the key event.
  await message.dispatchEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true });
  await hasValue(message, text);
  await message.press("Shift+Enter");
  await hasValue(message, `${text}\n`);
  await message.press("Control+Enter");
  await sent.getByText(text).waitFor();
  assert.equal(await sent.count(), 1);
});

test("messages can be sent and selected by keyboard alone", options, async (t) => {
  const { page, messages, received, sent, wireView } = await openPage(t);
  await page.keyboard.type("one");
  await page.keyboard.press("Enter");
  await received.getByText("echo : one").waitFor();
  await page.keyboard.type("two");
  await page.keyboard.press("Enter");
  await received.getByText("echo : two").waitFor();

  const list = page.getByRole("listbox", { name: "Messages" });
  while (!(await list.evaluate((list) => list === document.activeElement))) {
    await page.keyboard.press("Shift+Tab");
  }
  // The first row is the connection's.
  await page.keyboard.press("Home");
  await messages.getByRole("option", { selected: true }).getByText("Connected to echo").waitFor();
  await page.keyboard.press("ArrowDown");
  await wireView.getByText("3 bytes of UTF-8").waitFor();
  await eventually(() => sent.first().getAttribute("aria-selected"), "true");
  await page.keyboard.press("ArrowDown");
  await wireView.getByText("10 bytes of UTF-8").waitFor();
  await eventually(() => received.first().getAttribute("aria-selected"), "true");
  await page.keyboard.press("Escape");
  await messages.getByRole("option", { selected: true }).waitFor({ state: "detached" });
});

test("a message selected on a phone stays visible above the wire view", options, async (t) => {
  const viewport = { width: 390, height: 844 };
  const { page, button, wireView } = await openPage(t, { viewport });
  await button("Ten times").click();
  await page.locator("#message-19").waitFor();
  // A row in the middle, while the log follows its end.
  await page.locator("#message-10").click();
  await wireView.getByRole("button", { name: "Close" }).waitFor();
  await page.waitForFunction(() => {
    const [row, list] = ["#message-10", ".rows"].map((it) => document.querySelector(it));
    const [{ top, bottom }, seen] = [row, list].map((it) => it.getBoundingClientRect());
    return seen.height < 400 && top >= seen.top - 1 && bottom <= seen.bottom + 1;
  });
});

test("the page fits a small phone without horizontal scrolling", options, async (t) => {
  const viewport = { width: 360, height: 640 };
  const { page, message, received, sent, wireView } = await openPage(t, { viewport });
  const overflow = () => page.evaluate(() => document.body.scrollWidth - window.innerWidth);
  assert.equal(await overflow(), 0);
  await message.fill("abcd efg".repeat(37) + "x".repeat(4));
  await message.press("Enter");
  await received.waitFor();
  await sent.click();
  await wireView.getByText("300 bytes of UTF-8").waitFor();
  assert.equal(await overflow(), 0);
  const row = wireView.locator(".dump-row").nth(1);
  const places = await row.locator(":scope > *").evaluateAll((columns) =>
    columns.map((it) => it.getBoundingClientRect()).map(({ top, height }) => [top, height]),
  );
  assert.equal(places.length, 3);
  assert.equal(new Set(places.map(String)).size, 1, `${places}`);
});
