// Helpers for exports, imports and uploads.

import { readFile } from "node:fs/promises";

/** Clicks a button of the export menu, which is inside another menu on small screens. */
async function clickInMenu({ button }, name) {
  if (!(await button("Export").isVisible())) await button("More tools").click();
  if (!(await button(name).isVisible())) await button("Export").click();
  await button(name).click();
}

/** Exports all messages in `format`; resolves to the file's content. */
export async function exportAll(parts, format = "NDJSON") {
  const saved = parts.page.waitForEvent("download");
  await clickInMenu(parts, format);
  const download = await saved;
  await parts.page.keyboard.press("Escape");
  return readFile(await download.path(), "utf8");
}

/** Imports a file with the content `buffer`. */
export async function importFile(parts, buffer) {
  const chooser = parts.page.waitForEvent("filechooser");
  await clickInMenu(parts, "Import");
  await (await chooser).setFiles({ name: "messages.ndjson", mimeType: "text/plain", buffer });
}

/** Adds a file with the content `buffer` to the composer. */
export async function attachFile({ page, button }, buffer) {
  const chooser = page.waitForEvent("filechooser");
  await button("File…").click();
  await (await chooser).setFiles({ name: "file", mimeType: "application/octet-stream", buffer });
  await button("Remove file").last().waitFor();
}

/** Sends a file with the content `buffer` as a message. */
export async function sendFile(parts, buffer) {
  await attachFile(parts, buffer);
  await parts.send.click();
}

/**
 * Dispatches a drag or paste event with text and files, each a name and bytes; resolves to true if
 * the page has prevented the browser's own action.
 */
export function transfer(target, type, { text, files = [] }) {
  return target.evaluate(
    (element, { type, text, files }) => {
      const data = new DataTransfer();
      if (text) data.setData("text/plain", text);
      for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name));
      const [Kind, property] =
        type === "paste" ? [ClipboardEvent, "clipboardData"] : [DragEvent, "dataTransfer"];
      const event = new Kind(type, { [property]: data, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    },
    { type, text, files },
  );
}
