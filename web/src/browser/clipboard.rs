//! Copying text out of the page.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Node;

/// Puts `text` on the clipboard; `false` where the browser does not allow it.
///
/// Pages that did not come over TLS or from this machine have no clipboard at all.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let clipboard = window.navigator().clipboard();
    let is_there = !AsRef::<JsValue>::as_ref(&clipboard).is_undefined();
    is_there && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Selects what `node` shows, so that the person can copy it.
pub fn select(node: &Node) {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    if let Some(selection) = selection {
        // Fails for nodes that are not in the document, where there is nothing to select.
        let _ = selection.select_all_children(node);
    }
}
