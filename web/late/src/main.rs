//! Program of the page's late part: its functions are exported to the page.

use js_sys::{Array, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_late::{details, tool};

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Explains a message's frame: see [`web_late::explain::explain`]. The document has the
/// language.
#[wasm_bindgen]
pub fn explain(framing: &str, message: &[u8]) -> String {
    web_late::explain_to_page(framing, message)
}

/// Reads the next bytes of a raw stream: see [`web_late::read_for_page`].
#[wasm_bindgen]
pub fn read(connection: u32, framing: &str, bytes: &[u8]) -> Array {
    web_late::read_for_page(connection, framing, bytes)
}

/// Opens the tool that tries framings on bytes: see [`tool::open`].
///
/// # Errors
/// An exception of the browser.
#[wasm_bindgen]
pub fn open(message: &[u8], stream: &[u8], reading: Option<String>) -> Result<(), JsValue> {
    tool::open(message, stream, reading)
}

/// Shows a message in the wire view: see [`details::show`].
#[wasm_bindgen]
pub fn show(facts: &str, len: usize, tab: &str, read: Function) {
    details::show(facts, len, tab, read);
}

/// Shows no message.
#[wasm_bindgen]
pub fn clear() {
    details::clear();
}

fn main() {}
