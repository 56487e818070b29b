//! Clipboard: the browser's, which exists in secure contexts only, otherwise its command that copies
//! a selection.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, ClipboardItem, Element, HtmlDocument, HtmlElement, HtmlTextAreaElement};

use crate::dialog;
use crate::dom::document;
use crate::file::blob;

/// Copies a text for the page, and tells the page the result.
pub fn copy_for_page(text: String) {
    spawn_local(async move {
        let done = copy(&Array::of1(&text.into())).await;
        dialog::tell(&if done { "c" } else { "x" }.into());
    });
}

/// Copies a text of parts, strings or bytes; returns false if the browser does not allow it.
pub async fn copy(parts: &Array) -> bool {
    let Ok(blob) = blob(parts, "text/plain") else {
        return false;
    };
    let is_written = match write(&blob) {
        Some(written) => JsFuture::from(written).await.is_ok(),
        None => false,
    };
    is_written || execute(&blob).await.unwrap_or_default()
}

fn write(blob: &Blob) -> Option<Promise> {
    let clipboard = web_sys::window()?.navigator().clipboard();
    if AsRef::<JsValue>::as_ref(&clipboard).is_undefined() {
        return None;
    }
    let items = js_sys::Object::new();
    js_sys::Reflect::set(&items, &"text/plain".into(), blob).ok()?;
    let item = ClipboardItem::new_with_record_from_str_to_blob_promise(&items).ok()?;
    Some(clipboard.write(&Array::of1(&item)))
}

/// Copies by selecting a text area: inside the open dialog, if there is one, as nothing outside of it
/// can have the focus.
async fn execute(blob: &Blob) -> Option<bool> {
    let text = JsFuture::from(blob.text()).await.ok()?.as_string()?;
    let document: HtmlDocument = document()?.dyn_into().ok()?;
    let area: HtmlTextAreaElement = document.create_element("textarea").ok()?.unchecked_into();
    area.set_value(&text);
    area.set_class_name("sr-only");
    let focused = document.active_element();
    let dialog = document.query_selector("dialog[open]").ok().flatten();
    let host: Element = dialog.or_else(|| Some(document.body()?.into()))?;
    host.append_child(&area).ok()?;
    // Fails if the browser does not allow the focus.
    let _ = area.focus();
    area.select();
    let done = document.exec_command("copy").unwrap_or_default();
    area.remove();
    if let Some(focused) = focused.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let _ = focused.focus();
    }
    Some(done)
}
