// The framings: their explanations, refusals, and Python snippets.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { sendFile } from "./files.mjs";
import { assertAccessible, hasValue, openPage, startGateway } from "./harness.mjs";

const options = { timeout: 60_000 };

/** Opens the page of a gateway whose echo service speaks `framing`. */
async function openWithFraming(t, framing, more = {}) {
  const gateway = await startGateway(t, { more: ["--framing", framing] });
  return openPage(t, { gateway, ...more });
}

async function exchange({ message, sent, received }, text, reply = `echo : ${text}`) {
  await message.fill(text);
  await message.press("Enter");
  await received.getByText(reply, { exact: true }).waitFor();
  await sent.last().click();
}

test("lines: a line break is refused before it is sent", options, async (t) => {
  const parts = await openWithFraming(t, "lines");
  const { connection, message, page, send, sent, wireView } = parts;
  await message.fill("one\ntwo");
  await page.getByText("A line break after 3 bytes would end the message early").waitFor();
  assert.ok(await send.isDisabled());
  await message.press("Enter");
  await message.fill("");
  await sendFile(parts, Buffer.from("a file\n"));
  await page.getByRole("alert").getByText("A line break after 6 bytes").waitFor();
  assert.equal(await sent.count(), 0);
  // The file stands there until it can be sent, or is removed.
  await parts.button("Remove file").click();
  await exchange(parts, "one");
  await wireView.getByText("LF; CRLF is read as well").waitFor();
  await connection.getByText("Open").waitFor();
});

test("lines: a line break is refused in Japanese", options, async (t) => {
  const { page } = await openWithFraming(t, "lines", { locale: "ja", opens: false });
  await page.getByRole("textbox", { name: "メッセージ" }).fill("一\n二");
  await page.getByText("3 バイトのあとの改行でメッセージが終わってしまう").waitFor();
});

test("u8: a payload that is too long for the header is refused", options, async (t) => {
  const parts = await openWithFraming(t, "u8");
  // The echo has a prefix of seven bytes.
  await parts.message.fill("x".repeat(249));
  await parts.page.getByText("Too long by 1 byte").waitFor();
  assert.ok(await parts.send.isDisabled());
  await parts.message.fill("x".repeat(248));
  await parts.message.press("Enter");
  await parts.received.click();
  await parts.wireView.getByText("= 255, u8").waitFor();
});

for (const [framing, note] of [
  ["u16be-inclusive", "= 7, u16, big-endian, itself included"],
  ["varint", "= 5, varint"],
  ["crlf", "0d 0a CRLF"],
  ["nul", "00 NUL"],
]) {
  test(`the wire view explains ${framing}`, options, async (t) => {
    const parts = await openWithFraming(t, framing);
    await exchange(parts, "hello");
    await parts.wireView.getByText(note).waitFor();
  });
}

test("raw: bytes pass unchanged both ways", options, async (t) => {
  const parts = await openWithFraming(t, "raw");
  await exchange(parts, "hello", "hello");
  await parts.wireView.getByText("none; bytes as they are").waitFor();
});

test("a picture is explained once the late part is loaded", options, async (t) => {
  const parts = await openWithFraming(t, "1+u32be-inclusive");
  await parts.page.getByText("Too short: each message needs 1 byte at least").waitFor();
  assert.ok(await parts.send.isDisabled());
  await exchange(parts, "Qhello", "Qhello");
  await parts.wireView.getByText("1 byte of the message").waitFor();
  await parts.wireView.getByText("= 9, u32, big-endian, itself included").waitFor();
  await assertAccessible(parts.page, "the wire view of a picture");
});

test("a whole frame with a wrong length can be set right", options, async (t) => {
  const { button, choice, message, page } = await openWithFraming(t, "whole:1+varint");
  await choice("Format").selectOption("Hex");
  await message.fill("30 03 68 69");
  await page.getByText("Not one frame: its length says 3, it should be 2.").waitFor();
  await button("Set the length").click();
  await page.getByText("Not one frame").waitFor({ state: "hidden" });
  await hasValue(message, "30 02 68 69");
});

test("messages pass while the late part cannot be loaded", options, async (t) => {
  const prepare = (page) => page.route("**/late.mjs*", (route) => route.abort());
  const parts = await openWithFraming(t, "1+varint", { prepare });
  await exchange(parts, "0hello", "0hello");
  await parts.wireView.getByText("30 68 65 6c 6c 6f").waitFor();
});

test("there is no Python client of a few lines for a picture", options, async (t) => {
  const { page } = await openWithFraming(t, "1+u32be-inclusive");
  await page.getByRole("button", { name: "Python, JavaScript, C…" }).click();
  const language = page.getByRole("combobox", { name: "Code in" });
  const all = ["Python", "JavaScript", "framegate send", "C"];
  assert.deepEqual(await language.getByRole("option").allInnerTexts(), all);
});

for (const framing of ["u32le", "u24be", "u8-inclusive", "varint", "lines", "crlf", "nul", "raw"]) {
  test(`the Python snippet speaks ${framing}`, options, async (t) => {
    const { page } = await openWithFraming(t, framing);
    await page.getByRole("button", { name: "Python, JavaScript, C…" }).click();
    const dialog = page.getByRole("dialog", { name: "Code that sends this message" });
    const client = await dialog.getByRole("group").textContent();
    const { stdout, stderr } = spawnSync("python3", ["-c", client], { encoding: "utf8" });
    assert.equal(stdout, framing === "raw" ? "hello\n" : "echo : hello\n", stderr);
  });
}
