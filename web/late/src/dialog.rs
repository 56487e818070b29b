//! Dialogs of the late part: made when first opened, and kept as long as the page lives.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventTarget, HtmlDialogElement, Url};

use crate::dom::{by_id, document};

/// Returns the dialog of that id, made at the first call, with its actions on input and clicks.
///
/// # Errors
/// An exception of the browser.
pub fn create(
    id: &str,
    title: &str,
    on_input: fn(&Element),
    on_click: fn(&Element),
) -> Result<HtmlDialogElement, JsValue> {
    let document = document().ok_or(JsValue::UNDEFINED)?;
    if let Some(dialog) = document.get_element_by_id(id) {
        return Ok(dialog.unchecked_into());
    }
    let dialog: HtmlDialogElement = document.create_element("dialog")?.unchecked_into();
    dialog.set_id(id);
    dialog.set_attribute("aria-labelledby", title)?;
    listen(&dialog, "input", on_input)?;
    listen(&dialog, "click", on_click)?;
    let body = document.body().ok_or(JsValue::UNDEFINED)?;
    body.append_child(&dialog)?;
    Ok(dialog)
}

/// Closes the dialog of that id.
pub fn close(id: &str) {
    if let Some(dialog) = by_id::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

/// Resolves a URL relative to the page's.
///
/// # Errors
/// An exception of the browser.
pub fn page_url(path: &str) -> Result<String, JsValue> {
    let base = document().and_then(|it| it.base_uri().ok().flatten());
    Ok(Url::new_with_base(path, &base.unwrap_or_default())?.href())
}

/// Calls `action` with the element of each event: the dialog lives as long as the page.
fn listen(target: &EventTarget, event: &str, action: fn(&Element)) -> Result<(), JsValue> {
    let on_event = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        if let Some(element) = event.target().and_then(|it| it.dyn_into().ok()) {
            action(&element);
        }
    });
    target.add_event_listener_with_callback(event, on_event.as_ref().unchecked_ref())?;
    on_event.forget();
    Ok(())
}
