// Layout, in each engine: pop-ups inside the window, a page that scrolls when it is low, the
// message box that grows.

import assert from "node:assert/strict";
import { testInEngines } from "../harness.mjs";

/** Widths with a layout of their own: two columns, the narrowest of them, tablets, phones. */
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1080, height: 700 },
  { width: 1000, height: 700 },
  { width: 960, height: 700 },
  { width: 768, height: 1024 },
  { width: 360, height: 740 },
  { width: 320, height: 568 },
];

/** Returns the names of elements in an open menu that the window does not show whole. */
function outside(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll(".panel.open, .panel.open *")]
      .filter((element) => element.checkVisibility() && element.getClientRects().length > 0)
      .filter((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return left < -1 || right > innerWidth + 1 || top < -1 || bottom > innerHeight + 1;
      })
      .map((element) => element.textContent.trim().slice(0, 40)),
  );
}

for (const viewport of SIZES) {
  const size = `${viewport.width}x${viewport.height}`;
  testInEngines(`every menu opens inside a window of ${size}`, async (t, open) => {
    const { page, message, received } = await open({ viewport });
    await message.fill("hello");
    await message.press("Enter");
    await received.waitFor();
    await message.fill("keep me");
    const found = [];
    const menus = await page.locator(".menu > button").all();
    for (const menu of menus) {
      if (!(await menu.isVisible())) continue;
      await menu.click();
      found.push([await menu.innerText(), await outside(page)]);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
    }
    assert.ok(found.length > 0);
    assert.deepEqual(found.filter(([, names]) => names.length > 0), []);
  });
}

/** 1280x960 at 400 %, and a phone whose keyboard covers half. */
for (const viewport of [{ width: 320, height: 240 }, { width: 360, height: 320 }]) {
  const size = `${viewport.width}x${viewport.height}`;
  testInEngines(`a window of ${size} scrolls to each part, and shows rows`, async (t, open) => {
    const { page, button, received, message } = await open({ viewport });
    await button("Ten times").evaluate((button) => button.click());
    await page.locator("#message-19").waitFor({ state: "attached" });
    const rows = await page.locator(".rows").boundingBox();
    const row = await page.locator("[data-direction]").first().boundingBox();
    assert.ok(rows.height >= 3 * row.height, `${rows.height} px for rows of ${row.height}`);
    for (const part of [message, page.locator(".rows")]) {
      const seen = await part.evaluate((element) => {
        element.scrollIntoView({ block: "nearest" });
        const { top, bottom } = element.getBoundingClientRect();
        return Math.min(bottom, innerHeight) - Math.max(top, 0);
      });
      assert.ok(seen > 20, `${seen} px are seen`);
    }
  });
}

testInEngines("the message box grows with its text, up to a part of the window", async (t, open) => {
  const { message } = await open();
  const height = async () => (await message.boundingBox()).height;
  const one = await height();
  await message.fill("1\n2\n3\n4");
  await message.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const four = await height();
  assert.ok(four > 2 * one, `${one} px for a line, ${four} px for four`);
  await message.fill("line\n".repeat(200));
  await message.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.ok((await height()) < 500);
});
