//! The clipboard.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, Node};

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

/// Selects the content of `node`, and copies it by the browser's command. Returns false if the
/// browser does not allow that: the content is selected, for copying by keyboard.
pub fn copy_content(node: &Node) -> bool {
    let window = web_sys::window();
    let selection = window.and_then(|window| window.get_selection().ok().flatten());
    let Some(selection) = selection else {
        return false;
    };
    // Fails for nodes that are not in the document.
    let _ = selection.select_all_children(node);
    let document = node.owner_document();
    let document = document.and_then(|it| it.dyn_into::<HtmlDocument>().ok());
    document.is_some_and(|it| it.exec_command("copy").unwrap_or_default())
}
