//! Files that the person gives to the page.

use wasm_bindgen_futures::spawn_local;
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

use super::reading;
use crate::action::Action;
use crate::browser::file;
use crate::draft::Message;
use crate::log::Kind;
use crate::state::Notice;

/// What a [`FileButton`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct FileButtonProps {
    /// Its name.
    pub label: &'static str,
    /// The files to offer; all by default.
    #[prop_or_default]
    pub accept: &'static str,
    /// Whether it cannot be used.
    #[prop_or_default]
    pub disabled: bool,
    /// Told the file that the person chose.
    pub on_file: Callback<File>,
}

/// A button that asks for a file. The browser's own, which it stands for, cannot be
/// given the page's language or look.
#[component]
pub fn FileButton(props: &FileButtonProps) -> Html {
    let input = use_node_ref();
    let onclick = {
        let input = input.clone();
        Callback::from(move |_| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let onchange = reading(&props.on_file, |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let file = file::first(input.files());
        // So that the same file can be chosen again.
        input.set_value("");
        file
    });
    html! {
        <>
            <button type="button" disabled={props.disabled} {onclick}>{ props.label }</button>
            <input
                ref={input}
                type="file"
                hidden=true
                aria-hidden="true"
                tabindex="-1"
                accept={props.accept}
                {onchange}
            />
        </>
    }
}

/// What sends a file as one binary message. Its size is looked at before it is read.
#[hook]
pub fn use_file_drop(
    max_len: Option<usize>,
    on_send: Callback<Message, bool>,
    on_action: Callback<Action>,
) -> Callback<File> {
    use_callback((max_len, on_send, on_action), |file: File, deps| {
        let (max_len, on_send, on_action) = deps.clone();
        let len = file::len(&file);
        if let Some(max) = max_len.filter(|&max| len > max) {
            return on_action.emit(Action::Notice(Some(Notice::TooLong { len, max })));
        }
        spawn_local(async move {
            match file::read(&file).await {
                Some(content) => {
                    on_send.emit(Message {
                        kind: Kind::Binary,
                        payload: content.into(),
                    });
                }
                None => on_action.emit(Action::Notice(Some(Notice::Unreadable))),
            }
        });
    })
}

/// What reads a file of messages in.
pub fn importer(on_action: &Callback<Action>) -> Callback<File> {
    let on_action = on_action.clone();
    Callback::from(move |file: File| {
        let on_action = on_action.clone();
        spawn_local(async move {
            let content = file::read(&file).await;
            let text = content.and_then(|content| String::from_utf8(content).ok());
            on_action.emit(text.map_or(Action::Notice(Some(Notice::Unreadable)), Action::Import));
        });
    })
}
