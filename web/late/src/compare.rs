//! Comparison of two messages: a dialog with both side by side, in which the bytes, the characters
//! or the fields that differ are marked. It steps from each difference to the next.

pub mod aligned;
pub mod byte_rows;
pub mod diff;
pub mod field_lines;
pub mod line_rows;
pub mod listing;
pub mod markup;
pub mod row;

use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_core::shown_message::ShownMessage;
use web_sys::{
    Element, HtmlElement, HtmlSelectElement, KeyboardEvent, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};

use self::listing::{Form, Listing, Position, Target};
use crate::details::fields_choice::FieldsChoice;
use crate::dom::{by_id, closest, document, draw};
use crate::markup::{Markup, text};
use crate::{dialog, document_language};

/// Id of the dialog.
const DIALOG: &str = "compare";
/// Longest messages whose lines are compared.
const MAX_TEXT: usize = 4 << 20;
/// Bytes of a row, and those of a narrow window.
const WIDTH: usize = 16;
const NARROW_WIDTH: usize = 8;
/// Narrowest window with wide rows, in CSS pixels.
const WIDE: f64 = 1100.0;

/// Messages that are compared.
#[derive(Default)]
struct Compared {
    payloads: [Vec<u8>; 2],
    /// Fields as lines; `None` unless both have some.
    fields: Option<[String; 2]>,
}

thread_local! {
    static COMPARED: RefCell<Compared> = RefCell::default();
    static POSITION: Cell<Position> = Cell::default();
}

/// Opens the dialog on two messages: the lines of facts of a [`ShownMessage`], the lengths of the
/// payloads, and the payloads, of which a long one is cut.
///
/// # Errors
/// An exception of the browser.
pub fn open(facts: [&str; 2], lens: [usize; 2], payloads: [&[u8]; 2]) -> Result<(), JsValue> {
    let dialog = dialog::create(DIALOG, "compare-title", on_input, on_click)?;
    let [Some(left), Some(right)] = facts.map(ShownMessage::parse) else {
        return Ok(());
    };
    let t = document_language();
    let is_cut = (0..2).any(|which| lens[which] > payloads[which].len());
    let note = if is_cut { t.beginnings_compared() } else { "" };
    let messages = [(left, lens[0]), (right, lens[1])];
    let is_text = payloads.iter().all(|it| looks_like_text(it));
    let fields = fields_of(&messages, payloads);
    let forms = forms(payloads, fields.is_some());
    let form = if is_text { Form::Text } else { Form::Bytes };
    dialog::show(&dialog, &markup::form(t, &messages, &forms, form, note))?;
    COMPARED.set(Compared {
        payloads: payloads.map(<[u8]>::to_vec),
        fields,
    });
    let forget = Closure::once_into_js(|| drop(COMPARED.take()));
    dialog.set_onclose(Some(forget.unchecked_ref()));
    let on_keydown = Closure::<dyn Fn(KeyboardEvent)>::new(|it: KeyboardEvent| on_key(&it));
    dialog.set_onkeydown(Some(on_keydown.into_js_value().unchecked_ref()));
    redraw(Target::Difference(0));
    Ok(())
}

/// Returns the forms in which two messages can be compared.
fn forms(payloads: [&[u8]; 2], have_fields: bool) -> Vec<Form> {
    let are_short = payloads.iter().all(|it| it.len() <= MAX_TEXT);
    let forms = [
        (Form::Text, are_short),
        (Form::Fields, have_fields),
        (Form::Bytes, true),
    ];
    let possible = forms.into_iter().filter(|it| it.1);
    possible.map(|it| it.0).collect()
}

/// Returns the fields of both messages as lines, by the choices for their upstreams.
fn fields_of(messages: &[markup::Facts; 2], payloads: [&[u8]; 2]) -> Option<[String; 2]> {
    let t = document_language();
    let lines = |which: usize| {
        let choice = FieldsChoice::load(&messages[which].0.upstream);
        field_lines::lines(t, &choice, payloads[which])
    };
    Some([lines(0)?, lines(1)?])
}

/// Returns true if lines of a payload are easier to compare than its bytes.
fn looks_like_text(payload: &[u8]) -> bool {
    let is_shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let text = std::str::from_utf8(payload);
    payload.len() <= MAX_TEXT && text.is_ok_and(|it| it.chars().all(is_shown))
}

fn on_input(_: &Element) {
    redraw(Target::Difference(0));
}

