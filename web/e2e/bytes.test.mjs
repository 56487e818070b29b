// Try on bytes, and the reading of a raw upstream: in the page's late part.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { assertAccessible, hasCount, hasValue, listen, openPage, startGateway } from "./harness.mjs";
import { transfer } from "./transfer.mjs";

const options = { timeout: 60_000 };

/** A message of PostgreSQL: type, length that counts itself, body. */
function postgres(type, body) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)]);
}

/** The fragment that chooses the raw upstream. */
const RAW = "#upstream=db";

const CAPTURE = Buffer.concat([
  postgres("R", [0, 0, 0, 0]),
  postgres("S", "client_encoding\0UTF8\0"),
  postgres("S", "TimeZone\0UTC\0"),
  postgres("Z", "I"),
]);

/** The lines of `hexdump -C`. */
function dump(bytes) {
  const line = (_, row) => {
    const part = [...bytes.subarray(16 * row, 16 * row + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = part.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "."));
    return `${(16 * row).toString(16).padStart(8, "0")}  ${hex.padEnd(48)}  |${text.join("")}|`;
  };
  return Array.from({ length: Math.ceil(bytes.length / 16) }, line).join("\n");
}

/** Opens the tool of a page by the keyboard; resolves to the page's parts and the tool's. */
async function openTool(t, more = {}) {
  const parts = await openPage(t, more);
  await parts.button("Try on bytes").focus();
  await parts.page.keyboard.press("Enter");
  return { ...parts, ...toolOf(parts.page) };
}

function toolOf(page) {
  const tool = page.getByRole("dialog", { name: "Try on bytes" });
  return {
    tool,
    bytes: tool.getByRole("textbox", { name: "Bytes" }),
    notation: tool.getByRole("textbox", { name: "Notation" }),
    framing: tool.getByRole("combobox", { name: "Framing" }),
    protocol: tool.getByRole("combobox", { name: "Protocol" }),
    frames: tool.locator(".frame"),
    action: (name) => tool.getByRole("button", { name, exact: true }),
  };
}

/** Starts a gateway in front of a TCP service with framing `raw`. */
async function startRaw(t, serve) {
  const port = await listen(t, createServer(serve));
  return startGateway(t, { more: ["--upstream", `db=127.0.0.1:${port}?framing=raw`] });
}

test("a pasted capture is guessed, and a click picks a framing", options, async (t) => {
  const { page, tool, bytes, notation, frames } = await openTool(t);
  await tool.getByText("Paste bytes, or take what arrived").waitFor();
  await assertAccessible(page, "without bytes");
  await bytes.fill(dump(CAPTURE));
  await tool.getByText(`${CAPTURE.length} bytes, read as hexadecimal.`).waitFor();
  const best = tool.getByRole("listitem").filter({ hasText: "PostgreSQL" }).getByRole("button");
  await best.getByText("4 frames, to the last byte").waitFor();
  await tool.getByText("4 frames by 1+u32be-inclusive").waitFor();
  await assertAccessible(page, "guesses");
  await best.click();
  await hasValue(notation, "1+u32be-inclusive");
  await hasCount(frames, 4);
  await frames.nth(1).getByText("9–34").click();
  await frames.nth(1).getByText("= 25, u32, big-endian, itself included").waitFor();
  await assertAccessible(page, "a frame");
});

test("the byte at which a framing fails is told with the reason", options, async (t) => {
  const { page, tool, bytes, notation, frames } = await openTool(t);
  await bytes.fill(dump(CAPTURE));
  await notation.fill("0x52+u32be-inclusive");
  await tool.getByText("Fails at byte 9, in frame 2").waitFor();
  await tool.getByText("0x53, expected 0x52").waitFor();
  await hasCount(frames, 1);
  await assertAccessible(page, "a broken frame");
  await notation.fill("1+u32be-inclusive");
  await bytes.fill(dump(CAPTURE.subarray(0, -1)));
  await tool.getByText("the last frame is incomplete").waitFor();
  await hasCount(frames, 3);
  await bytes.fill("51 0");
  await tool.getByRole("combobox", { name: "Read as" }).selectOption("hexadecimal");
  await tool.getByText("Line 1: half a byte").waitFor();
  await assertAccessible(page, "invalid hexadecimal");
});

test("text with escapes is read, and a long capture is cut", options, async (t) => {
  const { tool, bytes, protocol, notation, frames } = await openTool(t);
  await bytes.fill("PING\\r\\nPONG\\r\\n");
  await tool.getByText("12 bytes, read as text with escapes.").waitFor();
  await protocol.selectOption("IRC");
  await hasValue(notation, "crlf");
  await tool.getByText("2 frames by crlf").waitFor();
  await bytes.fill("x\\n".repeat(40_000));
  await tool.getByText("The first 64 KiB are looked at.").waitFor();
  await notation.fill("lines");
  await tool.getByText("32,768 frames by lines").waitFor();
  await hasCount(frames, 100);
});

