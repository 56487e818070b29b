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
