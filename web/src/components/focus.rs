//! Keyboard focus.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Moves the focus to an element, if the browser allows it.
pub fn focus(element: &NodeRef) {
    if let Some(element) = element.cast::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// The parts of the page that get the focus of a control in them that is gone.
const PARTS: &str = "[tabindex='-1']";

/// Moves the focus from a control that is removed or disabled to the part of the page that it was
/// in, so that the next Tab goes on from there. Call it where every redraw is seen.
#[hook]
pub fn use_focus_guard() {
    let focused = use_mut_ref(|| None::<(Element, Element)>);
    use_effect_with((), {
        let focused = focused.clone();
        move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "focusin", move |event| {
                    let element = event.target().and_then(|it| it.dyn_into::<Element>().ok());
                    *focused.borrow_mut() = element.and_then(|element| {
                        let part = element.closest(PARTS).ok()??;
                        Some((element, part))
                    });
                })
            });
            move || drop(listener)
        }
    });
    use_effect(move || {
        let lost = focused.borrow().clone().filter(|(element, _)| {
            !element.is_connected() || element.matches(":disabled") == Ok(true)
        });
        if let Some((_, part)) = lost {
            focused.take();
            let _ = part.unchecked_into::<HtmlElement>().focus();
        }
    });
}
