//! A button that asks for a file.

use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

use super::reading;
use crate::browser::file;

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
