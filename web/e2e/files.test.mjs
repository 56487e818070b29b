// Files: sent as messages, exported and imported.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attachFile, download, exportAll, importFile } from "./files.mjs";
import { eventually, hasCount, openPage, startGateway } from "./harness.mjs";
import { transfer } from "./transfer.mjs";

const options = { timeout: 60_000 };

test("chosen files are sent as one message each with Send, unless they are too long", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--max-frame", "1KiB"] });
  const parts = await openPage(t, { gateway });
  const { page, send, sent, wireView } = parts;
  await attachFile(parts, Buffer.from([0, 255, 1]));
  assert.equal(await sent.count(), 0);
  await send.click();
  await sent.click();
  await wireView.getByText("3 bytes that are not UTF-8").waitFor();
  await attachFile(parts, Buffer.alloc(1025));
  await page.getByRole("alert").getByText("Too long by 1 byte").waitFor();
  assert.ok(await send.isDisabled());
  assert.equal(await sent.count(), 1);
});

test("an export can be imported and sent again", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, message, received, sent, wireView } = parts;
  for (const [index, text] of ["one", "two"].entries()) {
    await message.fill(text);
    await message.press("Enter");
    await received.nth(index).waitFor();
  }
  const file = Buffer.from(await exportAll(parts));
  await button("Clear").click();
  await importFile(parts, file);
  await page.getByText("4 messages imported.").waitFor();
  assert.deepEqual(await received.locator(".preview").allInnerTexts(), ["echo : one", "echo : two"]);

  await sent.first().click();
  await wireView.getByRole("button", { name: "Send again" }).click();
  await received.nth(2).waitFor();
  await button("Resend 2 sent messages").click();
  await received.nth(4).waitFor();
  const echoes = ["one", "two", "one", "one", "two"].map((text) => `echo : ${text}`);
  assert.deepEqual(await received.locator(".preview").allInnerTexts(), echoes);
});

test("a batch with a message that the framing refuses is not sent", options, async (t) => {
  const { echo } = await startGateway(t);
  const other = `other=${new URL(echo).host}`;
  const gateway = await startGateway(t, { more: ["--framing", "lines", "--upstream", other] });
  const parts = await openPage(t, { gateway });
  const { page, button, choice, connection, received, sent, wireView } = parts;
  const of = (text) => ({ time: new Date(), direction: "sent", kind: "text", text });
  const lines = ["one", "t\nwo"].map((text, id) => `${JSON.stringify({ id, ...of(text) })}\n`);
  const file = Buffer.from(lines.join(""));
  await importFile(parts, file);
  await sent.last().click();
  await wireView.getByRole("button", { name: "Send again" }).click();
  const reason = "A line break after 1 byte would end the message early: this framing cannot carry it.";
  const alert = page.getByRole("alert");
  await alert.getByText(reason, { exact: true }).waitFor();
  await importFile(parts, file);
  await button("Resend 2 sent messages").click();
  await alert.getByText(`Nothing was sent. Message 2: ${reason}`).waitFor();
  await connection.getByText("Open").waitFor();
  await hasCount(received, 0);
  await hasCount(sent, 4);

  await choice("Upstream").selectOption("other · u32le");
  await connection.getByText("Open").waitFor();
  await button("Resend 2 sent messages").click();
  await received.nth(1).waitFor();
  assert.equal(await alert.getByText("Nothing was sent").count(), 0);
});

test("a file that is not an export is refused with its invalid line", options, async (t) => {
  const parts = await openPage(t);
  await importFile(parts, Buffer.from('{"id":1}\n'));
  await parts.page.getByText("Line 1 of the file is not a message").waitFor();
  assert.equal(await parts.messages.getByRole("option").count(), 0);
});

/** Sends `text`, and waits for the echo. */
async function exchange({ message, received }, text) {
  const count = await received.count();
  await message.fill(text);
  await message.press("Enter");
  await received.nth(count).waitFor();
}

test("an export is imported in another time zone at its instant", options, async (t) => {
  const parts = await openPage(t, { timezoneId: "Asia/Tokyo" });
  const before = Date.now();
  await exchange(parts, "hello");
  const file = await exportAll(parts);
  const { time } = JSON.parse(file.split("\n")[0]);
  assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
  const instant = Date.parse(time);
  assert.ok(instant >= before && instant <= Date.now(), time);

  // A winter's message, on a summer's day in a zone with daylight saving.
  const winter = { time: "2025-01-15T12:00:00.000Z", direction: "sent", kind: "text", text: "a" };
  const other = await openPage(t, { timezoneId: "America/New_York" });
  await importFile(other, Buffer.from(`${file}${JSON.stringify(winter)}\n`));
  const shown = other.sent.last().locator(".time");
  await shown.waitFor();
  await eventually(() => shown.getAttribute("title"), "2025-01-15T07:00:00.000-05:00");
  await eventually(() => shown.innerText(), "2025-01-15");
  const imported = other.sent.first().locator(".time");
  assert.equal(Date.parse(await imported.getAttribute("title")), instant);
  await other.choice("Times").selectOption("UTC");
  await eventually(() => shown.getAttribute("title"), winter.time);
  await eventually(() => imported.innerText(), time.slice(11, 23));
  assert.ok((await exportAll(other)).includes(time));
});

