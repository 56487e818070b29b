//! Copies of what a tab shows, and the payload as a file.

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_core::format;
use web_core::language::Language;
use web_core::message::Kind;
use web_core::wire_view_tab::WireViewTab;
use web_sys::Element;

use super::json_rows::JsonRows;
use super::lines::Lines;
use super::pane::Pane;
use super::rows::{Layout, RowWriter};
use super::source::{Reader, Source};
use super::text_rows::TextRows;
use super::{after, now, with_pane};
use crate::clipboard;
use crate::document_language;
use crate::dom::by_id;
use crate::file::{blob, download};

/// Bytes of one part of a copy.
const PART: usize = 1 << 20;
/// Longest payload that is copied at once, while the browser still allows it without a clipboard.
const MAX_AT_ONCE: usize = 256 << 10;
/// Time for which the button's label tells that the text is copied, in milliseconds.
const LABEL_MS: f64 = 3000.0;
/// Fields of one part of a copy.
const ROWS: usize = 1000;
/// Columns of a line that is not cut.
const UNCUT: usize = usize::MAX / 64;

/// Copy that is being made: parts of a text, one after another.
enum Copying {
    Hex { at: usize },
    Raw { at: usize },
    Text(TextRows),
    Json(JsonRows),
    Fields { at: usize },
}

impl Copying {
    fn new(pane: &Pane) -> Self {
        let is_valid = match &pane.lines {
            Some((Lines::Text(index), _)) => pane.is_indexed && index.cursor().invalid == 0,
            _ => false,
        };
        match pane.tab {
            WireViewTab::Text if is_valid => Self::Raw { at: 0 },
            WireViewTab::Text => Self::Text(TextRows::new(0, 0, UNCUT)),
            WireViewTab::Json => Self::Json(JsonRows::new(UNCUT)),
            WireViewTab::Fields => Self::Fields { at: 0 },
            WireViewTab::Wire | WireViewTab::Hex => Self::Hex { at: 0 },
        }
    }

    /// Returns the next part; `None` after the last.
    fn next(&mut self, pane: &mut Pane) -> Option<JsValue> {
        let (wire, payload) = (&pane.dump.wire, &*pane.payload);
        match self {
            Self::Hex { at } => {
                let bytes = wire.read(&*pane.shown, *at..*at + PART / 4);
                let space = if *at > 0 { " " } else { "" };
                *at += bytes.len();
                let part = || space.to_owned() + &format::hex(&bytes);
                (!bytes.is_empty()).then(|| part().into())
            }
            Self::Raw { at } => {
                let bytes = payload.copy(*at..*at + PART);
                *at += bytes.length() as usize;
                (bytes.length() > 0).then(|| bytes.into())
            }
            Self::Text(layout) => lines(layout, &mut pane.reader),
            Self::Json(layout) => lines(layout, &mut pane.reader),
            Self::Fields { at } => {
                let (view, _) = pane.fields.as_ref()?;
                let rows = view.fields().iter().skip(*at).take(ROWS);
                let part: String = rows.map(field).collect();
                *at += ROWS;
                (!part.is_empty()).then(|| part.into())
            }
        }
    }
}

/// Returns a line of a field: offsets, label, value and type between tabs.
fn field(field: &fields::Field) -> String {
    let (begin, end) = (field.range.start, field.range.end);
    let indent = "  ".repeat(field.depth);
    let value = format::escape_invisible(&field.value).replace(['\n', '\t'], " ");
    let (label, kind) = (&field.label, field.type_name);
    format!("{begin}-{end}\t{indent}{label}\t{value}\t{kind}\n")
}

/// Returns the next lines of a layout, about as long as a part.
fn lines(layout: &mut impl Layout, reader: &mut Reader) -> Option<JsValue> {
    let mut part = String::new();
    let is_first = layout.offset() == 0;
    while part.len() < PART / 4 {
        let mut writer = RowWriter::new(true);
        if !layout.next(reader, &mut writer) {
            break;
        }
        if !(is_first && part.is_empty() && writer.row.bytes.start == 0) {
            part.push('\n');
        }
        part += &writer.row.text();
    }
    (!part.is_empty()).then(|| part.into())
}

/// Copies all that the open tab shows.
pub fn copy_shown() {
    let Some((copying, len)) = with_pane(|pane| (Copying::new(pane), pane.payload.len())) else {
        return;
    };
    if len <= MAX_AT_ONCE {
        let parts = Array::new();
        let mut copying = copying;
        while let Some(part) = with_pane(|pane| copying.next(pane)).flatten() {
            parts.push(&part);
        }
        return copy(&parts);
    }
    let number = with_pane(|pane| {
        pane.tell(pane.t.copying());
        pane.number
    });
    make_part(number.unwrap_or_default(), copying, Array::new());
}

/// Makes parts in turns, then copies them. A copy of a message that is no longer shown is given up.
fn make_part(number: u32, mut copying: Copying, parts: Array) {
    let begin = now();
    while now() - begin < 8.0 {
        if with_pane(|pane| pane.number) != Some(number) {
            return;
        }
        match with_pane(|pane| copying.next(pane)).flatten() {
            Some(part) => parts.push(&part),
            None => return copy(&parts),
        };
    }
    after(0.0, move || make_part(number, copying, parts));
}

/// Copies a text of parts, and tells the result.
fn copy(parts: &Array) {
    let parts = parts.clone();
    spawn_local(async move {
        let done = clipboard::copy(&parts).await;
        with_pane(|pane| pane.tell(if done { "" } else { pane.t.copy_failed() }));
        if done {
            label(Language::copied);
            after(LABEL_MS, || label(Language::copy));
        }
    });
}

/// Labels the button.
fn label(name: fn(Language) -> &'static str) {
    if let Some(button) = by_id::<Element>("message-copy") {
        button.set_text_content(Some(name(document_language())));
    }
}

/// Saves the payload as a file.
pub fn save_payload() {
    let payload = with_pane(|pane| (pane.payload.clone(), pane.message.clone()));
    let Some((payload, message)) = payload else {
        return;
    };
    let parts = Array::new();
    for begin in (0..payload.len()).step_by(PART) {
        parts.push(&payload.copy(begin..begin + PART));
    }
    let (media_type, extension) = match message.kind {
        Kind::Text => ("text/plain", "txt"),
        Kind::Binary => ("application/octet-stream", "bin"),
    };
    if let Ok(blob) = blob(&parts, media_type) {
        // Fails without disk space, which the browser reports by itself.
        let _ = download(&blob, &format!("message-{}.{extension}", message.id));
    }
}
