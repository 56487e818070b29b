//! Elements of the document, by id.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

use crate::markup::Markup;

/// Returns the document.
pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Returns the element of an id.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Returns true if the element of an id has the focus.
pub fn has_focus(id: &str) -> bool {
    let focused = document().and_then(|it| it.active_element());
    focused.is_some_and(|it| it.id() == id)
}

/// Replaces the content of an element, unless it is the same: focus and opened elements stay then.
pub fn draw(id: &str, markup: &Markup) {
    thread_local! {
        static DRAWN: RefCell<Vec<(String, Markup)>> = const { RefCell::new(Vec::new()) };
    }
    let Some(element) = by_id::<Element>(id) else {
        return;
    };
    DRAWN.with_borrow_mut(|drawn| {
        let same = drawn.iter().any(|(it, old)| it == id && old == markup);
        if !same || !element.has_child_nodes() {
            element.set_inner_html(markup.as_str());
            drawn.retain(|(it, _)| it != id);
            drawn.push((id.into(), markup.clone()));
        }
    });
}

/// Returns the element that an event's target is in, by a selector.
pub fn closest(target: &Element, selector: &str) -> Option<HtmlElement> {
    target.closest(selector).ok()??.dyn_into().ok()
}
