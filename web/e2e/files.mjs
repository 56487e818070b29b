// Files that go into the page, and out of it.

import { readFile } from "node:fs/promises";

/** Presses a button of the export menu, which is in another menu on small screens. */
async function pressInMenu({ button }, name) {
  if (!(await button("Export").isVisible())) await button("More tools").click();
  if (!(await button(name).isVisible())) await button("Export").click();
  await button(name).click();
}

/** Exports all messages in `format`; resolves to the file's text. */
export async function exportAll(parts, format = "NDJSON") {
  const saved = parts.page.waitForEvent("download");
  await pressInMenu(parts, format);
  const download = await saved;
  await parts.page.keyboard.press("Escape");
  return readFile(await download.path(), "utf8");
}

/** Imports a file that holds `buffer`. */
export async function importFile(parts, buffer) {
  const asked = parts.page.waitForEvent("filechooser");
  await pressInMenu(parts, "Import");
  await (await asked).setFiles({ name: "messages.ndjson", mimeType: "text/plain", buffer });
}

/** Chooses a file that holds `buffer`, to be sent as a message. */
export async function sendFile({ page, button }, buffer) {
  const asked = page.waitForEvent("filechooser");
  await button("File…").click();
  await (await asked).setFiles({ name: "file", mimeType: "application/octet-stream", buffer });
}

/** Dispatches an event that carries a file with these bytes to the composer's input. */
export function give(message, type, property, bytes) {
  const init = { type, property, bytes };
  return message.evaluate((input, { type, property, bytes }) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], "file"));
    const Kind = type === "paste" ? ClipboardEvent : DragEvent;
    const event = new Kind(type, { [property]: files, bubbles: true, cancelable: true });
    input.dispatchEvent(event);
    return event.defaultPrevented;
  }, init);
}
