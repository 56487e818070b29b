//! Where a WebSocket is, seen from the page.

use wasm_bindgen::JsValue;
use web_sys::Url;

/// The WebSocket URL of `target`, which may be relative to the page's, and then has its
/// host, its path, and TLS where that has it.
///
/// # Errors
///
/// What the browser says of what is no URL.
pub fn websocket(target: &str) -> Result<String, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let base = document.and_then(|document| document.base_uri().ok().flatten());
    let url = Url::new_with_base(target, &base.unwrap_or_default())?;
    match url.protocol().as_str() {
        "http:" => url.set_protocol("ws:"),
        "https:" => url.set_protocol("wss:"),
        _ => {}
    }
    // A WebSocket's has none (RFC 6455, section 3), and older browsers refuse it.
    url.set_hash("");
    Ok(url.href())
}