test("a drawn framing has chips in wire order, and its error a place", options, async (t) => {
  const { page, tool, notation, framing } = await openTool(t);
  await notation.fill("0x0300+u16be-all");
  const chips = tool.locator(".chip");
  await chips.nth(2).waitFor();
  assert.deepEqual(await chips.locator("b").allTextContents(), ["fixed", "length", "payload"]);
  assert.deepEqual(await chips.locator("code").allTextContents(), [
    "03 00",
    "00 09",
    "68 65 6c 6c 6f",
  ]);
  await tool.getByText("TPKT: S7, RDP", { exact: true }).last().waitFor();
  await hasValue(framing, "drawn");
  await assertAccessible(page, "chips");
  await notation.fill("1+u15be");
  await tool.getByText("no length of 15 bits").waitFor();
  assert.equal(await tool.locator("mark").textContent(), "u15be");
  assert.equal(await notation.getAttribute("aria-invalid"), "true");
  await assertAccessible(page, "a wrong notation");
  await framing.selectOption("netstring");
  await hasValue(notation, "netstring");
});

test("a capture is read from a file that is dropped on the tool", options, async (t) => {
  const { page } = await openPage(t, { fragment: "#try" });
  const tool = page.getByRole("dialog", { name: "Try on bytes" });
  const box = tool.getByRole("textbox", { name: "Bytes" });
  await box.waitFor();
  await transfer(box, "drop", { files: [["capture.bin", [2, 0, 0, 0, 104, 105]]] });
  await hasValue(box, "02 00 00 00 68 69");
  const dump = [...Buffer.from("01 00 00 00 61\n")];
  await transfer(tool, "drop", { files: [["dump.txt", dump]] });
  await hasValue(box, "01 00 00 00 61\n");
  await page.keyboard.press("Escape");
  await tool.waitFor({ state: "hidden" });
  assert.equal(await page.getByRole("list", { name: "Attachments" }).count(), 0);
});

test("a file of any encoding is read, also when it is chosen again", options, async (t) => {
  const { page, tool, bytes, frames, notation, action } = await openTool(t);
  await notation.fill("u8");
  const choose = async (buffer) => {
    const chooser = page.waitForEvent("filechooser");
    await action("File…").click();
    await (await chooser).setFiles({ name: "dump.txt", mimeType: "text/plain", buffer });
    await hasValue(bytes, "01 61\n");
    await hasCount(frames, 1);
    // An empty one takes the same file again, and says so to the page.
    assert.equal(await page.locator("#try-file").inputValue(), "");
    await bytes.fill("");
    await tool.getByText("Paste bytes").waitFor();
  };
  const text = "\ufeff01 61\n";
  const dump = Buffer.from(text, "utf16le");
  await choose(dump);
  await choose(dump);
  await choose(Buffer.from(text, "utf16le").swap16());
  await choose(Buffer.from(text));
});

test("a link opens the tool, also beside an upstream", options, async (t) => {
  const { page, connection } = await openPage(t, { fragment: "#try" });
  const tool = page.getByRole("dialog", { name: "Try on bytes" });
  await tool.waitFor();
  await page.keyboard.press("Escape");
  await tool.waitFor({ state: "hidden" });
  for (const hash of ["#upstream=echo&try", "#try&upstream=echo"]) {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await tool.waitFor();
    await connection.getByText("Open").waitFor();
    await page.keyboard.press("Escape");
    await tool.waitFor({ state: "hidden" });
  }
});

test("the reasons of a wrong notation are told in Japanese, too", options, async (t) => {
  const { page } = await openPage(t, { fragment: "#try", locale: "ja", opens: false });
  const tool = page.getByRole("dialog");
  await tool.getByRole("textbox", { name: "表記" }).fill("1+u15be");
  await tool.getByText("15 ビットの長さはありません").waitFor();
});

test("a length in the other byte order is told in both languages", options, async (t) => {
  const reasons = {
    en: ["Bytes", "Notation", "as u32le it has 5 bytes"],
    ja: ["バイト列", "表記", "u32le として読むと 5 バイトです"],
  };
  for (const [locale, [bytes, notation, reason]] of Object.entries(reasons)) {
    const { page } = await openPage(t, { fragment: "#try", locale, opens: false });
    const tool = page.getByRole("dialog");
    await tool.getByRole("textbox", { name: bytes, exact: true }).fill("05 00 00 00 68 65 6c 6c 6f");
    await tool.getByRole("textbox", { name: notation }).fill("u32be");
    await tool.getByText(reason).waitFor();
  }
});

