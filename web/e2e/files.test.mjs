// Files: sent as messages, exported and imported.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attachFile, exportAll, importFile } from "./files.mjs";
import { openPage, startGateway } from "./harness.mjs";

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
  await page.reload();
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
  assert.equal(await received.count(), 0);
  assert.equal(await sent.count(), 4);

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
