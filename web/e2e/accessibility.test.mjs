// Accessibility: axe in every state, languages, themes, screen readers.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { assertAccessible, listen, openPage, startClosing, startGateway } from "./harness.mjs";
import { exportAll, importFile } from "./files.mjs";
import { transfer } from "./transfer.mjs";

const options = { timeout: 120_000 };

const SCREENS = {
  "wide, light": { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  "wide, dark": { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  "wide, contrast theme": { viewport: { width: 1280, height: 800 }, forcedColors: "active" },
  "phone, light": { viewport: { width: 360, height: 640 }, colorScheme: "light" },
  "phone, dark": { viewport: { width: 360, height: 640 }, colorScheme: "dark" },
  // 1280 × 800 at 400 %.
  zoomed: { viewport: { width: 320, height: 200 }, colorScheme: "light" },
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
  await transfer(message, "drop", { files: [["a.bin", [1, 2]]] });
  await page.getByRole("list", { name: "Attachments" }).waitFor();
  await check("attachment");
  await button("Remove a.bin").click();
  await received.click();
  await page.keyboard.press("Shift+ArrowUp");
  await page.getByText("2 chosen").waitFor();
  await check("several messages chosen");
  await page.keyboard.press("Escape");
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

for (const [name, screen] of Object.entries(SCREENS)) {
  const looks = { ...screen, reducedMotion: "reduce" };
  // A contrast theme has the system's colours, whatever axe reads from the stylesheet.
  const without = screen.forcedColors ? ["color-contrast"] : [];
  const checkOf = (page) => async (state) => {
    await assertAccessible(page, state, without);
    const overflow = await page.evaluate(() => document.body.scrollWidth - innerWidth);
    assert.equal(overflow, 0, state);
  };

  test(`axe finds no violation in connected states: ${name}`, options, async (t) => {
    const gateway = await startGateway(t, { more: ["--resume-timeout", "3s"] });
    const parts = await openPage(t, { ...looks, gateway });
    await visitStates(parts, checkOf(parts.page));
  });

  test(`axe finds no violation in disconnected states: ${name}`, options, async (t) => {
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

/** Returns the smallest width and height of the visible controls, in CSS pixels. */
const smallestControl = (page) =>
  page.evaluate(() => {
    const controls = [...document.querySelectorAll("button, select, input:not([type=file]), textarea")];
    const shown = controls.filter((it) => it.checkVisibility());
    const sizes = shown.map((it) => [it.offsetHeight, it.outerHTML]);
    return sizes.sort(([a], [b]) => a - b)[0];
  });

test("controls are 44 pixels high on a touch screen", options, async (t) => {
  const looks = { viewport: { width: 800, height: 1100 }, hasTouch: true, isMobile: true };
  const parts = await openPage(t, looks);
  const { page, button, message, received } = parts;
  await message.fill("hello");
  await message.press("Enter");
  await received.waitFor();
  await transfer(message, "drop", { files: [["a.bin", [1, 2]]] });
  await page.getByRole("list", { name: "Attachments" }).waitFor();
  for (const menu of [undefined, "Settings", "More tools", "More ways to send"]) {
    if (menu) await button(menu).click();
    const [height, control] = await smallestControl(page);
    assert.ok(height >= 44, `${height} px: ${control}`);
    await page.keyboard.press("Escape");
  }
});

for (const width of [320, 480, 768, 960, 1000, 1080, 1280, 2560]) {
  test(`menus stay inside a window of ${width} pixels`, options, async (t) => {
    const { page } = await openPage(t, { viewport: { width, height: 700 } });
    const isInside = () =>
      page.locator(".panel.open").last().evaluate(async (panel) => {
        for (const _ of "ab") await new Promise(requestAnimationFrame);
        const { top, right, bottom, left } = panel.getBoundingClientRect();
        const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
        return inside ? "" : JSON.stringify([left, top, right, bottom]);
      });
    for (const menu of await page.locator(".menu > button:visible").all()) {
      await menu.click();
      assert.equal(await isInside(), "", await menu.innerText());
      for (const inner of await page.locator(".panel.open .menu > button:visible").all()) {
        await inner.click();
        assert.equal(await isInside(), "", await inner.innerText());
      }
      await page.keyboard.press("Escape");
      if (await menu.getAttribute("aria-expanded") === "true") await page.keyboard.press("Escape");
    }
  });
}

for (const [name, viewport] of [["at 400 %", { width: 320, height: 200 }], ["beside a keyboard", { width: 360, height: 300 }]]) {
  test(`the page scrolls and the log has room ${name}`, options, async (t) => {
    const { page, message, received, sent } = await openPage(t, { viewport });
    await message.fill("hello");
    await message.press("Enter");
    await received.waitFor();
    const height = async () => (await page.locator(".log").boundingBox()).height;
    assert.ok((await height()) >= 88, `${await height()} px`);
    await sent.scrollIntoViewIfNeeded();
    await sent.click();
    assert.ok((await height()) >= 88, `${await height()} px beside the wire view`);
    await message.scrollIntoViewIfNeeded();
    const { y, height: box } = await message.boundingBox();
    assert.ok(y >= 0 && y + box <= viewport.height, "the message box can be scrolled to");
  });
}

for (const locale of ["en-GB", "ja"]) {
  test(`the tools of the log have one row on a wide touch screen: ${locale}`, options, async (t) => {
    const touch = { hasTouch: true, locale, opens: false };
    const { page } = await openPage(t, touch);
    await page.locator(".status.open").waitFor();
    for (const width of [1920, 1540, 1535, 1280, 1024, 960, 768, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const tools = page.locator(".messages .tools");
      const { height } = await tools.boundingBox();
      const control = await tools.locator("> button").boundingBox();
      assert.ok(height < 1.9 * control.height, `${height} px at ${width}`);
    }
  });
}

test("what is wrong with a filter is told whole on a phone", options, async (t) => {
  const { page, filter } = await openPage(t, { viewport: { width: 320, height: 568 } });
  await filter.fill("field:");
  const told = page.getByRole("alert").filter({ hasText: "write a name" });
  await told.waitFor();
  assert.ok(await told.evaluate((it) => it.scrollWidth <= it.clientWidth));
});

test("a long name in a link makes the page no wider", options, async (t) => {
  const { page } = await openPage(t, { fragment: `#upstream=${"x".repeat(5000)}`, opens: false });
  await page.getByText("The gateway has no upstream").waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
  assert.ok((await page.locator(".composer").boundingBox()).y < 720);
});

test("a contrast theme tells the chosen row, tab and header bytes apart", options, async (t) => {
  const { page, message, received, sent } = await openPage(t, { forcedColors: "active" });
  await message.fill("hello");
  await message.press("Enter");
  await received.waitFor();
  await sent.click();
  const looks = (selector) =>
    page.locator(selector).first().evaluate((element) => {
      const style = getComputedStyle(element);
      const { backgroundColor, outlineStyle, borderBottomColor, borderBottomWidth } = style;
      return JSON.stringify({ backgroundColor, outlineStyle, borderBottomColor, borderBottomWidth });
    });
  const differ = async (one, other) => assert.notEqual(await looks(one), await looks(other));
  await differ('.row[aria-selected="true"]', '.row[aria-selected="false"]');
  await differ('.tabs > [aria-selected="true"]', '.tabs > [aria-selected="false"]');
  await differ(".dump-row span.header", ".dump-row span.payload");
});

test("the live region announces the latest received message, not the latest sent one", options, async (t) => {
  const service = createServer((client) => client.on("error", () => {}).once("data", () => client.write("reply\n")));
  const port = await listen(t, service);
  const gateway = await startGateway(t, { more: ["--upstream", `127.0.0.1:${port}?framing=lines`] });
  const { page, message, received, sent } = await openPage(t, { gateway });
  await message.fill("first");
  await message.press("Enter");
  await received.waitFor();
  await message.fill("second");
  await message.press("Enter");
  await sent.nth(1).waitFor();
  await page.locator("[aria-live=polite]").getByText("Received: reply").waitFor();
});

test("the active row of the list is always one that exists", options, async (t) => {
  const { page, count, button, received } = await openPage(t);
  await count.fill("200");
  await button("Start").click();
  await received.last().waitFor();
  const list = page.getByRole("listbox", { name: "Messages" });
  await list.focus();
  await page.keyboard.press("Home");
  await page.locator(".row[aria-selected=true]").waitFor();
  const active = () =>
    list.evaluate((list) => {
      const id = list.getAttribute("aria-activedescendant");
      return id === null || document.getElementById(id) !== null;
    });
  assert.ok(await active());
  await list.evaluate((list) => (list.scrollTop = list.scrollHeight));
  await page.locator(".row[aria-selected=true]").waitFor({ state: "detached" });
  assert.ok(await active());
});

test("ten received messages are announced once by the live region", options, async (t) => {
  const { page, button } = await openPage(t);
  await button("Ten times").click();
  await page.locator("[aria-live=polite]").getByText("10 messages received").waitFor();
});
