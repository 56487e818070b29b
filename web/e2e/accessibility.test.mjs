// Accessibility: axe in every state, languages, themes, screen readers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, openPage, startClosing, startGateway } from "./harness.mjs";
import { exportAll, importFile } from "./files.mjs";

const options = { timeout: 120_000 };

const SCREENS = {
  wide: { width: 1280, height: 800 },
  phone: { width: 360, height: 640 },
};

/** Puts a page into each of its connected states, one after another, and calls `check`. */
async function visitStates(parts, check) {
  const { page, button, choice, connection, message, received, sent, wireView } = parts;
  await check("empty");
  await message.fill('{"text": "日本\\u0000"}');
  await message.press("Enter");
  await received.waitFor();
  await check("messages and statistics");
  await sent.click();
  for (const view of ["Text", "JSON", "Hex", "Wire"]) {
    await page.getByRole("tab", { name: view }).click();
    await check(`view ${view}`);
  }
  const close = wireView.getByRole("button", { name: "Close" });
  if (await close.isVisible()) await close.click();
  await message.fill("keep me");
  for (const menu of await page.locator(".menu > button:visible").all()) {
    await menu.click();
    await check(`menu ${await menu.innerText()}`);
    const inner = page.locator(".panel.open .menu > button:visible");
    for (const menu of await inner.all()) {
      await menu.click();
      await check(`menu ${await menu.innerText()} in a menu`);
    }
    await page.keyboard.press("Escape");
    if (await menu.getAttribute("aria-expanded") === "true") await page.keyboard.press("Escape");
  }
  await choice("Format").selectOption("Hex");
  await check("invalid input");
  await choice("Format").selectOption("Text");
  await button("Pause").click();
  await parts.filter.fill("/(/");
  await check("paused, with an invalid filter");
  await parts.filter.fill("nothing like it");
  await check("no message matches the filter");
  await parts.filter.fill("");
  await importFile(parts, Buffer.from("no export"));
  await page.getByRole("alert").getByText("not a message of an NDJSON export").waitFor();
  await check("invalid import");
  await importFile(parts, Buffer.from(await exportAll(parts)));
  await page.getByText("2 messages imported.").waitFor();
  await check("imported");
  await parts.disconnect.click();
  await connection.getByText("Disconnected").waitFor();
  await check("disconnected");
  await parts.connect.click();
  await connection.getByText("Open").waitFor();
  await parts.gateway.stop("SIGKILL");
  await connection.getByText("Reconnecting…").waitFor();
  await check("detached");
  await connection.getByText("Trying again in").waitFor();
  await check("waiting");
}

for (const [name, viewport] of Object.entries(SCREENS)) {
  for (const colorScheme of ["light", "dark"]) {
    const looks = { viewport, colorScheme, reducedMotion: "reduce" };
    const checkOf = (page) => async (state) => {
      await assertAccessible(page, state);
      const overflow = await page.evaluate(() => document.body.scrollWidth - innerWidth);
      assert.equal(overflow, 0, state);
    };

    test(`axe finds no violation in connected states: ${name}, ${colorScheme}`, options, async (t) => {
      const gateway = await startGateway(t, { more: ["--resume-timeout", "3s"] });
      const parts = await openPage(t, { ...looks, gateway });
      await visitStates(parts, checkOf(parts.page));
    });

    test(`axe finds no violation in disconnected states: ${name}, ${colorScheme}`, options, async (t) => {
      // A connection without a greeting.
      const plain = await startGateway(t, { more: ["--resume-timeout", "0"] });
      const gateway = await startClosing(t, plain, 1008, "not before noon");
      const { page, connection, faults } = await openPage(t, { ...looks, gateway, opens: false });
      const check = checkOf(page);
      await connection.getByText("not before noon").waitFor();
      await check("closed with a reason");
      await page.goto(`${gateway.page}#upstream=nowhere`);
      await connection.getByText("no upstream called nowhere").waitFor();
      await check("no such upstream");
      await page.route("**/api/info", () => {});
      await page.reload();
      await connection.getByText("Connecting").waitFor();
      await check("connecting");
      await page.route("**/*.wasm", (route) => route.abort());
      await page.reload();
      await connection.getByText("Not loaded.").waitFor();
      await check("not loaded");
      assert.match(String(faults.shift()), /Failed to fetch/);
    });
  }
}

test("a Japanese browser gets the page in Japanese", options, async (t) => {
  const { page } = await openPage(t, { locale: "ja-JP", opens: false });
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

test("the chosen theme overrides the system's", options, async (t) => {
  const { page, choice } = await openPage(t, { colorScheme: "light" });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await choice("Theme").selectOption("Dark");
  await page.locator("html[data-theme=dark]").waitFor();
  assert.notEqual(await background(), light);
});

test("ten received messages are announced once by the live region", options, async (t) => {
  const { page, button } = await openPage(t);
  await button("Ten times").click();
  await page.locator("[aria-live=polite]").getByText("10 messages received").waitFor();
});
