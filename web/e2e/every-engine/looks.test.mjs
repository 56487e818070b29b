// Languages, themes and narrow windows, in each engine.

import assert from "node:assert/strict";
import { assertAccessible, testInEngines } from "../harness.mjs";

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

testInEngines("the page speaks Japanese when it is chosen, also after a reload", async (t, open) => {
  const { page, choice } = await open();
  await choice("Language").selectOption("日本語");
  await page.getByText("接続済み").waitFor();
  await page.reload();
  await page.getByText("接続済み").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "ja");
  await page.getByRole("button", { name: "「hello」を送信" }).click();
  await page.getByRole("log").getByText("echo : hello").waitFor();
});

testInEngines("the theme follows the system, and the chosen one wins", async (t, open) => {
  const { page, choice } = await open({ colorScheme: "dark" });
  const dark = await background(page);
  await choice("Theme").selectOption("Light");
  await page.locator("html[data-theme=light]").waitFor();
  assert.notEqual(await background(page), dark);
  await choice("Theme").selectOption("Dark");
  await page.locator("html[data-theme=dark]").waitFor();
  assert.equal(await background(page), dark);
});

const WIDTHS = [1280, 1000, 768, 360, 320];

testInEngines("the page has no horizontal scroll bar at any width", async (t, open) => {
  const { page, message, received, sent, wireView } = await open();
  await message.fill("abcd efg".repeat(37));
  await message.press("Enter");
  await received.waitFor();
  await sent.click();
  await wireView.getByText("296 bytes of UTF-8").waitFor();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 640 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide at ${width}`);
  }
});

testInEngines("axe finds no violation with a selected message", async (t, open) => {
  const { page, message, received, sent, wireView } = await open();
  await message.fill('{"a": 1}');
  await message.press("Enter");
  await received.waitFor();
  await sent.click();
  await wireView.getByText("8 bytes of UTF-8").waitFor();
  await assertAccessible(page, "selected");
});
