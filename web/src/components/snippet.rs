//! A code snippet to copy.

use yew::prelude::*;

use super::copy_button::CopyButton;

/// The properties of a [`Snippet`].
#[derive(Debug, PartialEq, Properties)]
pub struct SnippetProps {
    /// The heading.
    pub heading: &'static str,
    /// The accessible name of the code.
    pub name: &'static str,
    /// The code.
    pub text: AttrValue,
    /// True if long lines wrap.
    #[prop_or_default]
    pub wraps: bool,
    /// A note below the code.
    #[prop_or_default]
    pub note: Option<&'static str>,
}

/// A heading, code, and a button that copies it.
#[component]
pub fn Snippet(props: &SnippetProps) -> Html {
    let pre = use_node_ref();
    let SnippetProps { text, name, .. } = props;
    let class = props.wraps.then_some("wraps");
    html! {
        <section class="snippet">
            <h3>{ props.heading }</h3>
            <CopyButton {text} shown={&pre} />
            <pre ref={pre} {class} translate="no" tabindex="0" role="group" aria-label={*name}>{ text }</pre>
            if let Some(note) = props.note {
                <p class="muted">{ note }</p>
            }
        </section>
    }
}
