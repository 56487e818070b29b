//! Files for the composer: from the clipboard, a drop, or a file chooser. None is sent before the
//! user presses Send.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_core::action::Action;
use web_core::attachment::Attachment;
use web_core::gateway_info::SendLimits;
use web_core::notice::Notice;
use web_sys::{DataTransfer, DragEvent, Element, File, FileList, HtmlDocument, HtmlElement};
use yew::prelude::*;

use super::file::read;

/// The message box.
const MESSAGE_BOX: &str = ".composer textarea";

/// Returns all files of a list.
pub fn all(files: Option<FileList>) -> Vec<File> {
    let files = files.into_iter();
    let files = files.flat_map(|files| (0..files.length()).filter_map(move |at| files.get(at)));
    files.collect()
}

/// Returns the files that were dropped or pasted, unless there is text: cells of a spreadsheet
/// come with a picture of them. File managers add the names or paths of files as text.
pub fn of_transfer(transfer: &DataTransfer) -> Vec<File> {
    let files = all(transfer.files());
    let text = text(transfer);
    let is_name = |line: &str| files.iter().any(|file| line.ends_with(&file.name()));
    match text.lines().all(is_name) {
        true => files,
        false => Vec::new(),
    }
}

fn text(transfer: &DataTransfer) -> String {
    transfer.get_data("text/plain").unwrap_or_default()
}

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

/// Handles drops on the whole page, so that the browser never leaves it to show a file. Files go
/// to `on_files`, and text to the message box.
#[hook]
pub fn use_drops(on_files: Option<Callback<Vec<File>>>) {
    use_effect_with(on_files, |on_files| {
        let listeners = web_sys::window().map(|window| {
            ["dragover", "drop"].map(|name| {
                let on_files = on_files.clone();
                let options = EventListenerOptions::enable_prevent_default();
                EventListener::new_with_options(&window, name, options, move |event| {
                    dragged(event.unchecked_ref(), on_files.as_ref());
                })
            })
        });
        move || drop(listeners)
    });
}

/// Handles a drag, except of text over a text box, which is the browser's. It does nothing for an
/// event that is not its own, of a tool.
fn dragged(event: &DragEvent, on_files: Option<&Callback<Vec<File>>>) {
    let Some(transfer) = event.data_transfer() else {
        return;
    };
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let is_box = target.is_some_and(|it| it.matches("input, textarea") == Ok(true));
    let has_files = transfer.types().includes(&"Files".into(), 0);
    if is_box && !has_files && event.is_trusted() {
        return;
    }
    event.prevent_default();
    if let (Some(on_files), "drop") = (on_files, &*event.type_()) {
        let files = of_transfer(&transfer);
        match files.is_empty() {
            true => insert(&text(&transfer)),
            false => on_files.emit(files),
        }
    }
}

/// Inserts text at the caret of the message box, so that it can be undone.
fn insert(text: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let Some(document) = document.filter(|_| !text.is_empty()) else {
        return;
    };
    if let Ok(Some(input)) = document.query_selector(MESSAGE_BOX) {
        let _ = input.unchecked_into::<HtmlElement>().focus();
        // Fails if the browser has no such command.
        let document: HtmlDocument = document.unchecked_into();
        let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
    }
}
