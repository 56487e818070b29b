// Helpers for exports, imports and uploads.

import { readFile } from "node:fs/promises";

/** Clicks a button of the dialog for files, whose own button is in a menu on small screens. */
async function clickInMenu({ button }, name) {
  if (!(await button("Export").isVisible())) await button("More tools").click();
  if (!(await button(name).isVisible())) await button("Export").click();
  await button(name).click();
}

/** Exports all messages in `format`; resolves to the file's content. */
export async function exportAll(parts, format = "NDJSON") {
  const content = await download(parts, () => clickInMenu(parts, format));
  await parts.page.keyboard.press("Escape");
  return content.toString("utf8");
}

/** Resolves to the content of the file that `action` makes the page download. */
export async function download({ page }, action) {
  const saved = page.waitForEvent("download");
  await action();
  return readFile(await (await saved).path());
}

/** Imports a file with the content `buffer`. */
export async function importFile(parts, buffer) {
  const chooser = parts.page.waitForEvent("filechooser");
  await clickInMenu(parts, "Import");
  await (await chooser).setFiles({ name: "messages.ndjson", mimeType: "text/plain", buffer });
}

/** Sends a file with the content `buffer` as a message. */
export async function sendFile({ page, button }, buffer) {
  const chooser = page.waitForEvent("filechooser");
  await button("File…").click();
  await (await chooser).setFiles({ name: "file", mimeType: "application/octet-stream", buffer });
}

/** Dispatches a drop or paste event with a file of these bytes to the composer's input. */
export function dispatchFile(message, type, property, bytes) {
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
