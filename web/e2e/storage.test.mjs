// Storage: shared between tabs, full, forbidden, and over a reload. Input that keeps its bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attachFile, sendFile } from "./files.mjs";
import { eventually, hasValue, openPage } from "./harness.mjs";

const options = { timeout: 60_000 };

/** Saves the draft `text` as `name`. */
async function save(page, name, text = name) {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  const dialog = await openSaved(page);
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
}

/** Opens the dialog of saved messages. */
async function openSaved(page) {
  await page.getByRole("button", { name: "Saved", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Saved messages" });
  await dialog.waitFor();
  return dialog;
}

/** Resolves to the names of the saved messages. */
async function savedNames(page) {
  const dialog = await openSaved(page);
  const names = await dialog.locator(".load").allInnerTexts();
  await page.keyboard.press("Escape");
  return names;
}

/** Resolves once `tab` has heard of a change of the storage that `action` makes in another. */
async function heard(tab, action) {
  const event = () => new Promise((done) => addEventListener("storage", () => done(), { once: true }));
  await Promise.all([tab.evaluate(event), action()]);
}

/** Chooses an option of each tab's combobox, all at the same instant. */
async function chooseAtOnce(choices) {
  const at = Date.now() + 20;
  const choose = (select, { at, option }) => {
    while (Date.now() < at);
    select.selectedIndex = [...select.options].findIndex(({ text }) => text === option);
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const chosen = choices.map(([tab, name, option]) =>
    tab.getByRole("combobox", { name, exact: true }).evaluate(choose, { at, option }),
  );
  await Promise.all(chosen);
}

/** Opens the page in another tab of the same browser. */
async function openTab({ page, gateway }) {
  const tab = await page.context().newPage();
  await tab.goto(gateway.page);
  await tab.getByRole("status", { name: "Connection" }).getByText("Open").waitFor();
  return tab;
}

test("tabs keep what the others save", options, async (t) => {
  const parts = await openPage(t);
  const { page } = parts;
  const tab = await openTab(parts);
  await heard(tab, () => save(page, "one"));
  assert.deepEqual(await savedNames(tab), ["one"]);
  await heard(page, () => save(tab, "two"));
  assert.deepEqual(await savedNames(page), ["one", "two"]);
  await tab.getByRole("combobox", { name: "Theme" }).selectOption("Dark");
  await page.locator("html[data-theme=dark]").waitFor();
  await heard(page, async () => {
    const dialog = await openSaved(tab);
    await dialog.getByRole("button", { name: "Delete one" }).click();
  });
  assert.deepEqual(await savedNames(page), ["two"]);
  for (const it of [page, tab]) {
    await it.reload();
    assert.deepEqual(await savedNames(it), ["two"]);
    assert.equal(await it.locator("html").getAttribute("data-theme"), "dark");
  }
});

test("tabs that change different settings at the same time keep each other's", options, async (t) => {
  const parts = await openPage(t);
  const { page } = parts;
  const tabs = [page, await openTab(parts)];
  const settings = (tab) =>
    tab.evaluate(() => {
      const chosen = (name) => document.querySelector(`select[aria-label="${name}"]`).selectedOptions[0].text;
      const stored = (key) => localStorage[`framegate.${key}`];
      return [chosen("Theme"), chosen("Keep"), stored("theme"), stored("max_rows")];
    });
  for (let round = 0; round < 100; round++) {
    const theme = ["Dark", "Light"][round % 2];
    const rows = ["1,000", "100,000"][(round >> 1) % 2];
    await chooseAtOnce([
      [tabs[round % 2], "Theme", theme],
      [tabs[1 - (round % 2)], "Keep", `${rows} messages`],
    ]);
    const expected = [theme, `${rows} messages`, theme.toLowerCase(), rows.replace(",", "")];
    for (const tab of tabs) await eventually(() => settings(tab), expected);
  }
});

test("tabs that send and save at the same time keep each other's messages", options, async (t) => {
  const parts = await openPage(t);
  const { page } = parts;
  const tabs = [page, await openTab(parts)];
  const send = async (tab, text) => {
    const message = tab.getByRole("textbox", { name: "Message" });
    await message.fill(text);
    await message.press("Enter");
  };
  const sent = [];
  for (let round = 0; round < 20; round++) {
    const texts = [`first ${round}`, `second ${round}`];
    sent.push(...texts);
    await Promise.all(tabs.map((tab, place) => send(tab, texts[place])));
  }
  await Promise.all(tabs.map((tab, place) => save(tab, `saved ${place}`)));
  const stored = (tab, part) =>
    tab.evaluate((prefix) => Object.keys(localStorage).filter((key) => key.startsWith(prefix)).sort(), `framegate.${part}.`);
  for (const tab of tabs) {
    await eventually(() => stored(tab, "history"), sent.map((text) => `framegate.history.text\n${text}`).sort());
    await eventually(() => stored(tab, "saved"), ["framegate.saved.saved 0", "framegate.saved.saved 1"]);
    await tab.reload();
    assert.deepEqual(await savedNames(tab), ["saved 0", "saved 1"]);
  }
});

test("a setting that is changed just before the page is left is kept", options, async (t) => {
  const { page } = await openPage(t);
  await chooseAtOnce([[page, "Theme", "Dark"]]);
  await page.evaluate(() => {
    const theme = document.querySelector('select[aria-label="Theme"]');
    theme.selectedIndex = [...theme.options].findIndex(({ text }) => text === "Light");
    theme.dispatchEvent(new Event("change", { bubbles: true }));
    location.reload();
  });
  await page.locator("html[data-theme=light]").waitFor();
});

test("a tab that has not heard of another's change does not undo it", options, async (t) => {
  // The first tab hears no event of the storage.
  const deafen = () => addEventListener("storage", (event) => event.stopImmediatePropagation());
  const parts = await openPage(t, { prepare: (page) => page.addInitScript(deafen) });
  const { page } = parts;
  await save(await openTab(parts), "two");
  await save(page, "one");
  assert.deepEqual(await savedNames(page), ["one", "two"]);
  const stored = await page.evaluate(() => ["one", "two"].map((name) => localStorage[`framegate.saved.${name}`]));
  assert.deepEqual(stored, ["text\none", "text\ntwo"]);
});

test("a full storage is told, and keeps out the big ones only", options, async (t) => {
  const { page, choice } = await openPage(t);
  await page.evaluate(() => {
    // Leaves less than the settings need.
    localStorage.room = "x".repeat(30);
    for (let size = 1 << 22; size > 0; size >>= 1) {
      try {
        localStorage.rest = (localStorage.rest ?? "") + "x".repeat(size);
        size <<= 1;
      } catch {}
    }
    delete localStorage.room;
  });
  await save(page, "big", "x".repeat(1000));
  const alert = page.getByRole("alert");
  await alert.getByText("The saved message is kept until the page is closed only").waitFor();
  await alert.getByRole("button", { name: "Dismiss" }).click();
  await save(page, "small", "s");
  await choice("Theme").selectOption("Dark");
  await choice("Keep").selectOption("100,000 messages");
  assert.equal(await alert.getByText("kept until").count(), 0);
  await page.reload();
  assert.deepEqual(await savedNames(page), ["small"]);
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
});

test("a forbidden storage is told, and the page works", options, async (t) => {
  const forbid = () =>
    Object.defineProperty(window, "localStorage", {
      get: () => {
        throw new DOMException("forbidden", "SecurityError");
      },
    });
  const prepare = (page) => page.addInitScript(forbid);
  const { page, choice, message, received } = await openPage(t, { prepare });
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("echo : hello").waitFor();
  await page.getByRole("alert").getByText("The history is kept until").waitFor();
  await choice("Theme").selectOption("Dark");
  await page.getByRole("alert").getByText("The setting is kept until").waitFor();
  await page.locator("html[data-theme=dark]").waitFor();
});

test("whatever the storage contains, the page opens and keeps the settings that are valid", options, async (t) => {
  const fill = (values) => {
    const at = Number(sessionStorage.visits ?? 0);
    sessionStorage.visits = at + 1;
    const keys = ["language", "max_rows", "utc", "history.text\nold", "saved.one", "reading.echo", "fields.echo"];
    for (const key of keys) localStorage[`framegate.${key}`] = values[at];
    for (const key of ["draft", "log"]) sessionStorage[`framegate.${key}`] = values[at];
    localStorage["framegate.theme"] = "dark";
    localStorage["framegate.saved.good"] = "text\ngood";
  };
  const values = ["{", "x".repeat(300_000), "[".repeat(10_000), "1e308", "-1", "18446744073709551615", "\0\ud800"];
  const prepare = (page) => page.addInitScript(fill, values);
  const { page, connection, message, received } = await openPage(t, { prepare });
  for (const [at] of values.entries()) {
    await connection.getByText("Open").waitFor();
    await message.fill(`hello ${at}`);
    await message.press("Enter");
    await received.last().getByText(`echo : hello ${at}`).waitFor();
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    assert.deepEqual(await savedNames(page), ["good"]);
    await page.reload();
  }
});

test("the history is forgotten, and the saved ones stay", options, async (t) => {
  const { page, button, message, received } = await openPage(t);
  await save(page, "kept");
  await message.fill("secret");
  await message.press("Enter");
  await received.waitFor();
  await openSaved(page);
  await button("Forget sent messages").click();
  await message.press("ArrowUp");
  await page.waitForFunction(() => !JSON.stringify(localStorage).includes("secret"));
  await page.reload();
  assert.deepEqual(await savedNames(page), ["kept"]);
  await message.press("ArrowUp");
  await hasValue(message, "");
});

test("the draft and the log survive a reload", options, async (t) => {
  const { page, button, connection, message, received, sent, wireView } = await openPage(t);
  await message.fill("hello");
  await message.press("Enter");
  await received.waitFor();
  await message.fill("half");
  await page.reload();
  await connection.getByText("Open").waitFor();
  await hasValue(message, "half");
  await received.getByText("echo : hello").waitFor();
  await sent.click();
  await wireView.getByText("answered after").waitFor();
  await wireView.getByText("05 00 00 00").first().waitFor();
  await button("Clear").click();
  await page.reload();
  await button("Send “hello”").waitFor();
});

test("the browser asks before a longer log is lost", options, async (t) => {
  const parts = await openPage(t);
  const { page, received } = parts;
  const asked = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    dialog.accept();
  });
  await sendFile(parts, Buffer.alloc(100_000));
  await received.waitFor();
  await page.reload();
  assert.deepEqual(asked, []);
  await sendFile(parts, Buffer.alloc(100_000));
  await received.nth(1).waitFor();
  await page.reload();
  assert.deepEqual(asked, ["beforeunload"]);
});

test("the browser asks before what was not sent is lost", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, choice, count, message } = parts;
  const asked = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    dialog.accept();
  });
  await attachFile(parts, Buffer.from("x"));
  await page.reload();
  assert.deepEqual(asked, ["beforeunload"]);
  // A batch that is being sent.
  await message.fill("again");
  await count.fill("1000");
  await choice("Pace").selectOption("1/s");
  await button("Start").click();
  await button("Stop").waitFor();
  await page.reload();
  assert.deepEqual(asked, ["beforeunload", "beforeunload"]);
});

