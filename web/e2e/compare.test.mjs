// Two messages compared, chosen by keys, by mouse, or by touch.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sendFile } from "./files.mjs";
import { assertAccessible, eventually, hasCount, openPage, sendAll } from "./harness.mjs";
import { enterText } from "./transfer.mjs";

const options = { timeout: 60_000 };
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Returns locators of the comparison. */
function comparison({ page }) {
  const dialog = page.getByRole("dialog", { name: "Two messages compared" });
  const rows = dialog.locator(".compare-row");
  const texts = (selector) => rows.locator(selector).allInnerTexts();
  return {
    dialog,
    rows,
    removed: () => texts("del"),
    added: () => texts("ins"),
    as: dialog.getByRole("combobox", { name: "Compare as" }),
    summary: dialog.getByRole("status").first(),
    place: dialog.getByRole("status").last(),
    present: () => texts(".present"),
    step: (name) => dialog.getByRole("button", { name: `${name} difference` }),
  };
}

test("two chosen messages are compared by lines and by bytes", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, sent } = parts;
  await sendAll(parts, ['{"id": 7, "name": "bob"}', '{"id": 8, "name": "bobby"}', "x"]);
  await sent.nth(0).click();
  assert.equal(await button("Compare").count(), 0);
  await sent.nth(1).click({ modifiers: ["Control"] });
  await button("Compare").click();
  const { dialog, rows, removed, added, as, summary } = comparison(parts);
  await summary.getByText("2 differences: 1 B in the first, 3 B in the second.").waitFor();
  await eventually(removed, ["7"]);
  await eventually(added, ["8", "by"]);
  await assertAccessible(page, "a comparison of text");
  await as.selectOption("Hex");
  await eventually(removed, ["37", "7"]);
  await eventually(added, ["38", "8", "62 79", "by"]);
  await hasCount(rows, 2);
  await assertAccessible(page, "a comparison of bytes");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  // With three, there is nothing to compare.
  await sent.nth(2).click({ modifiers: ["Control"] });
  await page.getByText("3 chosen").waitFor();
  await button("Compare").waitFor({ state: "detached" });
});

/** Chooses the first two sent messages, and compares them. */
async function compareFirst(parts) {
  await parts.sent.nth(0).click();
  await parts.sent.nth(1).click({ modifiers: ["Control"] });
  await parts.button("Compare").click();
  return comparison(parts);
}

test("buttons and keys step from difference to difference", options, async (t) => {
  const parts = await openPage(t);
  await sendAll(parts, ['{"id": 7, "name": "bob", "at": 1}', '{"id": 8, "name": "bobby", "at": 2}']);
  const { as, place, present, step } = await compareFirst(parts);
  await place.getByText("1 of 3").waitFor();
  await eventually(present, ["7", "8"]);
  await step("Next").click();
  await place.getByText("2 of 3").waitFor();
  await eventually(present, ["by"]);
  await parts.page.keyboard.press("Alt+ArrowDown");
  await eventually(present, ["1", "2"]);
  await parts.page.keyboard.press("Alt+ArrowDown");
  await place.getByText("1 of 3").waitFor();
  await step("Previous").click();
  await place.getByText("3 of 3").waitFor();
  await parts.page.keyboard.press("Alt+ArrowUp");
  await place.getByText("2 of 3").waitFor();
  await as.selectOption("Hex");
  await place.getByText("1 of 3").waitFor();
  await eventually(present, ["37", "7", "38", "8"]);
  await assertAccessible(parts.page, "a difference");
});

test("every one of many differences can be reached", options, async (t) => {
  const parts = await openPage(t);
  // A linear congruential generator, of values below 200.
  let seed = 1;
  const next = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 16) % 200;
  const bytes = Buffer.from(Array.from({ length: 490 * 32 }, next));
  const changed = bytes.map((byte, at) => (at % 32 === 0 ? 255 : byte));
  await sendFile(parts, bytes);
  await parts.received.nth(0).waitFor();
  await sendFile(parts, Buffer.from(changed));
  await parts.received.nth(1).waitFor();
  const { dialog, place, present, step, summary } = await compareFirst(parts);
  await summary.getByText("490 differences: 490 B in the first, 490 B in the second.").waitFor();
  await step("Previous").click();
  await place.getByText("490 of 490").waitFor();
  const last = bytes[489 * 32].toString(16).padStart(2, "0");
  await eventually(async () => (await present())[0], last);
  const seen = dialog.locator(".present").first();
  const [box, rows] = [await seen.boundingBox(), await dialog.locator("#compare-rows").boundingBox()];
  assert.ok(box.y >= rows.y && box.y + box.height <= rows.y + rows.height, "it is in sight");
  const show = dialog.getByRole("button", { name: "Show" });
  await show.click();
  await place.getByText("400 of 490").waitFor();
  assert.ok(await dialog.locator("#compare-rows").evaluate((it) => it === document.activeElement));
  await show.first().click();
  await place.getByText("200 of 490").waitFor();
  await step("Next").click();
  await place.getByText("201 of 490").waitFor();
});

