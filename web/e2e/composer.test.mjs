// The composer: what is pasted, dropped or typed stays until Send.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, eventually, hasCount, hasValue, openPage, startGateway } from "./harness.mjs";
import { transfer } from "./transfer.mjs";

const options = { timeout: 60_000 };

/** Returns locators of the composer's attachments. */
const attached = (page) => page.getByRole("list", { name: "Attachments" }).getByRole("listitem");

test("cells that are pasted with a picture of them are text, and nothing is sent", options, async (t) => {
  const { page, message, sent } = await openPage(t);
  const cells = { text: "a\tb\nc\td", files: [["image.png", [1, 2]]] };
  assert.equal(await transfer(message, "paste", cells), false, "the browser inserts the text");
  await message.fill("still here");
  assert.equal(await attached(page).count(), 0);
  assert.equal(await sent.count(), 0);
});

test("pasted and dropped files stand in the composer until Send", options, async (t) => {
  const { page, button, message, sent, received, wireView } = await openPage(t);
  assert.ok(await transfer(message, "paste", { files: [["picture.png", [0x89, 0x50, 0xff]]] }));
  await attached(page).getByText("picture.png").waitFor();
  await attached(page).getByText("3 B").waitFor();
  await attached(page).getByText("89 50 ff").waitFor();
  const files = [["one.bin", [1]], ["two.bin", [2, 2]], ["three.bin", Array(40).fill(3)]];
  assert.ok(await transfer(message, "drop", { files }));
  await attached(page).getByText("03 03 …").waitFor();
  await hasCount(attached(page), 4);
  await assertAccessible(page, "attachments");
  assert.equal(await sent.count(), 0);
  await button("Remove one.bin").click();
  await message.fill("first");
  await message.press("Enter");
  await received.nth(3).waitFor();
  await hasCount(attached(page), 0);
  const sizes = await sent.locator(".size").allInnerTexts();
  assert.deepEqual(sizes, ["5 B", "3 B", "2 B", "40 B"]);
  await sent.nth(1).click();
  await wireView.getByText("3 bytes that are not UTF-8").waitFor();
});

test("keys that come before the page is drawn send and remove a file once", options, async (t) => {
  const { page, button, message, received, sent } = await openPage(t);
  await transfer(message, "drop", { files: [["one.bin", [1]], ["two.bin", [2]]] });
  await hasCount(attached(page), 2);
  await button("Remove one.bin").evaluate((button) => {
    button.click();
    button.click();
  });
  await attached(page).getByText("two.bin").waitFor();
  await hasCount(attached(page), 1);
  await message.evaluate((box) => {
    const enter = { key: "Enter", bubbles: true, cancelable: true };
    const press = () => box.dispatchEvent(new KeyboardEvent("keydown", enter));
    press();
    press();
  });
  await hasCount(attached(page), 0);
  // The second Enter has sent an empty message.
  await received.nth(1).waitFor();
  const sizes = await sent.locator(".size").allInnerTexts();
  assert.deepEqual(sizes, ["1 B", "0 B"]);
});

/** Prepares a page whose frames and timers wait between `window.hold()` and `window.release()`. */
const holdable = (page) =>
  page.addInitScript(() => {
    let isHeld = false;
    const held = new Map();
    for (const [begin, end] of [["requestAnimationFrame", "cancelAnimationFrame"], ["setTimeout", "clearTimeout"]]) {
      const [real, cancel] = [window[begin], window[end]];
      window[begin] = (callback, ...rest) => {
        const run = () => (isHeld ? held.set(`${begin} ${id}`, callback) : callback(performance.now()));
        const id = real.call(window, run, ...rest);
        return id;
      };
      window[end] = (id) => {
        held.delete(`${begin} ${id}`);
        cancel.call(window, id);
      };
    }
    window.hold = () => (isHeld = true);
    window.release = () => {
      isHeld = false;
      const callbacks = [...held.values()];
      held.clear();
      callbacks.forEach((callback) => callback(performance.now()));
    };
  });

/** Does `action` with a page that is not drawn, unless an event draws it. */
async function undrawn(page, action) {
  await page.evaluate(() => hold());
  await action();
  await page.evaluate(() => release());
}

