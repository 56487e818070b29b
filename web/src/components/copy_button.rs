//! A button that copies a text.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::language::use_language;
use crate::browser::clipboard;

/// The properties of a [`CopyButton`].
#[derive(Debug, PartialEq, Properties)]
pub struct CopyButtonProps {
    /// The text to copy.
    pub text: AttrValue,
    /// The element with the whole text, selected if the browser has no clipboard.
    pub shown: NodeRef,
}

/// A button that copies a text. Its label shows the result.
#[component]
pub fn CopyButton(props: &CopyButtonProps) -> Html {
    let t = use_language();
    let copied = use_state_eq(|| None::<bool>);
    use_effect_with(props.text.clone(), {
        let copied = copied.clone();
        move |_| copied.set(None)
    });
    let onclick = {
        let (text, shown, copied) = (props.text.clone(), props.shown.clone(), copied.clone());
        Callback::from(move |_| {
            let (text, shown, copied) = (text.clone(), shown.clone(), copied.clone());
            spawn_local(async move {
                let mut done = clipboard::copy(&text).await;
                if let Some(shown) = shown.get().filter(|_| !done) {
                    done = clipboard::copy_content(&shown);
                }
                copied.set(Some(done));
            });
        })
    };
    let label = match *copied {
        None => t.copy(),
        Some(true) => t.copied(),
        Some(false) => t.copy_selected(),
    };
    html! { <button type="button" {onclick}>{ label }</button> }
}
