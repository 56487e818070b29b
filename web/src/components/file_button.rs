//! A button that opens a file chooser.

use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

/// The properties of a [`FileButton`].
#[derive(Debug, PartialEq, Properties)]
pub struct FileButtonProps {
    /// The label.
    pub label: &'static str,
    /// True if the button is disabled.
    #[prop_or_default]
    pub disabled: bool,
    /// Called with each chosen file.
    pub on_file: Callback<File>,
}

/// A button that opens a file chooser. It replaces the browser's own, which can have neither
/// the page's language nor its style.
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
    let onchange = {
        let on_file = props.on_file.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            if let Some(files) = input.files() {
                let files = (0..files.length()).filter_map(|at| files.get(at));
                files.for_each(|file| on_file.emit(file));
            }
            // Reset, so that the same file can be chosen again.
            input.set_value("");
        })
    };
    html! {
        <>
            <button type="button" disabled={props.disabled} {onclick}>{ props.label }</button>
            <input
                ref={input}
                type="file"
                hidden=true
                aria-hidden="true"
                tabindex="-1"
                multiple=true
                {onchange}
            />
        </>
    }
}
