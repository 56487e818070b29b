// Input, in each engine: the keyboard alone, pasted and dropped text and files, the growing box.

import assert from "node:assert/strict";
import { eventually, testInEngines } from "../harness.mjs";
import { transfer } from "../transfer.mjs";

testInEngines("messages are sent and selected by keyboard alone", async (t, open) => {
  const { page, messages, received, sent, wireView } = await open();
  await page.keyboard.type("one");
  await page.keyboard.press("Enter");
  await received.getByText("echo : one").waitFor();
  await page.keyboard.type("two");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("lines");
  await page.keyboard.press("Enter");
  await received.nth(1).waitFor();
  const list = page.getByRole("listbox", { name: "Messages" });
  while (!(await list.evaluate((list) => list === document.activeElement))) {
    await page.keyboard.press("Shift+Tab");
  }
  // The first row is the connection's.
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await wireView.getByText("3 bytes of UTF-8").waitFor();
  await eventually(() => sent.first().getAttribute("aria-selected"), "true");
  await page.keyboard.press("End");
  await wireView.getByText("16 bytes of UTF-8").waitFor();
  await page.keyboard.press("Escape");
  await messages.getByRole("option", { selected: true }).waitFor({ state: "detached" });
});

testInEngines("the tabs of the wire view follow the arrow keys", async (t, open) => {
  const { page, message, received, sent, wireView } = await open();
  await message.fill("[1]");
  await message.press("Enter");
  await received.waitFor();
  await sent.click();
  const tab = (name, more) => wireView.getByRole("tab", { name, ...more });
  await tab("Wire").focus();
  for (const name of ["Text", "JSON", "Hex"]) {
    await page.keyboard.press("ArrowRight");
    await tab(name, { selected: true }).waitFor();
  }
});

testInEngines("a menu opens by keyboard, and Escape closes it and gives the focus back", async (t, open) => {
  const { page, button } = await open();
  await button("Saved").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Name" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("textbox", { name: "Name" }).waitFor({ state: "hidden" });
  assert.ok(await button("Saved").evaluate((button) => button === document.activeElement));
});

for (const type of ["paste", "drop"]) {
  testInEngines(`a ${type} of text sends nothing`, async (t, open) => {
    const { message, received, sent } = await open();
    await transfer(message, type, { text: "pasted" });
    await message.fill("typed");
    await message.press("Enter");
    await received.getByText("echo : typed").waitFor();
    assert.equal(await sent.count(), 1);
  });

  testInEngines(`a ${type} of a file stands in the composer, and is not sent`, async (t, open) => {
    const { button, message, sent } = await open();
    assert.ok(await transfer(message, type, { files: [["two", [0, 255]]] }));
    await button("Remove two").waitFor();
    assert.equal(await sent.count(), 0);
  });
}

testInEngines("Copy puts a payload on the clipboard, or selects it", async (t, open) => {
  const { message, received, sent, wireView } = await open();
  await message.fill("copy me");
  await message.press("Enter");
  await received.waitFor();
  await sent.click();
  await wireView.getByRole("button", { name: "Copy" }).click();
  await wireView.getByRole("button", { name: /^(Copied|Press Ctrl)/ }).waitFor();
});
