//! Late part of the page: all framings, loaded when a framing that is not built in is first
//! used, when a raw upstream is read, when framings are tried on bytes, and when a message is
//! shown.

pub mod capture_text;
pub mod cut;
pub mod details;
pub mod dom;
pub mod dump;
pub mod explain;
pub mod form;
pub mod hex_dump;
pub mod markup;
pub mod output;
pub mod picker;
pub mod protocols;
pub mod read_stream;
pub mod reason;
pub mod sample;
pub mod tool;
pub mod whole;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_core::language::Language;
use web_core::stream_reader::StreamPiece;

/// Returns the document's language.
pub fn document_language() -> Language {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    let language = root.and_then(|root| Language::from_tag(&root.get_attribute("lang")?));
    language.unwrap_or_default()
}

/// Explains a message's frame as lines, in the document's language.
pub fn explain_to_page(framing: &str, message: &[u8]) -> String {
    explain::explain(framing, message, document_language())
}

/// Reads the next bytes of a raw stream: an array of messages as bytes, and of reasons as text.
pub fn read_for_page(connection: u32, framing: &str, bytes: &[u8]) -> Array {
    let pieces = read_stream::read(connection, framing, bytes, document_language());
    let pieces = pieces.into_iter().map(|piece| match piece {
        StreamPiece::Message(message) => JsValue::from(Uint8Array::from(&message[..])),
        StreamPiece::Broken(reason) => reason.into(),
    });
    pieces.collect()
}
