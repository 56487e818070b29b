//! Files that are sent as messages.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_core::action::Action;
use web_core::framing::Refusal;
use web_core::gateway_info::SendLimits;
use web_core::message::Kind;
use web_core::message::Message;
use web_core::notice::Notice;
use web_sys::{DataTransfer, File, FileList};
use yew::prelude::*;

/// Returns the first of `files`.
pub fn first(files: Option<FileList>) -> Option<File> {
    files?.get(0)
}

/// Returns the first file that was dropped or pasted.
pub fn of_transfer(transfer: Option<DataTransfer>) -> Option<File> {
    first(transfer?.files())
}

/// Returns a callback that sends a file as one binary message. Its size is checked before
/// it is read.
#[hook]
pub fn use_file_sender(
    limits: &Rc<SendLimits>,
    on_send: &Callback<Message, bool>,
    on_action: &Callback<Action>,
) -> Callback<File> {
    let deps = (limits.clone(), on_send.clone(), on_action.clone());
    use_callback(deps, |file: File, (limits, on_send, on_action)| {
        // The cast saturates.
        let len = file.size() as u64;
        let notice = |notice| Action::ShowNotice(Some(notice));
        if let Some(max) = limits
            .max_len
            .map(|max| max as u64)
            .filter(|&max| len > max)
        {
            let too_long = Refusal::TooLong { len, max };
            return on_action.emit(notice(Notice::MessageRefused(too_long)));
        }
        let (on_send, on_action) = (on_send.clone(), on_action.clone());
        spawn_local(async move {
            let Some(content) = read(&file).await else {
                return on_action.emit(notice(Notice::FileUnreadable));
            };
            on_send.emit(Message {
                kind: Kind::Binary,
                payload: content.into(),
            });
        });
    })
}

/// Reads a file; `None` if that fails, for example because it was deleted.
async fn read(file: &File) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