test("keys and clicks act on the state, drawn or not", options, async (t) => {
  const { page, button, choice, message, received, sent } = await openPage(t, { prepare: holdable });
  const sizes = () => sent.locator(".size").allInnerTexts();
  await transfer(message, "drop", { files: [["one.bin", [1, 1, 1]]] });
  await attached(page).waitFor();
  await message.fill("hi");
  // A file that was just removed is not sent.
  await undrawn(page, async () => {
    await button("Remove one.bin").click();
    await message.press("Enter");
  });
  await received.waitFor();
  assert.deepEqual(await sizes(), ["2 B"]);
  // What is typed after a recalled message is added to it, and a format is that of the message.
  await undrawn(page, async () => {
    await message.press("ArrowUp");
    await page.keyboard.type("!");
    await page.keyboard.press("Enter");
  });
  await received.getByText("echo : hi!").waitFor();
  await message.fill("6869");
  await undrawn(page, async () => {
    await choice("Format").selectOption("Hex");
    await message.press("Enter");
  });
  await received.nth(2).waitFor();
  assert.deepEqual(await sizes(), ["2 B", "3 B", "2 B"]);
  // Keys after Enter begin the next message.
  await undrawn(page, async () => {
    await page.keyboard.type("00");
    await page.keyboard.press("Enter");
    await page.keyboard.type("01");
  });
  await received.nth(3).waitFor();
  await hasValue(message, "01");
  // The second press of a switch undoes the first.
  await undrawn(page, async () => {
    await button("Pause").click();
    await page.keyboard.press("Space");
  });
  await button("Pause").waitFor();
});

test("a batch that is stopped sends nothing more, drawn or not", options, async (t) => {
  const { page, button, choice, connection, count, disconnect } = await openPage(t, { prepare: holdable });
  await count.fill("1000000");
  await choice("Pace").selectOption("100/s");
  await button("Start").click();
  await button("Stop").waitFor();
  await page.evaluate(() => hold());
  await disconnect.click();
  // As many turns of the batch as a tenth of a second has.
  await page.waitForTimeout(100);
  await page.evaluate(() => release());
  await connection.getByText("Disconnected").waitFor();
  assert.equal(await page.getByRole("alert").innerText(), "");
});

test("files that are copied in a file manager come with their names, and are files", options, async (t) => {
  const { page, message } = await openPage(t);
  const copied = { text: "/home/me/a.bin\n/home/me/b.bin", files: [["a.bin", [1]], ["b.bin", [2]]] };
  assert.ok(await transfer(message, "paste", copied));
  await attached(page).nth(1).waitFor();
});

test("a file that is too long says so, and cannot be sent", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--max-frame", "1KiB"] });
  const { page, button, message, send, sent } = await openPage(t, { gateway });
  await transfer(message, "drop", { files: [["long.bin", Array(1025).fill(0)]] });
  await page.getByRole("alert").getByText("Too long by 1 byte").waitFor();
  assert.ok(await send.isDisabled());
  await button("Remove long.bin").click();
  // Waits until the button is enabled.
  await send.click({ trial: true });
  assert.equal(await sent.count(), 0);
});

test("a file's name reorders nothing, and leaves the page its width", options, async (t) => {
  const { page, button, message } = await openPage(t, { viewport: { width: 320, height: 568 } });
  const names = [`photo\u202egnp.exe\n${"b".repeat(240)}`, "日".repeat(240)];
  await transfer(message, "drop", { files: names.map((name) => [name, [1]]) });
  await hasCount(attached(page), 2);
  await attached(page).getByText("photo\\u202egnp.exe\\nbbb").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await page.getByRole("button", { name: "Remove photo\\u202egnp.exe" }).click();
  await page.getByRole("button", { name: /^Remove 日/ }).click();
  await hasCount(attached(page), 0);
});

test("a long text that is pasted is a file, with its own line breaks", options, async (t) => {
  const { page, choice, message, received } = await openPage(t);
  const text = "a\r\n".repeat(100_000);
  assert.ok(await transfer(message, "paste", { text }));
  await attached(page).getByText("61 0d 0a").waitFor();
  await hasValue(message, "");
  assert.equal(await page.getByText("CRLF line breaks").count(), 0);
  await message.press("Enter");
  await received.waitFor();
  // Digits are no text.
  await choice("Format").selectOption("Hex");
  assert.equal(await transfer(message, "paste", { text }), false);
});

test("dropped text is inserted where the caret is", options, async (t) => {
  const { page, message, sent } = await openPage(t);
  await message.fill("ac");
  await message.press("ArrowLeft");
  await transfer(message, "drop", { text: "b" });
  await page.waitForFunction(() => document.querySelector("textarea").value === "abc");
  const log = page.getByRole("log");
  assert.ok(await transfer(log, "drop", { text: "!" }));
  await page.waitForFunction(() => document.querySelector("textarea").value === "ab!c");
  assert.equal(await sent.count(), 0);
});

