// Screenshots of the page's states, for looking at: every state in each engine, size, theme and
// language, with forced colours, and at 400 % zoom.
//
// node e2e/tour.mjs FOLDER [PART...]: takes those pictures whose names contain each PART, such as
// `webkit` or `phone-dark`. A name is engine-size-theme-language/state.png.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { closeBrowsers, missing, sharedBrowser, TESTED_ENGINES } from "./engines/engines.mjs";
import { startGateway } from "./gateway.mjs";
import { enterText } from "./transfer.mjs";

const SIZES = {
  wide: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
  narrow: { width: 320, height: 568 },
  // A window of 1280x960 at 400 %.
  zoomed: { width: 320, height: 240 },
};

/** Looks beside the sizes: theme, language, and forced colours, which WebKit does not have. */
const LOOKS = ["light", "dark"].flatMap((colorScheme) =>
  ["en", "ja"].map((language) => ({ name: `${colorScheme}-${language}`, colorScheme, language })),
);
LOOKS.push({ name: "forced-en", colorScheme: "light", language: "en", forcedColors: "active" });

const JSON_TEXT = '{"name": "日本", "list": [1, 2.5, null], "text": "one\\ntwo", "deep": {"a": {"b": true}}}';

/** An export of a message of another year, and of two other days. */
const OTHER_DAYS = ["2025-12-31T23:59:59.500", "2026-11-22T03:01:03.120", "2026-11-23T08:00:00.000"]
  .map((time, at) => JSON.stringify({ time: `${time}Z`, direction: "sent", kind: "text", text: `day ${at}` }))
  .join("\n");

/** A button by its labels in both languages, also one in a closed menu. */
const button = (page, ...labels) =>
  page.locator("button").filter({ hasText: new RegExp(`^(${labels.join("|")})$`) });

/** Waits until the page has drawn what it knows. */
const drawn = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function send(page, text) {
  await page.locator(".composer textarea").fill(text);
  await press(page.locator(".composer .send"));
}

/** Presses something that may be in a closed menu, or out of sight in a small window. */
const press = (locator) => locator.first().evaluate((element) => element.click());

/** Chooses an option of a select, which may be inside a closed menu. */
const choose = (select, label) =>
  select.evaluate(
    (select, label) => {
      const pattern = new RegExp(label);
      select.value = [...select.options].find(({ text }) => pattern.test(text)).value;
      for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
    },
    label instanceof RegExp ? label.source : `^${label}$`,
  );

async function menus(page, shoot, prefix) {
  const found = await page.locator(".menu > button").all();
  for (const [index, menu] of found.entries()) {
    if (!(await menu.isVisible())) continue;
    await menu.focus();
    await press(menu);
    await shoot(`${prefix}-menu-${index}`);
    await page.keyboard.press("Escape");
  }
}

/** The states in which the page is connected. */
async function connected(page, shoot) {
  const received = page.locator('[data-direction="received"]');
  await shoot("01-empty");
  await send(page, "hello");
  await received.first().waitFor();
  await send(page, JSON_TEXT);
  await received.nth(1).waitFor();
  await send(page, "words ".repeat(120));
  await received.nth(2).waitFor();
  await shoot("02-messages");
  await press(page.locator('[data-direction="sent"]').nth(1));
  const tabs = await page.locator('.wire-view [role="tab"]').all();
  for (const [index, tab] of tabs.entries()) {
    await press(tab);
    await shoot(`03-tab-${index}`);
  }
  await compared(page, shoot);
  await unknownFormat(page, shoot);
  await page.keyboard.press("Escape");
  await enterText(page.locator(".composer textarea"), "one\ntwo\nthree\nfour\nfive");
  await shoot("04-draft");
  await menus(page, shoot, "05");
}

/** The states in which the selected message and another are chosen and compared. */
async function compared(page, shoot) {
  await press(button(page, "Choose several", "複数を選択"));
  await press(page.locator('[data-direction="sent"]').first());
  await shoot("03-two-chosen");
  await press(button(page, "Compare", "比較"));
  const rows = page.locator("#compare[open] .compare-row");
  for (const kind of ["text", "hex"]) {
    await page.locator("#compare-as").selectOption(kind);
    await rows.first().waitFor();
    await shoot(`03-compared-${kind}`);
  }
  await press(page.locator("#compare-next"));
  await shoot("03-compared-next");
  await page.keyboard.press("Escape");
  await press(button(page, "Done", "完了"));
}

/** The Fields view of bytes in no known format, and of a layout that is wrong, then right. */
async function unknownFormat(page, shoot) {
  const format = page.locator(".composer > select");
  await choose(format, "Hex");
  await send(page, "01 ff fe 00 00 00 09 68 69");
  await choose(format, /^(Text|テキスト)$/);
  const row = page.locator('[data-direction="sent"]').nth(3);
  await row.waitFor();
  await press(row);
  await press(page.locator("#view-fields"));
  const fields = page.locator("#fields-format");
  await fields.waitFor({ state: "attached" });
  await shoot("03-no-format");
  await choose(fields, /^(Layout of your own|独自のレイアウト)$/);
  const layout = page.locator("#fields-schema");
  await layout.fill("u8 type, nonsense");
  await shoot("03-layout-wrong");
  await layout.fill("u8 type, u16be mark, u32be seq, text rest");
  await press(page.locator(".field").nth(2));
  await shoot("03-layout");
  await choose(fields, /^(Guess|推測)/);
  await press(page.locator("#view-wire"));
}

