// Text that is pasted or dropped with a picture of it, in each engine.

import assert from "node:assert/strict";
import { testInEngines } from "../harness.mjs";
import { transfer } from "../transfer.mjs";

for (const type of ["paste", "drop"]) {
  testInEngines(`a ${type} of cells with their picture keeps the text and sends nothing`, async (t, open) => {
    const { message, received, sent } = await open();
    const isTaken = await transfer(message, type, {
      text: "a\tb",
      files: [["cells.png", [0x89, 0x50]]],
    });
    // The browser itself inserts what the page leaves to it, but for synthetic events.
    if (isTaken) assert.equal(await message.inputValue(), "a\tb");
    await message.fill("typed");
    await message.press("Enter");
    await received.getByText("echo : typed").waitFor();
    assert.equal(await sent.count(), 1);
  });
}