test("a file that is dropped beside the composer never makes the browser leave", options, async (t) => {
  const { page, gateway } = await openPage(t);
  for (const place of ["header", ".log", ".stats", "body"]) {
    const where = page.locator(place).first();
    assert.ok(await transfer(where, "dragover", { files: [["a.bin", [1]]] }), place);
    assert.ok(await transfer(where, "drop", { files: [["a.bin", [1]]] }), place);
  }
  await attached(page).nth(3).waitFor();
  assert.equal(page.url(), gateway.page);
});

test("attachments stay while another tab of the page is open", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--monitor"] });
  const { page, button, message } = await openPage(t, { gateway });
  await transfer(message, "drop", { files: [["a.bin", [1]]] });
  await attached(page).waitFor();
  await button("Monitor").click();
  await message.waitFor({ state: "detached" });
  await button("Console").click();
  await attached(page).getByText("a.bin").waitFor();
});

test("the page redraws each second and resets no box in which someone types", options, async (t) => {
  const { page, button, choice, count, filter, gateway, message } = await openPage(t);
  // As many redraws as two seconds have, and with them two of the clock.
  const redraw = () => page.waitForTimeout(1200);
  await choice("Upstream").selectOption("Other URL…");
  const url = page.getByRole("textbox", { name: "WebSocket URL" });
  const target = gateway.page.replace("http:", "ws:") + "ws";
  await url.pressSequentially(target.slice(0, 8));
  await redraw();
  await url.pressSequentially(target.slice(8));
  assert.equal(await url.inputValue(), target);
  await url.press("Enter");
  await filter.pressSequentially("nothing");
  await count.fill("0");
  await message.fill("a draft");
  await button("Saved").click();
  const name = page.getByRole("textbox", { name: "Name" });
  await name.pressSequentially("my na");
  await redraw();
  await name.pressSequentially("me");
  assert.equal(await count.inputValue(), "0");
  assert.equal(await filter.inputValue(), "nothing");
  assert.equal(await name.inputValue(), "my name");
});

test("a list in which someone chooses is not reset", options, async (t) => {
  const { page, choice } = await openPage(t);
  // As in an open list of Firefox: the choice is made, and not yet told.
  await choice("Format").evaluate((select) => (select.selectedIndex = 1));
  await page.waitForTimeout(1200);
  assert.equal(await choice("Format").evaluate((select) => select.selectedIndex), 1);
});

test("the message box grows with its text without a style of one engine", options, async (t) => {
  const { page, message } = await openPage(t);
  const fieldSizing = () => message.evaluate((box) => getComputedStyle(box).fieldSizing);
  assert.equal(await fieldSizing(), "fixed");
  const height = async () => (await message.boundingBox()).height;
  const before = await height();
  await message.fill("one\ntwo\nthree\nfour");
  await page.waitForFunction((height) => document.querySelector("textarea").clientHeight > height, before * 1.8);
  await message.fill("");
  await page.waitForFunction((height) => document.querySelector("textarea").offsetHeight <= height, before);
});

test("the wire view that is closed leaves the focus beside the log", options, async (t) => {
  const { page, message, received, sent, wireView } = await openPage(t);
  await message.fill("hello");
  await message.press("Enter");
  await received.waitFor();
  await sent.click();
  await wireView.getByRole("button", { name: "Close" }).focus();
  await page.keyboard.press("Enter");
  await eventually(() => page.evaluate(() => document.activeElement.tagName), "MAIN");
});

test("the focus stays in the page when its control is gone", options, async (t) => {
  const { page, button, message, received } = await openPage(t);
  const focused = () => page.evaluate(() => document.activeElement.closest("[tabindex='-1'], .panel")?.className ?? document.activeElement.tagName);
  await message.fill("keep me");
  await button("Saved").click();
  await page.getByRole("textbox", { name: "Name" }).fill("mine");
  await button("Save").click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  assert.ok(await button("Saved").evaluate((it) => it === document.activeElement));
  await button("Saved").click();
  await button("Delete mine").click();
  await page.getByText("Saved messages appear here.").waitFor();
  assert.ok(await page.getByRole("dialog").evaluate((it) => it.contains(document.activeElement)));
  await page.keyboard.press("Escape");
  await message.press("Enter");
  await received.waitFor();
  await button("Clear").click();
  await page.getByText("No messages yet").waitFor();
  assert.match(await focused(), /messages/);
  await button("Ten times").click();
  await received.nth(9).waitFor();
  assert.match(await focused(), /messages/);
});