/** The states of the log, and of the page's other parts. */
async function working(page, shoot) {
  const search = page.locator('input[type="search"]');
  await press(button(page, "Pause", "一時停止"));
  await send(page, "while paused");
  await shoot("06-paused");
  await press(button(page, "Resume", "再開"));
  if (await search.isVisible()) {
    await search.fill("/(/");
    await shoot("07-filter-invalid");
    await search.fill("nothing like it");
    await shoot("07-filter-nothing");
    await search.fill("field: list");
    await page.locator('[data-direction="sent"]').first().waitFor();
    await shoot("07-filter-field");
    await search.fill("field:");
    await shoot("07-filter-field-hint");
    await search.fill("");
  }
  await page.locator(".composer textarea").fill("again");
  await page.locator(".repeat input").evaluate((count) => {
    count.value = "20000";
    count.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await press(button(page, "Start", "開始"));
  await page.waitForFunction(
    () => Number(document.querySelector(".rows [aria-setsize]")?.getAttribute("aria-setsize")) > 300,
  );
  await shoot("08-busy");
  await press(button(page, "Try on bytes", "バイト列で試す"));
  await page.getByRole("dialog").locator("textarea").fill("05 00 00 00 68 65 6c 6c 6f 03 00 00 00 61 62 63");
  await page.getByRole("dialog").locator(".frame").first().waitFor();
  await shoot("09-tool");
  await page.locator("#try-notation").fill("0x02+u16be...0x03");
  await page.locator("#try-parts *").first().waitFor({ state: "attached" });
  await shoot("09-picker");
  await page.keyboard.press("Escape");
  await press(button(page, "Monitor", "モニター", "監視"));
  await page.getByRole("list").first().waitFor({ state: "attached" });
  await shoot("10-live-feed");
  await press(button(page, "Console", "コンソール"));
}

/** The states without a connection. */
async function failing(page, gateway, shoot) {
  const status = page.locator(".bar .status");
  const changes = async (action) => {
    const before = await status.textContent();
    await action();
    await page.waitForFunction(
      (before) => document.querySelector(".bar .status").textContent !== before,
      before,
    );
  };
  await changes(() => press(button(page, "Disconnect", "切断")));
  await shoot("11-disconnected");
  await changes(() => press(button(page, "Connect", "接続")));
  await press(button(page, "Clear", "消去"));
  await press(button(page, "Export", "書き出し"));
  const buffer = Buffer.from(OTHER_DAYS);
  await page.locator("#files-file").setInputFiles({ name: "days.ndjson", mimeType: "text/plain", buffer });
  await page.locator('[data-direction="sent"]').first().waitFor();
  await changes(() => press(button(page, "Disconnect", "切断")));
  await changes(() => press(button(page, "Connect", "接続")));
  await shoot("11-days-and-events");
  await changes(() => page.goto(`${gateway.page}#upstream=nowhere`));
  await shoot("12-no-upstream");
  await changes(() => page.goto(`${gateway.page}#url=ws://127.0.0.2:9/ws`));
  await shoot("12-foreign-link");
  await page.goto(`${gateway.page}#upstream=echo`);
  await changes(() => press(button(page, "Connect", "接続")));
  await changes(() => gateway.stop("SIGKILL"));
  await shoot("13-gateway-gone");
}

/** Takes the pictures of one look. */
async function take(engine, size, look, folder) {
  const cleanups = [];
  const gateway = await startGateway({ after: (it) => cleanups.push(it) }, { more: ["--monitor"] });
  const { colorScheme, forcedColors } = look;
  const options = { viewport: SIZES[size], colorScheme, forcedColors, reducedMotion: "reduce" };
  const browser = await sharedBrowser(engine, options);
  const context = await browser.newContext({ ...options, locale: "en-GB" });
  cleanups.push(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await mkdir(folder, { recursive: true });
  const shoot = async (state) => {
    await drawn(page);
    await page.screenshot({ path: join(folder, `${state}.png`) });
  };
  try {
    await page.goto(gateway.page);
    await page.locator(".composer .send").waitFor();
    const language = page.locator("select").filter({ hasText: "日本語" });
    await choose(language, look.language === "ja" ? "日本語" : "English");
    await page.locator(`html[lang=${look.language}]`).waitFor();
    await connected(page, shoot);
    await working(page, shoot);
    await failing(page, gateway, shoot);
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

async function main([target, ...parts]) {
  if (!target) throw new Error("usage: node e2e/tour.mjs FOLDER [PART...]");
  for (const engine of TESTED_ENGINES) {
    if (missing(engine)) {
      console.log(missing(engine));
      continue;
    }
    for (const size of Object.keys(SIZES)) {
      for (const look of LOOKS) {
        const name = `${engine.name.toLowerCase()}-${size}-${look.name}`;
        if (!parts.every((part) => name.includes(part))) continue;
        const failure = await take(engine, size, look, join(target, name)).catch((error) => error);
        console.log(name, failure ? `stopped: ${failure.message.split("\n")[0]}` : "done");
      }
    }
  }
  await closeBrowsers();
}

await main(process.argv.slice(2));
