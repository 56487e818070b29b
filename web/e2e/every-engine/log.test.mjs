// The log, in each engine: several chosen messages, their copy and their comparison, and fields.

import assert from "node:assert/strict";
import { eventually, hasCount, sendAll, testInEngines } from "../harness.mjs";

testInEngines("chosen messages are copied and compared, difference by difference", async (t, open) => {
  const parts = await open();
  const { page, button, sent } = parts;
  await sendAll(parts, ['{"id": 7, "name": "bob"}', '{"id": 8, "name": "bobby"}']);
  // A mouse has Ctrl, and no button for it.
  await page.locator("button.choose").evaluate((button) => button.click());
  await sent.first().click();
  await sent.last().click();
  await page.getByText("2 chosen").waitFor();
  await button("Copy").first().click();
  await page.getByRole("alert").getByText("Copied").waitFor();
  await button("Compare").click();
  const dialog = page.getByRole("dialog", { name: "Two messages compared" });
  const place = page.locator("#compare-place");
  const present = () => dialog.locator(".present").allInnerTexts();
  await place.getByText("1 of 2").waitFor();
  await eventually(present, ["7", "8"]);
  const decoration = (element) => getComputedStyle(element).textDecorationLine;
  assert.equal(await dialog.locator("del").first().evaluate(decoration), "underline");
  await page.keyboard.press("Alt+ArrowDown");
  await place.getByText("2 of 2").waitFor();
  await eventually(present, ["by"]);
  await dialog.getByRole("combobox", { name: "Compare as" }).selectOption("Fields");
  await place.getByText("1 of 2").waitFor();
  await button("Next difference").click();
  await eventually(present, ["by"]);
  await page.setViewportSize({ width: 360, height: 740 });
  const sides = dialog.locator(".compare-row.differs").first().locator(".side");
  const [above, below] = [await sides.first().boundingBox(), await sides.last().boundingBox()];
  assert.ok(below.y >= above.y + above.height - 1, "one below the other");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
});

testInEngines("fields filter the log", async (t, open) => {
  const parts = await open();
  await sendAll(parts, ['{"id": 7}', '{"id": 70, "user": {"name": "alice"}}']);
  await parts.filter.fill("field: user.name=alice");
  await hasCount(parts.sent, 1);
  await parts.filter.fill("field: id>=7");
  await hasCount(parts.sent, 2);
});
