// Pastes and drops, as events with a DataTransfer, and pasted text.

/**
 * Dispatches a drag or paste event with text and files, each a name and bytes, as from a
 * spreadsheet; resolves to true if the page takes it, to false if it is left to the browser.
 */
export function transfer(target, type, { text, files = [] }) {
  return target.evaluate(
    (element, { type, text, files }) => {
      const data = new DataTransfer();
      if (text !== undefined) data.setData("text/plain", text);
      for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name));
      const [Kind, property] =
        type === "paste" ? [ClipboardEvent, "clipboardData"] : [DragEvent, "dataTransfer"];
      const event = new Kind(type, { [property]: data, bubbles: true, cancelable: true });
      // Firefox gives a synthetic paste no data.
      if (type === "paste") Object.defineProperty(event, property, { value: data });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    },
    { type, text, files },
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
