//! Files for the composer, from its file chooser: the page's script puts those there that are
//! dropped or pasted. None is sent before the user presses Send.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_core::action::Action;
use web_core::attachment::Attachment;
use web_core::framing::Refusal;
use web_core::notice::Notice;
use web_sys::File;

use super::file::read;
use crate::store::Store;

/// Reads a file, and adds it to the composer. One that is longer than the gateway accepts is not
/// read.
pub fn attach(store: &Store, file: File) {
    // The cast saturates.
    let len = file.size() as u64;
    let max = store.state().send_limits().max_len.map(|max| max as u64);
    let max = max.filter(|&max| len > max);
    let store = store.clone();
    spawn_local(async move {
        let content = match max {
            Some(max) => Some(Err(Refusal::TooLong { len, max })),
            None => read(&file).await.map(|content| Ok(content.into())),
        };
        let name = file.name();
        store.dispatch(match content {
            Some(content) => Action::Attach(Rc::new(Attachment { name, len, content })),
            None => Action::ShowNotice(Some(Notice::FileUnreadable)),
        });
    });
}
