//! Comparison of two messages: a dialog with both side by side, in which the bytes or the characters
//! that differ are marked.

pub mod aligned;
pub mod byte_rows;
pub mod diff;
pub mod line_rows;
pub mod markup;
pub mod row;

use std::cell::RefCell;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_core::shown_message::ShownMessage;
use web_sys::{Element, HtmlSelectElement};

use self::byte_rows::{ByteRows, differences};
use self::diff::{Work, diff};
use crate::dom::{by_id, draw};
use crate::markup::{Markup, text};
use crate::{dialog, document_language};

/// Id of the dialog.
const DIALOG: &str = "compare";
/// Comparisons of a view: some 30 ms.
const MAX_WORK: usize = 8 << 20;
/// Longest equal run of bytes that is noise between two differences.
const NOISE: usize = 3;
/// Longest messages whose lines are compared.
const MAX_TEXT: usize = 4 << 20;
/// Bytes of a row, and those of a narrow window.
const WIDTH: usize = 16;
const NARROW_WIDTH: usize = 8;
/// Narrowest window with wide rows, in CSS pixels.
const WIDE: f64 = 1100.0;

thread_local! {
    static PAYLOADS: RefCell<[Vec<u8>; 2]> = RefCell::default();
}

/// Opens the dialog on two messages: the lines of facts of a [`ShownMessage`], the lengths of the
/// payloads, and the payloads, of which a long one is cut.
///
/// # Errors
/// An exception of the browser.
pub fn open(facts: [&str; 2], lens: [usize; 2], payloads: [&[u8]; 2]) -> Result<(), JsValue> {
    let dialog = dialog::create(DIALOG, "compare-title", on_input, |_| {})?;
    let [Some(left), Some(right)] = facts.map(ShownMessage::parse) else {
        return Ok(());
    };
    let t = document_language();
    let is_cut = (0..2).any(|which| lens[which] > payloads[which].len());
    let note = if is_cut { t.beginnings_compared() } else { "" };
    let messages = [(left, lens[0]), (right, lens[1])];
    let is_text = payloads.iter().all(|it| looks_like_text(it));
    dialog::show(&dialog, &markup::form(t, &messages, is_text, note))?;
    PAYLOADS.set(payloads.map(<[u8]>::to_vec));
    let forget = Closure::once_into_js(|| drop(PAYLOADS.take()));
    dialog.set_onclose(Some(forget.unchecked_ref()));
    redraw();
    Ok(())
}

/// Returns true if lines of a payload are easier to compare than its bytes.
fn looks_like_text(payload: &[u8]) -> bool {
    let is_shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let text = std::str::from_utf8(payload);
    payload.len() <= MAX_TEXT && text.is_ok_and(|it| it.chars().all(is_shown))
}

fn on_input(_: &Element) {
    redraw();
}

fn redraw() {
    let form = by_id::<HtmlSelectElement>("compare-as").map(|it| it.value());
    let is_text = form.as_deref() == Some("text");
    let t = document_language();
    PAYLOADS.with_borrow(|payloads| {
        let messages = [&payloads[0][..], &payloads[1][..]];
        let mut work = Work::new(MAX_WORK);
        let parts = diff(messages[0], messages[1], NOISE, &mut work);
        let (bytes, places) = differences(messages, &parts);
        let mut summary = markup::summary(t, bytes, places);
        let rows = match is_text && messages.iter().all(|it| it.len() <= MAX_TEXT) {
            _ if places == 0 => Vec::new(),
            true => line_rows::rows(messages, &mut work),
            false => ByteRows::new(messages, &parts, width()).rows(),
        };
        if work.is_exhausted {
            summary = summary + " " + t.too_different();
        }
        draw("compare-summary", &text(&summary));
        let rows = match places {
            0 => Markup::default(),
            _ => markup::rows(t, &rows, is_text),
        };
        draw("compare-rows", &rows);
    });
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
