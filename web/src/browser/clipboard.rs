//! The clipboard.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Node;

/// Copies `text`; returns false if the browser does not allow it.
///
/// The clipboard exists in secure contexts only: over TLS, or from localhost.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let clipboard = window.navigator().clipboard();
    let exists = !AsRef::<JsValue>::as_ref(&clipboard).is_undefined();
    exists && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Selects the content of `node`, for copying by keyboard.
pub fn select(node: &Node) {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    if let Some(selection) = selection {
        // Fails for nodes that are not in the document.
        let _ = selection.select_all_children(node);
    }
}
