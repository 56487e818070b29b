// Layout, in each engine: pop-ups inside the window, a page that scrolls when it is low, the
// message box that grows.

import assert from "node:assert/strict";
import { testInEngines } from "../harness.mjs";
import { enterText } from "../transfer.mjs";

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

/** Waits until the page has drawn what it knows. */
const drawn = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

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

testInEngines("every menu opens inside the window, of any size", async (t, open) => {
  const { page, message, received } = await open();
  await message.fill("hello");
  await message.press("Enter");
  await received.waitFor();
  await message.fill("keep me");
  const found = [];
  for (const viewport of SIZES) {
    await page.setViewportSize(viewport);
    for (const menu of await page.locator(".menu > button").all()) {
      if (!(await menu.isVisible())) continue;
      await menu.click();
      await drawn(page);
      const names = await outside(page);
      if (names.length > 0) found.push([viewport.width, await menu.innerText(), names]);
      await page.keyboard.press("Escape");
    }
  }
  assert.deepEqual(found, []);
});

/** Returns the bars that have more than one row of controls, with their heights. */
function wrappedBars(page, selectors) {
  return page.evaluate((selectors) => {
    const shown = (element) => element.checkVisibility() && element.getClientRects().length > 0;
    const height = (element) => element.getBoundingClientRect().height;
    const bars = selectors.map((selector) => [selector, document.querySelector(selector)]);
    const wrapped = bars.filter(([, bar]) => {
      const controls = [...bar.querySelectorAll("button, select, input")].filter(shown);
      return height(bar) >= 1.9 * Math.max(...controls.map(height));
    });
    return wrapped.map(([selector, bar]) => `${selector}: ${height(bar)} px`);
  }, selectors);
}

const WIDE_BARS = [".bar", ".messages .tools", ".wire-view > .tools", ".pairing"];

for (const language of ["English", "日本語"]) {
  testInEngines(`the tool bars have one row in ${language}`, async (t, open) => {
    const { page, button, choice, message, received, sent } = await open();
    await message.fill("hello");
    await message.press("Enter");
    await received.waitFor();
    await sent.click();
    await choice("Language").selectOption(language);
    await page.locator(`html[lang=${language === "English" ? "en" : "ja"}]`).waitFor();
    await button(language === "English" ? "Pause" : "一時停止").click();
    const found = [];
    for (const width of [1280, 1250, 1200, 1024, 960, 768, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await drawn(page);
      // A narrow window has the connection, and the wire view, in rows of their own.
      const bars = width < 960 ? [".messages .tools"] : WIDE_BARS;
      found.push(...(await wrappedBars(page, bars)).map((bar) => `${width}: ${bar}`));
    }
    assert.deepEqual(found, []);
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
  const { page, message } = await open();
  const height = async () => (await message.boundingBox()).height;
  const one = await height();
  await enterText(message, "1\n2\n3\n4");
  await drawn(page);
  const four = await height();
  assert.ok(four > 2 * one, `${one} px for a line, ${four} px for four`);
  await enterText(message, "line\n".repeat(200));
  await drawn(page);
  assert.ok((await height()) < 500);
});
