// Messages, in each engine: sent, shown, found, held back, repeated, and kept as files.

import assert from "node:assert/strict";
import { exportAll, importFile } from "../files.mjs";
import { eventually, hasValue, sendAll, testInEngines } from "../harness.mjs";

testInEngines("a message is echoed, and its bytes are in the wire, JSON and hex views", async (t, open) => {
  const { page, message, send, sent, received, wireView } = await open();
  await message.fill("[1.0]");
  await send.click();
  await received.getByText("echo : [1.0]").waitFor();
  await hasValue(message, "");
  await sent.click();
  await wireView.getByText("= 5, u32, little-endian").waitFor();
  const dump = wireView.locator(".hex");
  const bytes = async () => (await dump.innerText()).trim();
  await eventually(bytes, "05 00 00 00 5b 31 2e 30 5d");
  const view = async (name) => {
    await page.getByRole("tab", { name }).click();
    await page.getByRole("tab", { name, selected: true }).waitFor();
  };
  await view("JSON");
  await wireView.getByText("1.0", { exact: true }).waitFor();
  await view("Hex");
  await eventually(bytes, "5b 31 2e 30 5d");
});

testInEngines("Japanese text is echoed unchanged", async (t, open) => {
  const { message, sent, received, wireView } = await open();
  await message.fill("こんにちは");
  await message.press("Enter");
  await received.getByText("echo : こんにちは").waitFor();
  await sent.click();
  await wireView.getByText("e3 81 93 e3 82 93").waitFor();
});

testInEngines("the filter finds text, and a paused log holds messages back", async (t, open) => {
  const parts = await open();
  const { page, button, filter, message, received } = parts;
  await sendAll(parts, ["apple", "pear"]);
  await filter.fill("APPLE");
  await page.getByText("2 of 4").waitFor();
  await filter.fill("/^p.*r$/");
  await page.getByText("1 of 4").waitFor();
  await filter.fill("");
  await button("Pause").click();
  await message.fill("plum");
  await message.press("Enter");
  await page.getByText("2 new while paused").waitFor();
  assert.equal(await received.count(), 2);
  await button("Resume").click();
  await received.getByText("echo : plum").waitFor();
});

testInEngines("a thousand repetitions are all sent and answered", async (t, open) => {
  const { button, count, message, repeat, statistics } = await open();
  await message.fill("again");
  await count.fill("1000");
  await button("Start").click();
  await repeat.getByText("1,000 of 1,000 sent").waitFor();
  await statistics.getByText("1,000 · 4.88 KiB").waitFor();
  await statistics.getByText("1,000 · 11.7 KiB").waitFor();
});

testInEngines("an export is saved as a file, and can be imported", async (t, open) => {
  const parts = await open();
  await sendAll(parts, ["こんにちは", "two"]);
  const file = await exportAll(parts);
  const rows = file.trim().split("\n").map(JSON.parse);
  assert.deepEqual(
    rows.map(({ direction, text }) => `${direction} ${text}`),
    ["sent こんにちは", "received echo : こんにちは", "sent two", "received echo : two"],
  );
  // The reload keeps the messages.
  await parts.page.reload();
  await parts.button("Clear").click();
  await importFile(parts, Buffer.from(file));
  await parts.page.getByText("4 messages imported.").waitFor();
  const previews = () => parts.received.locator(".preview").allInnerTexts();
  await eventually(previews, ["echo : こんにちは", "echo : two"]);
});
