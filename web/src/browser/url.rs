//! URLs.

use wasm_bindgen::JsValue;
use web_sys::Url;

/// Resolves a WebSocket URL. A relative one takes host, path and TLS from the page's URL.
///
/// # Errors
///
/// The browser's exception for an invalid URL.
pub fn websocket_url(target: &str) -> Result<String, JsValue> {
    Ok(resolve(target)?.href())
}

/// Returns the URL that `target` leads to, if it is on another host than the page: without a user
/// name and password, which could be taken for the host.
pub fn foreign(target: &str) -> Option<String> {
    let Ok(url) = resolve(target) else {
        return Some(target.into());
    };
    let own = websocket_url("/").unwrap_or_default();
    (!url.href().starts_with(&own)).then(|| {
        url.set_username("");
        url.set_password("");
        url.href()
    })
}

fn resolve(target: &str) -> Result<Url, JsValue> {
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
    Ok(url)
}