fn on_click(target: &Element) {
    let Some(button) = closest(target, "button") else {
        return;
    };
    let Position { page, .. } = POSITION.get();
    match button.id().as_str() {
        "compare-previous" => step(false),
        "compare-next" => step(true),
        "compare-earlier" => show_page(Target::EndOf(page.saturating_sub(1))),
        "compare-later" => show_page(Target::BeginOf(page + 1)),
        _ => {}
    }
}

/// Steps to another difference by Alt and an arrow key. In a select, these keys open it.
fn on_key(event: &KeyboardEvent) {
    let is_next = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let is_select = target.is_some_and(|it| it.tag_name() == "SELECT");
    if event.alt_key() && !is_select {
        event.prevent_default();
        step(is_next);
    }
}

/// Steps to the next difference or the previous one; from the last to the first, and back.
fn step(is_next: bool) {
    let Position {
        difference,
        differences,
        ..
    } = POSITION.get();
    let Some(last) = differences.checked_sub(1) else {
        return;
    };
    // A step back is one over all the others.
    let steps = if is_next { 1 } else { last };
    let to = (difference + steps) % differences;
    match marks_of(to).is_empty() {
        true => redraw(Target::Difference(to)),
        false => mark(to),
    }
}

/// Draws another page. The focus goes from its button to the rows.
fn show_page(target: Target) {
    redraw(target);
    if let Some(rows) = by_id::<HtmlElement>("compare-rows") {
        // Fails if the browser does not allow the focus.
        let _ = rows.focus();
    }
}

fn redraw(target: Target) {
    let form = by_id::<HtmlSelectElement>("compare-as").map(|it| it.value());
    let form = form.map_or(Form::Bytes, |it| Form::from_key(&it));
    let t = document_language();
    let listing = COMPARED.with_borrow(|Compared { payloads, fields }| {
        let payloads = [&payloads[0][..], &payloads[1][..]];
        let fields = fields.as_ref().map(|it| [it[0].as_str(), it[1].as_str()]);
        Listing::new(payloads, fields, form, width(), target)
    });
    let mut summary = markup::summary(t, &listing);
    if listing.is_rough {
        summary = summary + " " + t.too_different();
    }
    draw("compare-summary", &text(&summary));
    let rows = match listing.position.differences {
        0 => Markup::default(),
        _ => markup::rows(t, &listing.rows, form),
    };
    draw("compare-rows", &rows);
    POSITION.set(listing.position);
    mark(listing.position.difference);
}

/// Marks a difference as the present one, tells its number, and scrolls to it.
fn mark(difference: usize) {
    let position = Position {
        difference,
        ..POSITION.get()
    };
    POSITION.set(position);
    for old in all("#compare-rows .present") {
        // Fails for a name that is none.
        let _ = old.class_list().remove_1("present");
    }
    let marks = marks_of(difference);
    for mark in &marks {
        let _ = mark.class_list().add_1("present");
    }
    if let Some(first) = marks.first() {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        options.set_inline(ScrollLogicalPosition::Nearest);
        first.scroll_into_view_with_scroll_into_view_options(&options);
    }
    let t = document_language();
    let shown = match position.differences {
        0 => Markup::default(),
        differences => text(&t.place_of(difference + 1, differences)),
    };
    draw("compare-place", &shown);
}

/// Returns the drawn marks of a difference.
fn marks_of(difference: usize) -> Vec<Element> {
    all(&format!("#compare-rows [data-difference=\"{difference}\"]"))
}

fn all(selector: &str) -> Vec<Element> {
    let found = document().and_then(|it| it.query_selector_all(selector).ok());
    let found = found.into_iter().flat_map(|list| {
        let items = (0..list.length()).filter_map(move |at| list.get(at));
        items.filter_map(|it| it.dyn_into().ok())
    });
    found.collect()
}

/// Returns the number of bytes of a row.
fn width() -> usize {
    let width = web_sys::window().and_then(|it| it.inner_width().ok()?.as_f64());
    match width.is_some_and(|it| it >= WIDE) {
        true => WIDTH,
        false => NARROW_WIDTH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_control_characters_is_compared_by_lines() {
        assert!(looks_like_text("{\"a\": 1}\r\n\t日本".as_bytes()));
        assert!(!looks_like_text(b"a\0"));
        assert!(!looks_like_text(b"\xff"));
    }
}
