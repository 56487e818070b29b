//! URLs.

use wasm_bindgen::JsValue;
use web_sys::Url;

/// Resolves a WebSocket URL. A relative one takes host, path and TLS from the page's URL.
///
/// # Errors
///
/// The browser's exception for an invalid URL.
pub fn websocket_url(target: &str) -> Result<String, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let base = document.and_then(|document| document.base_uri().ok().flatten());
    let url = Url::new_with_base(target, &base.unwrap_or_default())?;
    match url.protocol().as_str() {
        "http:" => url.set_protocol("ws:"),
        "https:" => url.set_protocol("wss:"),
        _ => {}
    }
    // WebSocket URLs have no fragment (RFC 6455, section 3), and older browsers refuse it.
    url.set_hash("");
    Ok(url.href())
}
