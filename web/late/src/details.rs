//! Wire view of the page: one message in detail, drawn into the elements that the page has for it.
//!
//! The page keeps the payload, and [`source`] reads ranges of it. [`wire`] divides a frame into
//! parts, [`rows`] lays out text and JSON line by line in turns, and [`scroller`] draws what is
//! in sight: so a message of any length takes no more memory, and no longer, than its visible part.

pub mod copy;
pub mod dump_view;
pub mod events;
pub mod field_filter;
pub mod fields_choice;
pub mod fields_form;
pub mod fields_markup;
pub mod fields_pane;
pub mod fields_view;
pub mod geometry;
pub mod head;
pub mod json_number;
pub mod json_rows;
pub mod json_scalars;
pub mod lines;
pub mod markup;
pub mod pane;
pub mod payload;
pub mod rows;
pub mod scroller;
pub mod source;
pub mod text_rows;
pub mod wire;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_core::shown_message::ShownMessage;
use web_core::wire_view_tab::WireViewTab;
use web_sys::Element;

use crate::document_language;
use crate::dom::{by_id, document, draw};
use crate::markup::Markup;
use fields_choice::FieldsChoice;
use pane::Pane;
use payload::Payload;

/// Shortest time between two messages that are shown because they are the latest, in
/// milliseconds: a flood would otherwise be drawn, and nobody could read it.
const LATEST_MS: f64 = 150.0;

/// Message that the page shows.
struct Wanted {
    message: ShownMessage,
    len: usize,
    tab: WireViewTab,
    read: Function,
}

thread_local! {
    static PANE: RefCell<Option<Pane>> = const { RefCell::new(None) };
    static WANTED: RefCell<Option<Wanted>> = const { RefCell::new(None) };
    static DRAWN_AT: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
    static NUMBER: Cell<u32> = const { Cell::new(0) };
    static TURN_IS_DUE: Cell<bool> = const { Cell::new(false) };
}

/// Shows a message. `facts` is the line of a [`ShownMessage`], `tab` the key of a
/// [`WireViewTab`], and `read` fills an array with the payload's bytes from an offset on.
pub fn show(facts: &str, len: usize, tab: &str, read: Function) {
    let (Some(message), Some(tab)) = (ShownMessage::parse(facts), WireViewTab::from_key(tab))
    else {
        return;
    };
    events::listen();
    fields_choice::set_upstream(&message.upstream);
    let is_due = message.is_selected || now() - DRAWN_AT.get() >= LATEST_MS;
    let wanted = Wanted {
        message,
        len,
        tab,
        read,
    };
    let was_waiting = WANTED.replace(Some(wanted)).is_some();
    if is_due {
        show_wanted();
    } else if !was_waiting {
        after(LATEST_MS, show_wanted);
    }
}

/// Changes the format of the fields in the view of them, if that is open.
pub fn choose_fields(choice: FieldsChoice) {
    with_pane(|pane| pane.choose(choice, true));
}

/// Shows no message.
pub fn clear() {
    WANTED.take();
    PANE.take();
    for id in [
        "message-facts",
        "message-times",
        "message-frame",
        "message-actions",
    ] {
        draw(id, &Markup::default());
    }
    if let Some(view) = by_id::<Element>("message-view") {
        view.set_inner_html("");
    }
}

/// Shows the message that waits, if one does. While someone types in the pane, the latest message
/// waits until they leave the box.
fn show_wanted() {
    let Some(wanted) = WANTED.take() else {
        return;
    };
    let is_same_tab = || with_pane(|it| it.tab == wanted.tab) == Some(true);
    if !wanted.message.is_selected && is_typing() && is_same_tab() {
        WANTED.set(Some(wanted));
        return;
    }
    DRAWN_AT.set(now());
    let t = document_language();
    let is_another = PANE.with_borrow_mut(|pane| match pane {
        Some(pane) if pane.shows(t, &wanted.message, wanted.tab) => {
            pane.message = wanted.message;
            pane.draw_head();
            false
        }
        _ => {
            let payload = Rc::new(Payload::new(wanted.len, wanted.read));
            let number = NUMBER.get() + 1;
            NUMBER.set(number);
            *pane = Pane::open(number, t, wanted.message, wanted.tab, payload);
            true
        }
    });
    if is_another {
        fields_form::unpack();
        take_turns();
    }
}

/// Returns true if a box or a list of the pane has the focus.
fn is_typing() -> bool {
    let focused = document().and_then(|it| it.active_element());
    let boxes = "#message-view :is(input, textarea, select)";
    focused.is_some_and(|it| it.matches(boxes).unwrap_or_default())
}

/// Calls a function with the pane, if there is one.
fn with_pane<T>(call: impl FnOnce(&mut Pane) -> T) -> Option<T> {
    // An event may come while the pane is drawn: it has no meaning then.
    PANE.with(|pane| pane.try_borrow_mut().ok()?.as_mut().map(call))
}

/// Indexes lines in turns, so that the page answers in between.
fn take_turns() {
    if with_pane(|pane| pane.take_turn(now)) == Some(true) && !TURN_IS_DUE.replace(true) {
        after(0.0, || {
            TURN_IS_DUE.set(false);
            take_turns();
        });
    }
}

/// Calls a function after so many milliseconds.
fn after(ms: f64, call: impl FnOnce() + 'static) {
    let call = Closure::once_into_js(call);
    if let Some(window) = web_sys::window() {
        let call: &Function = call.unchecked_ref();
        // Fails for handlers that are no functions.
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(call, ms as i32);
    }
}

fn now() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or(0.0, |it| it.now())
}

/// Tells the page of a wish: a tab to open, or a draft.
fn tell_page(wish: &str) -> Result<(), JsValue> {
    let detail = web_sys::CustomEventInit::new();
    detail.set_detail(&wish.into());
    let event = web_sys::CustomEvent::new_with_event_init_dict("wire-view", &detail)?;
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    window.dispatch_event(&event).map(drop)
}
