//! Events of the wire view: the pointer, the keyboard, scrolling and its size.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_core::wire_view_tab::WireViewTab;
use web_sys::{AddEventListenerOptions, Element, Event, KeyboardEvent, ResizeObserver};

use super::pane::Pane;
use super::{copy, fields_form, hold, take_turns, tell_page, with_pane};
use crate::dom::{closest, document};

thread_local! {
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// Listens to the document's events, from the first call on.
pub fn listen() {
    if LISTENS.replace(true) {
        return;
    }
    on("click", clicked);
    on("pointerdown", pressed);
    on("pointerover", |target, _| hovered(target));
    on("focusin", |target, _| focused(target));
    on("scroll", |target, _| scrolled(target));
    on("input", |target, _| fields_form::changed(target));
    on("keydown", |target, event| {
        key_pressed(target, event.unchecked_ref());
    });
    let resized = Closure::<dyn Fn()>::new(|| {
        let is_anew = with_pane(Pane::fit);
        if is_anew == Some(true) {
            take_turns();
        }
    });
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref());
    let host = document().and_then(|it| it.get_element_by_id("message-view"));
    if let (Ok(observer), Some(host)) = (observer, host) {
        observer.observe(&host);
    }
    resized.forget();
}

/// Calls a function with each event of the wire view; those that don't bubble, too.
fn on(kind: &str, call: fn(&Element, &Event)) {
    let moves = matches!(kind, "focusin" | "pointerdown");
    let handler = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        if let Some(target) = target.as_ref().filter(|_| moves) {
            entered(target);
        }
        let target = target.filter(|it| closest(it, ".wire-view").is_some());
        if let Some(target) = target {
            call(&target, &event);
        } else if event.type_() == "pointerover" {
            with_pane(|pane| pane.dump.hover(0..0));
        }
    });
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    options.set_passive(kind != "keydown");
    if let Some(document) = document() {
        // Fails for handlers that are no functions.
        let _ = document.add_event_listener_with_callback_and_add_event_listener_options(
            kind,
            handler.as_ref().unchecked_ref(),
            &options,
        );
    }
    handler.forget();
}

/// Holds the message while the focus or the pointer is in it, until either goes elsewhere. Buttons
/// and tabs beside it are for the message that is held, or for the latest.
fn entered(target: &Element) {
    if closest(target, "#message-view").is_some() {
        hold(true);
    } else if closest(target, ".wire-view").is_none() {
        hold(false);
    }
}

fn clicked(target: &Element, _: &Event) {
    if let Some(button) = closest(target, "button") {
        match button.id().as_str() {
            "message-copy" => copy::copy_shown(),
            "message-save" => copy::save_payload(),
            "fields-edit" => fields_form::edit(),
            "fields-json" => fields_form::open_json(),
            "fields-json-draft" => fields_form::json_to_composer(),
            _ => {
                if let Some(place) = segment_of(target) {
                    press_segment(place);
                }
            }
        }
    }
}

/// Opens the tab of the frame if the dump has the payload alone, and the segment is none of it.
fn press_segment(place: usize) {
    let is_shown = with_pane(|pane| {
        let range = pane.segment_in_dump(place);
        if let Some(range) = range.clone() {
            pane.pick_in_dump(range);
        }
        range.is_some()
    });
    if is_shown == Some(false) {
        // Fails if an event is dispatched that is being dispatched: this one is new.
        let _ = tell_page(&format!("tab {}", WireViewTab::Wire.key()));
    }
}

fn pressed(target: &Element, _: &Event) {
    with_pane(|pane| {
        if let Some(offset) = pane.dump.offset_of(target) {
            pane.dump.cursor = Some(offset);
            pane.show_byte(offset);
        } else if let Some(bytes) = line_of(target) {
            pane.pick(bytes);
        } else if let Some(place) = field_of(target) {
            pane.pick_field(place);
        }
    });
}

fn hovered(target: &Element) {
    with_pane(|pane| {
        let range = if let Some(offset) = pane.dump.offset_of(target) {
            Some(offset..offset + 1)
        } else if let Some(place) = segment_of(target) {
            pane.segment_in_dump(place)
        } else if let Some(place) = field_of(target) {
            pane.field_bytes(place)
        } else {
            line_of(target).and_then(|bytes| pane.dump.wire.of_message(&bytes))
        };
        pane.dump.hover(range.unwrap_or(0..0));
    });
}

fn focused(target: &Element) {
    if let Some(place) = segment_of(target) {
        with_pane(|pane| {
            if let Some(range) = pane.segment_in_dump(place) {
                pane.pick_in_dump(range);
            }
        });
    }
}

fn scrolled(target: &Element) {
    with_pane(|pane| match target.id().as_str() {
        "message-lines" => pane.draw_lines(false),
        "message-dump" => pane.dump.draw(&*pane.shown, false),
        _ => {}
    });
}

/// Moves the cursor of the dump, or picks another field.
fn key_pressed(target: &Element, event: &KeyboardEvent) {
    let is_done = match target.id().as_str() {
        "message-dump" => move_cursor(&event.key()),
        "message-lines" => fields_form::move_pick(&event.key()),
        "fields-value" if event.key() == "Enter" => {
            fields_form::edit();
            true
        }
        _ => false,
    };
    if is_done {
        event.prevent_default();
    }
}

fn move_cursor(key: &str) -> bool {
    let is_moved = with_pane(|pane| {
        let (row, page) = pane.dump.steps();
        let way = match key {
            "ArrowLeft" => -1,
            "ArrowRight" => 1,
            "ArrowUp" => -row,
            "ArrowDown" => row,
            "PageUp" => -page,
            "PageDown" => page,
            "Home" => isize::MIN,
            "End" => isize::MAX,
            _ => return false,
        };
        let offset = pane.dump.move_cursor(way);
        pane.show_byte(offset);
        true
    });
    is_moved == Some(true)
}

fn segment_of(target: &Element) -> Option<usize> {
    let chip = closest(target, "[data-segment]")?;
    chip.get_attribute("data-segment")?.parse().ok()
}

fn field_of(target: &Element) -> Option<usize> {
    let row = closest(target, "[data-field]")?;
    row.get_attribute("data-field")?.parse().ok()
}

fn line_of(target: &Element) -> Option<std::ops::Range<usize>> {
    let line = closest(target, "#message-lines .line")?;
    let number = |name| line.get_attribute(name)?.parse().ok();
    Some(number("data-from")?..number("data-to")?)
}