test("a raw upstream is read as messages, however they are divided", options, async (t) => {
  let service;
  const gateway = await startRaw(t, (socket) => {
    service = socket;
    socket.on("error", () => {});
  });
  const { page, button, choice, connection, message, received, sent, wireView, tool, ...parts } =
    await openTool(t, { gateway, fragment: RAW });
  await parts.notation.fill("1+u32be-inclusive");
  await tool.getByText("the gateway still passes raw bytes").waitFor();
  await assertAccessible(page, "a raw upstream");
  await parts.action("Read the upstream by it").click();
  await tool.waitFor({ state: "hidden" });
  const upstream = choice("Upstream");
  await upstream.getByText("db · raw, read as 1+u32be-inclusive").waitFor({ state: "attached" });

  const query = new Promise((resolve) => service.once("data", resolve));
  await message.fill("QSELECT 1");
  await message.press("Enter");
  assert.deepEqual(await query, postgres("Q", "SELECT 1"));
  service.write(CAPTURE.subarray(0, 12));
  await received.waitFor();
  assert.equal(await received.count(), 1);
  service.write(CAPTURE.subarray(12));
  await received.nth(3).waitFor();
  assert.equal(await received.count(), 4);
  await sent.click();
  await wireView.getByText("= 12, u32, big-endian, itself included").waitFor();

  // The choice is kept, and a framing that fails is told; the rest is raw.
  await page.reload();
  await connection.getByText("Open").waitFor();
  await upstream.getByText("db · raw, read as 1+u32be-inclusive").waitFor({ state: "attached" });
  await message.fill("Qhello");
  await message.press("Enter");
  await sent.nth(1).waitFor();
  service.write(Buffer.concat([postgres("Z", "I"), Buffer.from("HTTP/1.1 400")]));
  await page.getByRole("alert").getByText("Not 1+u32be-inclusive at byte 6").waitFor();
  await received.getByText("HTTP/1.1 400").click();
  await wireView.getByText("none; bytes as they are").waitFor();

  // What a raw upstream sent can be tried, and it can be read raw again.
  await button("Try on bytes").click();
  await parts.action("Take the shown message").click();
  await tool.getByText("12 bytes, read as hexadecimal.").waitFor();
  await parts.action("Read it raw again").click();
  await upstream.getByText("db · raw", { exact: true }).waitFor({ state: "attached" });
});

test("bytes of an incomplete frame are shown when the connection ends", options, async (t) => {
  const gateway = await startRaw(t, (socket) => {
    socket.once("data", (data) => {
      socket.write(Buffer.concat([data, Buffer.from("rest")]));
      socket.end();
    });
  });
  const { page, message, received, ...parts } = await openTool(t, { gateway, fragment: RAW });
  await parts.framing.selectOption("lines");
  await parts.action("Read the upstream by it").click();
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("hello", { exact: true }).waitFor();
  await received.getByText("rest", { exact: true }).waitFor();
  await page.getByRole("alert").getByText("The last bytes are no whole frame of lines").waitFor();
});

test("the raw stream of the shown message is offered", options, async (t) => {
  let connected;
  const connection = new Promise((resolve) => (connected = resolve));
  const gateway = await startRaw(t, connected);
  const { button, message, received, page } = await openPage(t, { gateway, fragment: RAW });
  await message.fill("x");
  await message.press("Enter");
  const service = await connection;
  service.write(CAPTURE.subarray(0, 10));
  await received.waitFor();
  service.write(CAPTURE.subarray(10));
  await received.nth(1).waitFor();
  await button("Try on bytes").click();
  const { tool } = toolOf(page);
  await tool.getByText(`${CAPTURE.length} bytes, read as hexadecimal.`).waitFor();
  await tool.getByText("4 frames by 1+u32be-inclusive").waitFor();
});

test("a late part that fails to load can be tried again", options, async (t) => {
  const prepare = (page) => page.route("**/late_bg.wasm*", (route) => route.abort());
  const { page, button } = await openPage(t, { prepare });
  await button("Try on bytes").click();
  const alert = page.getByRole("alert");
  await alert.getByText("A part of the page could not be loaded").waitFor();
  await assertAccessible(page, "a late part that could not be loaded");
  const failed = page.waitForEvent("requestfailed");
  await button("Try again").click();
  await failed;
  await alert.getByText("A part of the page could not be loaded").waitFor();
  await page.unroute("**/late_bg.wasm*");
  await button("Try again").click();
  await page.getByRole("dialog", { name: "Try on bytes" }).waitFor();
  await alert.getByText("could not be loaded").waitFor({ state: "hidden" });
});

test("the tool fits a phone, in Japanese", options, async (t) => {
  const viewport = { width: 320, height: 568 };
  const { page } = await openPage(t, { viewport, locale: "ja", opens: false });
  await page.getByText("接続済み").waitFor();
  await page.getByRole("button", { name: "設定" }).click();
  await page.getByRole("button", { name: "バイト列で試す" }).click();
  const tool = page.getByRole("dialog", { name: "バイト列で試す" });
  await tool.getByRole("textbox", { name: "バイト列" }).fill(dump(CAPTURE));
  await tool.getByText("1+u32be-inclusive で 4 フレーム").waitFor();
  await tool.getByRole("button", { name: /1\+u32be-inclusive/ }).click();
  await assertAccessible(page, "the tool on a phone");
  const overflow = await tool.evaluate((it) => it.scrollWidth - it.clientWidth);
  assert.equal(overflow, 0);
  await page.keyboard.press("Escape");
  await tool.waitFor({ state: "hidden" });
});
