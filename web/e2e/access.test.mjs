// The page for everyone: languages, themes, widths, assistive tools.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, openPage } from "./harness.mjs";

const options = { timeout: 120_000 };

const SCREENS = {
  wide: { width: 1280, height: 800 },
  phone: { width: 360, height: 640 },
};

for (const [name, viewport] of Object.entries(SCREENS)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing: ${name}, ${colorScheme}`, options, async (t) => {
      const parts = await openPage(t, { viewport, colorScheme, reducedMotion: "reduce" });
      const { page, button, connection, disconnect, gateway, message, received, sent } = parts;
      const check = async () => {
        await assertAccessible(page);
        const overflow = await page.evaluate(() => document.body.scrollWidth - innerWidth);
        assert.equal(overflow, 0);
      };
      await check();
      await message.fill('{"text": "日本\\u0000"}');
      await message.press("Enter");
      await received.waitFor();
      await sent.click();
      for (const view of ["Text", "JSON", "Hex", "Wire"]) {
        await page.getByRole("tab", { name: view }).click();
        await check();
      }
      for (const menu of await page.locator(".menu > button:visible").all()) {
        await menu.click();
        await check();
        await page.keyboard.press("Escape");
      }
      await button("Pause").click();
      await page.getByRole("searchbox", { name: "Filter" }).fill("/(/");
      await check();
      await disconnect.click();
      await connection.getByText("Disconnected").waitFor();
      await check();
      await button("Connect").click();
      await connection.getByText("Open").waitFor();
      await gateway.stop("SIGKILL");
      await connection.getByText("Trying again in").waitFor();
      await check();
    });
  }
}

test("a Japanese browser gets the page in Japanese", options, async (t) => {
  const { page } = await openPage(t, { locale: "ja-JP" });
  await page.getByText("接続済み").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "ja");
  await assertAccessible(page);
  await page.getByRole("button", { name: "「hello」を送信" }).click();
  await page.getByRole("log").getByText("echo : hello").waitFor();
  await page.getByRole("combobox", { name: "言語" }).selectOption("English");
  await page.getByRole("button", { name: "Send", exact: true }).waitFor();
  await page.reload();
  await page.getByRole("status", { name: "Connection" }).getByText("Open").waitFor();
});

test("a theme can be had against the system's", options, async (t) => {
  const { page, choice } = await openPage(t, { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await choice("Theme").selectOption("Dark");
  await page.locator("html[data-theme=dark]").waitFor();
  assert.notEqual(await ground(), light);
});

test("what comes in is announced, many messages at once", options, async (t) => {
  const { page, button } = await openPage(t);
  await button("Ten times").click();
  await page.locator("[aria-live=polite]").getByText("10 messages received").waitFor();
});