test("imported messages of other days have headings", options, async (t) => {
  const parts = await openPage(t, { timezoneId: "UTC" });
  const of = (time, text) => `${JSON.stringify({ time, direction: "sent", kind: "text", text })}\n`;
  const file = [
    of("2025-01-14T23:59:59.000Z", "a"),
    of("2025-01-15T00:00:00.000Z", "b"),
    of("2025-01-15T12:00:00.000Z", "c"),
  ];
  await importFile(parts, Buffer.from(file.join("")));
  await parts.page.getByText("3 messages imported.").waitFor();
  const rows = () => parts.messages.getByRole("option").allInnerTexts();
  const words = async () => (await rows()).map((row) => row.trim().split(/\s+/).at(-1));
  await eventually(words, ["echo", "2025-01-14", "a", "2025-01-15", "b", "c"]);
  // Over a reload, too, and before the messages of today.
  await parts.page.reload();
  await parts.connection.getByText("Open").waitFor();
  const today = new Date().toISOString().slice(0, 10);
  await eventually(words, ["2025-01-14", "a", "2025-01-15", "b", "c", today, "echo"]);
});

test("a file that is dropped on the dialog is imported", options, async (t) => {
  const parts = await openPage(t);
  const line = '{"time":"2026-11-22T03:01:03Z","direction":"sent","kind":"text","text":"dropped"}';
  await parts.button("Export").click();
  const dialog = parts.page.getByRole("dialog");
  await transfer(dialog, "drop", { files: [["messages.ndjson", [...Buffer.from(line)]]] });
  await parts.sent.getByText("dropped", { exact: true }).waitFor();
  assert.equal(await parts.page.getByRole("list", { name: "Attachments" }).count(), 0);
});

test("files of editors and spreadsheets are imported", options, async (t) => {
  const parts = await openPage(t);
  const { button, sent } = parts;
  await exchange(parts, "=1+1");
  const csv = await exportAll(parts, "CSV");
  assert.ok(csv.startsWith("\ufeff"), "a spreadsheet takes it for UTF-8");
  assert.ok(csv.includes(`"'=1+1"`), csv);
  const ndjson = await exportAll(parts);
  const utf16 = Buffer.from(`\ufeff${ndjson}`, "utf16le");
  const marked = Buffer.from(`\ufeff${ndjson}`);
  const semicolons = Buffer.from(csv.replaceAll(",", ";"));
  const tabs = Buffer.from(csv.replaceAll(",", "\t"), "utf16le");
  for (const file of [Buffer.from(csv), utf16, marked, semicolons, tabs]) {
    await button("Clear").click();
    await importFile(parts, file);
    await sent.getByText("=1+1", { exact: true }).waitFor();
  }
});

test("text that is exported drives no terminal", options, async (t) => {
  const parts = await openPage(t);
  await exchange(parts, "\x1b]0;title\x07");
  const text = await exportAll(parts, "Text");
  assert.ok(text.includes("\\x1b]0;title\\x07"), text);
  assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f]/);
});

test("a message that the live feed cut is exported and imported as cut", options, async (t) => {
  const gateway = await startGateway(t, { more: ["--monitor"] });
  const parts = await openPage(t, { gateway });
  const { page, button, sent, wireView } = parts;
  await button("Monitor").click();
  await page.getByText("Watching").waitFor();
  const other = await openPage(t, { gateway });
  await exchange(other, "x".repeat(5000));
  await sent.waitFor();
  const file = await exportAll(parts);
  const { bytes, cut, session, client, text } = JSON.parse(file.split("\n")[0]);
  assert.deepEqual([bytes, cut, text.length], [5000, true, 4096]);
  assert.match(`${session} ${client}`, /^\d+ 127\.0\.0\.1:\d+$/);

  await importFile(parts, Buffer.from(file));
  await page.getByRole("alert").getByText("1 message of these: cut").waitFor();
  assert.equal(await button("Resend 1 sent message").count(), 0);
  await sent.click();
  await wireView.getByText(`(${client}) · cut, so it can't be sent again`).waitFor();
  assert.ok(await wireView.getByRole("button", { name: "Send again" }).isDisabled());
});

test("ten thousand messages are exported within a second", options, async (t) => {
  const parts = await openPage(t);
  const { page, button, count, messages } = parts;
  await count.fill("5000");
  await button("Start").click();
  await page.getByText("5,000 of 5,000 sent").waitFor();
  await messages.locator('[aria-setsize="10000"]').first().waitFor();
  // Loads the late part.
  await exportAll(parts);
  const start = performance.now();
  const file = await exportAll(parts);
  const took = performance.now() - start;
  assert.equal(file.trim().split("\n").length, 10_000);
  t.diagnostic(`${took.toFixed()} ms`);
  assert.ok(took < 1000, `${took} ms`);
});

test("an export whose program cannot be loaded is tried again", options, async (t) => {
  const prepare = (page) => page.route("**/late_bg.wasm*", (route) => route.abort());
  const parts = await openPage(t, { prepare });
  const { page, button } = parts;
  await exchange(parts, "hello");
  const alert = page.getByRole("alert");
  await alert.getByText("could not be loaded").waitFor();
  const failed = page.waitForEvent("requestfailed");
  await button("Export").click();
  await failed;
  await page.unroute("**/late_bg.wasm*");
  await alert.getByRole("button", { name: "Try again" }).click();
  const file = await download(parts, () => button("NDJSON").click());
  assert.equal(file.toString().trim().split("\n").length, 2);
});