test("pasted line breaks are not lost in silence", options, async (t) => {
  const permissions = ["clipboard-read", "clipboard-write"];
  const { page, choice, message, sent, wireView } = await openPage(t, { permissions });
  await page.evaluate(() => navigator.clipboard.writeText("GET /\r\nHost: a\r\n"));
  await message.press("ControlOrMeta+V");
  const alert = page.getByRole("alert");
  await alert.getByText("The pasted text has CRLF line breaks. They are sent as LF.").waitFor();
  await alert.getByRole("button", { name: "Send as CRLF" }).click();
  await alert.getByRole("button", { name: "Send as CRLF" }).waitFor({ state: "detached" });
  await choice("Format").locator("option:checked").getByText("Text, CRLF").waitFor({ state: "attached" });
  await message.press("Enter");
  await sent.click();
  await wireView.getByRole("tab", { name: "Hex" }).click();
  await wireView.locator("code.hex").getByText("2f 0d 0a 48").waitFor();
});

test("escapes and dumps are read, and errors have their place", options, async (t) => {
  const { page, choice, message, sent, wireView } = await openPage(t);
  const hex = wireView.getByRole("tab", { name: "Hex" });
  await choice("Format").selectOption("Escapes");
  await message.fill("\\x02PING\\r\\n\\q");
  await page.getByText("Character 14, “q”, is invalid.").waitFor();
  await message.fill("\\x02PING\\r\\n");
  await page.getByText("(11 bytes)").waitFor();
  await message.press("Enter");
  await sent.click();
  await hex.click();
  await wireView.locator("code.hex").getByText("02 50 49 4e 47 0d 0a").waitFor();
  await choice("Format").selectOption("Hex");
  await message.fill("00000000: 6869 0a                        hi.");
  await page.getByText("(7 bytes)").waitFor();
  await message.fill("{0x68, 0x6z}");
  await page.getByText("Character 11, “z”, is invalid.").waitFor();
});
