//! Late part of the page: the wire view, all framings, charts, files and code to copy. Loaded when a
//! message is first shown, when a framing that is not built in is first used, when a raw upstream is
//! read, or when the user asks for the rest.

pub mod capture_text;
pub mod cell;
pub mod charts;
pub mod clipboard;
pub mod code;
pub mod code_dialog;
pub mod compare;
pub mod csv;
pub mod cut;
pub mod details;
pub mod dialog;
pub mod dom;
pub mod explain;
pub mod export;
pub mod export_format;
pub mod expression;
pub mod field_reason;
pub mod file;
pub mod file_text;
pub mod files_dialog;
pub mod form;
pub mod hex_dump;
pub mod import;
pub mod input_text;
pub mod instant;
pub mod markup;
pub mod notation_reason;
pub mod output;
pub mod picker;
pub mod plot;
pub mod protocols;
pub mod python_tcp;
pub mod read_stream;
pub mod reason;
pub mod regex_reason;
pub mod sample;
pub mod saved_dialog;
pub mod text_reason;
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

/// Reads input in a format: bytes, or what is wrong as text in the document's language.
pub fn read_input_for_page(format: &str, text: &str) -> JsValue {
    match input_text::read(format, text, document_language()) {
        Ok(bytes) => Uint8Array::from(&bytes[..]).into(),
        Err(reason) => reason.into(),
    }
}
