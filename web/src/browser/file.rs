//! Files, out of the page and into it.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, DataTransfer, File, FileList, HtmlAnchorElement, Url};

/// Lets the browser save `content` as a file called `name`.
///
/// # Errors
///
/// What the browser says.
pub fn save(name: &str, media_type: &str, content: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&content.into());
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let document = web_sys::window().and_then(|window| window.document());
    let document = document.ok_or(JsValue::UNDEFINED)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}

/// The first of `files`.
pub fn first(files: Option<FileList>) -> Option<File> {
    files?.get(0)
}

/// The first file that was dropped or pasted.
pub fn of_transfer(transfer: Option<DataTransfer>) -> Option<File> {
    first(transfer?.files())
}

/// A file's length in bytes.
pub fn len(file: &File) -> usize {
    // A float becomes the nearest integer there is.
    file.size() as usize
}

/// A file's content; `None` if the browser may not read it, or no longer finds it.
pub async fn read(file: &File) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
