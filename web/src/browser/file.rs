//! Files: downloads and imports.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_core::action::Action;
use web_core::notice::Notice;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Url};
use yew::prelude::*;

use super::clock;

/// Downloads `content` as a file.
///
/// # Errors
///
/// The browser's exception.
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

/// Returns a callback that imports a file of messages.
#[hook]
pub fn use_importer(on_action: &Callback<Action>) -> Callback<File> {
    use_callback(on_action.clone(), |file: File, on_action| {
        let on_action = on_action.clone();
        spawn_local(async move {
            let content = read(&file).await;
            let text = content.and_then(|content| String::from_utf8(content).ok());
            let import = |file| Action::ImportFile {
                file,
                utc_offset_ms: clock::utc_offset_ms(),
            };
            on_action.emit(text.map_or(Action::ShowNotice(Some(Notice::FileUnreadable)), import));
        });
    })
}

/// Reads a file; `None` if that fails, for example because it was deleted.
pub(super) async fn read(file: &File) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
