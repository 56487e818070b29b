//! Text that changes while the page is open.

use yew::prelude::*;

/// A text in an element of its own, which is replaced when the text changes. A browser that
/// translates the page replaces text nodes, so that a change of theirs would not be seen.
pub fn changing(text: impl Into<AttrValue>) -> Html {
    let text = text.into();
    html! { <span key={text.to_string()}>{ text }</span> }
}
