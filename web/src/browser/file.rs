//! Files, out of the page and into it.

use js_sys::{Array, Uint8Array};
use protocol::FrameError;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_core::action::Action;
use web_core::draft::Message;
use web_core::gateway::Bounds;
use web_core::log::Kind;
use web_core::notice::Notice;
use web_sys::{Blob, BlobPropertyBag, DataTransfer, File, FileList, HtmlAnchorElement, Url};
use yew::prelude::*;

use super::clock;

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

/// What sends a file as one binary message. Its size is looked at before it is read.
#[hook]
pub fn use_file_sender(
    bounds: Bounds,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
) -> Callback<File> {
    let deps = (bounds, on_send.clone(), on_action.clone());
    use_callback(deps, |file: File, (bounds, on_send, on_action)| {
        // A float becomes the nearest integer there is.
        let len = file.size() as u64;
        let notice = |notice| Action::Notice(Some(notice));
        if let Some(max) = bounds.max_len.filter(|&max| len > max as u64) {
            let too_long = FrameError::TooLong { len, max };
            return on_action.emit(notice(Notice::Refused(too_long)));
        }
        let (on_send, on_action) = (on_send.clone(), on_action.clone());
        spawn_local(async move {
            let Some(content) = read(&file).await else {
                return on_action.emit(notice(Notice::Unreadable));
            };
            on_send.emit(Message {
                kind: Kind::Binary,
                payload: content.into(),
            });
        });
    })
}

/// What reads a file of messages in.
#[hook]
pub fn use_importer(on_action: &Callback<Action>) -> Callback<File> {
    use_callback(on_action.clone(), |file: File, on_action| {
        let on_action = on_action.clone();
        spawn_local(async move {
            let content = read(&file).await;
            let text = content.and_then(|content| String::from_utf8(content).ok());
            let import = |file| Action::Import {
                file,
                offset_ms: clock::offset_ms(),
            };
            on_action.emit(text.map_or(Action::Notice(Some(Notice::Unreadable)), import));
        });
    })
}

/// A file's content; `None` if the browser may not read it, or no longer finds it.
async fn read(file: &File) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
