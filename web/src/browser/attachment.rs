//! Files for the composer, from its file chooser: the page's script puts those there that are
//! dropped or pasted. None is sent before the user presses Send.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_core::action::Action;
use web_core::attachment::Attachment;
use web_core::gateway_info::SendLimits;
use web_core::notice::Notice;
use web_sys::File;
use yew::prelude::*;

use super::file::read;

/// Returns a callback that reads files, and adds them to the composer in order. One that is
/// longer than the gateway accepts is not read.
#[hook]
pub fn use_attacher(limits: &Rc<SendLimits>, on_action: &Callback<Action>) -> Callback<Vec<File>> {
    let deps = (limits.max_len, on_action.clone());
    use_callback(deps, |files: Vec<File>, (max_len, on_action)| {
        let (max_len, on_action) = (*max_len, on_action.clone());
        spawn_local(async move {
            for file in files {
                // The cast saturates.
                let len = file.size() as u64;
                let is_too_long = max_len.is_some_and(|max| len > max as u64);
                let content = match is_too_long {
                    true => None,
                    false => read(&file).await,
                };
                on_action.emit(match content {
                    None if !is_too_long => Action::ShowNotice(Some(Notice::FileUnreadable)),
                    content => Action::Attach(Attachment {
                        name: file.name(),
                        len,
                        content: content.map(Into::into),
                    }),
                });
            }
        });
    })
}
