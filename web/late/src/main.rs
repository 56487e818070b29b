//! Program of the page's late part: its functions are exported to the page.

use bytes::Bytes;
use js_sys::{Array, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_late::code::CodeInput;
use web_late::{charts, code_dialog, details, tool};

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

/// Draws the charts: see [`charts::draw`].
///
/// # Errors
/// An exception of the browser.
#[wasm_bindgen(js_name = charts)]
pub fn draw_charts(numbers: &[u8], opens: bool) -> Result<bool, JsValue> {
    charts::draw(numbers, opens)
}

/// Opens the tool that tries framings on bytes: see [`tool::open`].
///
/// # Errors
/// An exception of the browser.
#[wasm_bindgen]
pub fn open(message: &[u8], stream: &[u8], reading: Option<String>) -> Result<(), JsValue> {
    tool::open(message, stream, reading)
}

/// Adds packed rows to the export: see [`web_late::file::add_rows`].
#[wasm_bindgen]
pub fn add_rows(extension: &str, packed: &[u8], upstream: &str) {
    web_late::file::add_rows(extension, packed, upstream);
}

/// Downloads the export: see [`web_late::file::save_export`].
///
/// # Errors
/// An exception of the browser.
#[wasm_bindgen]
pub fn save_export(extension: &str) -> Result<(), JsValue> {
    web_late::file::save_export(extension)
}

/// Opens the dialog of exports and imports: see [`web_late::files_dialog::open`].
///
/// # Errors
/// An exception of the browser.
#[wasm_bindgen]
pub fn open_files(is_filtered: bool, upstream: String) -> Result<(), JsValue> {
    web_late::files_dialog::open(is_filtered, upstream)
}

/// Opens the dialog of saved messages: see [`web_late::saved_dialog::open`].
///
/// # Errors
/// An exception of the browser.
#[wasm_bindgen]
pub fn open_saved(saved: &Array, can_save: bool) -> Result<(), JsValue> {
    web_late::saved_dialog::open(saved, can_save)
}

/// Copies a text: see [`web_late::clipboard::copy_for_page`].
#[wasm_bindgen]
pub fn copy_text(text: String) {
    web_late::clipboard::copy_for_page(text);
}

/// Opens the dialog that compares two messages: see [`web_late::compare::open`].
///
/// # Errors
/// An exception of the browser.
#[wasm_bindgen]
pub fn compare(
    left_facts: &str,
    left_len: usize,
    left: &[u8],
    right_facts: &str,
    right_len: usize,
    right: &[u8],
) -> Result<(), JsValue> {
    let (facts, lens) = ([left_facts, right_facts], [left_len, right_len]);
    web_late::compare::open(facts, lens, [left, right])
}

/// Opens the dialog with code that sends a message: see [`web_late::code_dialog::open`]. The
/// address is that of a service for TCP clients, empty if there is none; `token` is true if the
/// gateway requires one.
///
/// # Errors
/// An exception of the browser.
#[wasm_bindgen]
pub fn show_code(
    payload: &[u8],
    is_text: bool,
    url: String,
    host: String,
    port: u16,
    framing: &str,
    token: bool,
) -> Result<(), JsValue> {
    let has_address = !host.is_empty();
    code_dialog::open(CodeInput {
        payload: Bytes::copy_from_slice(payload),
        is_text,
        url,
        client_js: String::new(),
        tcp: has_address.then(|| (host, port, framing.into())),
        needs_token: token,
    })
}

/// Reads input in a format: see [`web_late::read_input_for_page`].
#[wasm_bindgen]
pub fn read_input(format: &str, text: &str) -> JsValue {
    web_late::read_input_for_page(format, text)
}

/// Shows a message in the wire view: see [`details::show`].
#[wasm_bindgen]
pub fn show(facts: &str, number: u32, len: usize, tab: &str, read: Function) -> u32 {
    details::show(facts, number, len, tab, read)
}

/// Shows no message.
#[wasm_bindgen]
pub fn clear() {
    details::clear();
}

fn main() {}