test("the fields of two messages are compared, by the format of the Fields view", options, async (t) => {
  const parts = await openPage(t);
  // {"id": 7, "name": "bob"} in MessagePack, and with another name.
  const names = ["a3626f62", "a5616c696365"];
  for (const [index, name] of names.entries()) {
    await sendFile(parts, Buffer.from(`82a2696407a46e616d65${name}`, "hex"));
    await parts.received.nth(index).waitFor();
  }
  const { as, added, removed, rows } = await compareFirst(parts);
  await as.selectOption("Fields");
  await eventually(removed, ["bob"]);
  await eventually(added, ["alice"]);
  await rows.getByText("id").first().waitFor();
  await assertAccessible(parts.page, "a comparison of fields");
});

test("fields that are equal in different bytes are said to be equal", options, async (t) => {
  const parts = await openPage(t);
  await sendAll(parts, ['{"a":1}', '{"a": 1}']);
  const { as, rows, summary, step } = await compareFirst(parts);
  await as.selectOption("Fields");
  await summary.getByText("The fields are equal, the bytes are not: 0 B in the first, 1 B in the second.").waitFor();
  await hasCount(rows, 0);
  await step("Next").waitFor({ state: "hidden" });
});

test("long messages are aligned, and what is equal is left out", options, async (t) => {
  const parts = await openPage(t);
  const { button, received, sent } = parts;
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at) >> 5));
  const inserted = Buffer.concat([bytes.subarray(0, 1000), Buffer.from("new"), bytes.subarray(1000)]);
  await sendFile(parts, bytes);
  await received.nth(0).waitFor();
  await sendFile(parts, inserted);
  await received.nth(1).waitFor();
  await sent.nth(0).click();
  await sent.nth(1).click({ modifiers: ["Control"] });
  await button("Compare").click();
  const { dialog, rows, removed, added, summary } = comparison(parts);
  await summary.getByText("1 difference: 0 B in the first, 3 B in the second.").waitFor();
  await eventually(removed, []);
  await eventually(async () => (await added()).join("").replace(/\s/g, ""), "6e6577new");
  assert.ok((await rows.count()) < 8);
  await dialog.getByText(/^[\d,]+ equal bytes$/).nth(1).waitFor();
});

test("the present difference is in sight in a low window", options, async (t) => {
  // 1280x960 at 400 %.
  const parts = await openPage(t, { viewport: { width: 320, height: 240 } });
  const { page, received, sent } = parts;
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
  await enterText(parts.message, lines.join("\n"));
  await parts.send.evaluate((send) => send.click());
  await received.nth(0).waitFor({ state: "attached" });
  await enterText(parts.message, [...lines.slice(0, 20), "other", ...lines.slice(21, 39), "end"].join("\n"));
  await parts.send.evaluate((send) => send.click());
  await received.nth(1).waitFor({ state: "attached" });
  await page.locator("button.choose").evaluate((choose) => choose.click());
  for (const row of [sent.nth(0), sent.nth(1)]) await row.evaluate((row) => row.click());
  await parts.button("Compare").evaluate((compare) => compare.click());
  const { dialog, place, step } = comparison(parts);
  await place.getByText("1 of 2").waitFor();
  await step("Next").click();
  await place.getByText("2 of 2").waitFor();
  const box = await dialog.locator("ins.present").boundingBox();
  assert.ok(box.y >= 0 && box.y + box.height <= 240, `at ${box.y} px`);
});

test("equal messages are said to be equal", options, async (t) => {
  const parts = await openPage(t);
  await sendAll(parts, ["same", "same"]);
  const { summary } = await compareFirst(parts);
  await summary.getByText("Both have the same bytes.").waitFor();
});

test("messages are chosen by touch on a phone, and compared one below the other", options, async (t) => {
  const parts = await openPage(t, PHONE);
  const { page, button, received, sent, wireView } = parts;
  await sendAll(parts, ["one two", "one three"]);
  await button("More tools").tap();
  await button("Choose several").tap();
  await page.getByText("Press messages to choose them").waitFor();
  await assertAccessible(page, "choosing");
  await sent.nth(0).tap();
  await page.getByText("1 chosen").waitFor();
  await received.nth(0).tap();
  await received.nth(0).tap();
  await sent.nth(1).tap();
  await page.getByText("2 chosen").waitFor();
  await wireView.waitFor({ state: "hidden" });
  await button("Compare").tap();
  const { dialog, rows, added } = comparison(parts);
  await eventually(added, ["hree"]);
  const sides = rows.first().locator(".side");
  const [above, below] = [await sides.nth(0).boundingBox(), await sides.nth(1).boundingBox()];
  assert.ok(below.y >= above.y + above.height - 1, "one below the other");
  assert.equal(await page.evaluate(() => document.body.scrollWidth - innerWidth), 0);
  await assertAccessible(page, "a comparison on a phone");
  await dialog.getByRole("button", { name: "Close" }).tap();
  await button("Done").tap();
  await page.getByText("2 chosen").waitFor({ state: "detached" });
  await sent.nth(0).tap();
  await wireView.getByText("7 bytes of UTF-8").waitFor();
});
