//! Pasted text.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_core::action::Action;
use web_core::draft::InputFormat;
use web_sys::{ClipboardEvent, Event, HtmlTextAreaElement, Window};
use yew::prelude::*;

/// Dispatches the line breaks of pasted text that are none of LF: a text field makes LF of them.
pub fn listen(window: &Window, dispatch: &Callback<Action>) {
    let dispatch = dispatch.clone();
    EventListener::new(window, "paste", move |event| {
        if let Some(format) = pasted_breaks(event) {
            dispatch.emit(Action::PastedBreaks(format));
        }
    })
    .forget();
}

/// The format with the line breaks of what is pasted into a text area.
fn pasted_breaks(event: &Event) -> Option<InputFormat> {
    event.target()?.dyn_ref::<HtmlTextAreaElement>()?;
    // A long text is a file, with its own line breaks.
    let event: &ClipboardEvent = Some(event)
        .filter(|it| !it.default_prevented())?
        .unchecked_ref();
    let text = event.clipboard_data()?.get_data("text").ok()?;
    let (_, after) = text.split_once('\r')?;
    Some(match after.starts_with('\n') {
        true => InputFormat::TextCrlf,
        false => InputFormat::TextCr,
    })
}
