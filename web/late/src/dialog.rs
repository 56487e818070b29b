//! Dialogs of the late part: made when first opened, and kept as long as the page lives.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_core::language::Language;
use web_sys::{CustomEvent, CustomEventInit, Element, Event, EventTarget, HtmlDialogElement, Url};

use crate::document_language;
use crate::dom::{by_id, document};
use crate::markup::{Markup, element, text};

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
    listen(&dialog, "click", close_by_button)?;
    let body = document.body().ok_or(JsValue::UNDEFINED)?;
    body.append_child(&dialog)?;
    Ok(dialog)
}

/// Shows a dialog with this content, in the document's language. It opens after the page's call
/// is over: opening moves the focus, whose events the page then handles.
///
/// # Errors
/// An exception of the browser.
pub fn show(dialog: &HtmlDialogElement, content: &Markup) -> Result<(), JsValue> {
    dialog.set_attribute("lang", document_language().tag())?;
    dialog.set_inner_html(content.as_str());
    let dialog = dialog.clone();
    spawn_local(async move {
        if !dialog.open() {
            // Fails for a dialog that is not in the document.
            let _ = dialog.show_modal();
        }
    });
    Ok(())
}

/// Returns the header of a dialog: its title, and the button that closes it.
pub fn header(t: Language, id: &str, title: &str) -> Markup {
    let close = [("type", "button"), ("class", "close")];
    element(
        "header",
        &[],
        &[
            element("h2", &[("id", id)], &[text(title)]),
            element("button", &close, &[text(t.close())]),
        ],
    )
}

/// Tells the page what a dialog was asked for: see `late_file` of the page.
pub fn tell(detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    let event = CustomEvent::new_with_event_init_dict("late-file", &init);
    if let (Some(window), Ok(event)) = (web_sys::window(), event) {
        // Fails if an event is dispatched that is being dispatched: this one is new.
        let _ = window.dispatch_event(&event);
    }
}

/// Closes the dialog of that id.
pub fn close(id: &str) {
    if let Some(dialog) = by_id::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

fn close_by_button(target: &Element) {
    if target.class_list().contains("close")
        && let Ok(Some(dialog)) = target.closest("dialog")
    {
        close(&dialog.id());
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
