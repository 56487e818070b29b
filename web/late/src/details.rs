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
use wasm_bindgen_futures::spawn_local;
use web_core::shown_message::ShownMessage;
use web_core::wire_view_tab::WireViewTab;
use web_sys::Element;

use crate::document_language;
use crate::dom::{by_id, draw};
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
    payload: Payload,
    tab: WireViewTab,
}

thread_local! {
    static PANE: RefCell<Option<Pane>> = const { RefCell::new(None) };
    static WANTED: RefCell<Option<Wanted>> = const { RefCell::new(None) };
    static DRAWN_AT: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
    static NUMBER: Cell<u32> = const { Cell::new(0) };
    static TURN_IS_DUE: Cell<bool> = const { Cell::new(false) };
    static IS_HELD: Cell<bool> = const { Cell::new(false) };
}

/// Shows a message, at once or a little later; returns the number of the payload that is shown now.
/// `facts` is the line of a [`ShownMessage`], `tab` the key of a [`WireViewTab`], and `read` fills an
/// array with bytes of the payload of a number, from an offset on.
pub fn show(facts: &str, number: u32, len: usize, tab: &str, read: Function) -> u32 {
    let (Some(message), Some(tab)) = (ShownMessage::parse(facts), WireViewTab::from_key(tab))
    else {
        return number;
    };
    events::listen();
    fields_choice::set_upstream(&message.upstream);
    let is_due = message.is_selected || now() - DRAWN_AT.get() >= LATEST_MS;
    let wanted = Wanted {
        message,
        payload: Payload::new(number, len, read),
        tab,
    };
    let was_waiting = WANTED.replace(Some(wanted)).is_some();
    if is_due {
        show_wanted();
    } else if !was_waiting {
        after(LATEST_MS, show_wanted);
    }
    with_pane(|pane| pane.payload.number()).unwrap_or(number)
}

/// Holds the message that is shown while someone works with it, or follows the latest again.
pub fn hold(is_held: bool) {
    if IS_HELD.replace(is_held) == is_held {
        return;
    }
    let id = with_pane(|pane| pane.message.id.to_string()).filter(|_| is_held);
    let wish = format!("hold {}", id.unwrap_or_default());
    // The page may be moving the focus itself, and hears of it after that.
    spawn_local(async move {
        // Fails if an event is dispatched that is being dispatched: this one is new.
        let _ = tell_page(&wish);
    });
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

/// Shows the message that waits, if one does. It is not the latest if the page does not know yet
/// that another is held.
fn show_wanted() {
    let is_held = |wanted: &Wanted| {
        let held = with_pane(|it| it.message.id).filter(|_| IS_HELD.get());
        held.is_some_and(|it| it != wanted.message.id && !wanted.message.is_selected)
    };
    let Some(wanted) = WANTED.take().filter(|it| !is_held(it)) else {
        return;
    };
    DRAWN_AT.set(now());
    let t = document_language();
    let is_another = PANE.with_borrow_mut(|pane| match pane {
        Some(pane) if pane.shows(t, &wanted.message, wanted.tab) => {
            pane.message = wanted.message;
            pane.draw_head();
            false
        }
        _ => {
            let payload = Rc::new(wanted.payload);
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
