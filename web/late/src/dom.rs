//! Elements of the document, by id.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::{Document, Element};

use crate::markup::Markup;

/// Returns the document.
pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Returns the element of an id.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
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
