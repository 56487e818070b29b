//! Reading of files.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// Reads a file; `None` if that fails, for example because it was deleted.
pub(super) async fn read(file: &File) -> Option<Vec<u8>> {
    Some(Uint8Array::new(&buffer(file).await?).to_vec())
}

/// Reads a file to a buffer of the browser's.
pub(super) async fn buffer(file: &File) -> Option<JsValue> {
    JsFuture::from(file.array_buffer()).await.ok()
}
