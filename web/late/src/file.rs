//! Files for the user: exports, written part by part, and their download.

use std::cell::RefCell;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_core::packed;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use crate::details::fields_choice::FieldsChoice;
use crate::dom::document;
use crate::export;
use crate::export_format::ExportFormat;

thread_local! {
    /// Parts of the export that is being written. The browser holds them, not this program's
    /// memory, which never shrinks.
    static PARTS: RefCell<Option<Array>> = const { RefCell::new(None) };
}

/// Adds packed rows to the export. It begins with the format of the fields for the upstream.
pub fn add_rows(extension: &str, packed: &[u8], upstream: &str) {
    let Some(format) = from_extension(extension) else {
        return;
    };
    let rows = packed::unpack(packed);
    PARTS.with_borrow_mut(|parts| {
        let parts = parts.get_or_insert_with(|| {
            let beginning = export::beginning(format, &FieldsChoice::load(upstream));
            Array::of1(&beginning.into())
        });
        parts.push(&export::part(format, &rows).into());
    });
}

/// Downloads the export.
///
/// # Errors
/// An exception of the browser.
pub fn save_export(extension: &str) -> Result<(), JsValue> {
    let parts = PARTS.take().unwrap_or_default();
    let media_type = from_extension(extension).map_or("", export::media_type);
    save(&format!("framegate.{extension}"), media_type, &parts)
}

fn from_extension(extension: &str) -> Option<ExportFormat> {
    let mut formats = ExportFormat::ALL.into_iter();
    formats.find(|it| it.extension() == extension)
}

fn save(name: &str, media_type: &str, parts: &Array) -> Result<(), JsValue> {
    download(&blob(parts, media_type)?, name)
}

/// Returns a blob of parts, strings or bytes.
///
/// # Errors
/// An exception of the browser.
pub fn blob(parts: &Array, media_type: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_buffer_source_sequence_and_options(parts, &options)
}

/// Downloads a file.
///
/// # Errors
/// An exception of the browser.
pub fn download(blob: &Blob, name: &str) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let document = document().ok_or(JsValue::UNDEFINED)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}
