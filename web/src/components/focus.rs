//! Keyboard focus.

use web_sys::HtmlElement;
use yew::prelude::*;

/// Moves the focus to an element, if the browser allows it.
pub fn focus(element: &NodeRef) {
    if let Some(element) = element.cast::<HtmlElement>() {
        let _ = element.focus();
    }
}
