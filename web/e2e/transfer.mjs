// Pastes and drops, as events with a DataTransfer, and pasted text.

/**
 * Dispatches a paste or drop to an element, with text, a file of these bytes, or both, as from a
 * spreadsheet.
 *
 * @returns true if the page takes it, false if it is left to the browser.
 */
export function dispatchTransfer(target, type, { text, bytes }) {
  return target.evaluate(
    (element, { type, text, bytes }) => {
      const data = new DataTransfer();
      if (text !== undefined) data.setData("text/plain", text);
      if (bytes) data.items.add(new File([new Uint8Array(bytes)], "file"));
      const init = { bubbles: true, cancelable: true };
      const event =
        type === "paste"
          ? new ClipboardEvent(type, { ...init, clipboardData: data })
          : new DragEvent(type, { ...init, dataTransfer: data });
      // Firefox gives a synthetic paste no data.
      if (type === "paste") Object.defineProperty(event, "clipboardData", { value: data });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    },
    { type, text, bytes },
  );
}

/** Enters text of several lines as a paste does: Firefox's driver would type its line breaks. */
export function enterText(input, text) {
  return input.evaluate((element, text) => {
    element.focus();
    element.select();
    document.execCommand("insertText", false, text);
  }, text);
}
