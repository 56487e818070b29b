//! Pane of the shown message: its head, the rows of the open tab, and the dump of its bytes.

use std::ops::Range;
use std::rc::Rc;

use web_core::language::Language;
use web_core::shown_message::ShownMessage;
use web_core::wire_view_tab::WireViewTab;
use web_sys::{Element, HtmlElement};

use super::dump_view::DumpView;
use super::fields_markup;
use super::fields_view::FieldsView;
use super::head;
use super::lines::Lines;
use super::markup::line;
use super::payload::Payload;
use super::scroller::{Scroller, char_width};
use super::source::{Reader, Source};
use super::wire::Wire;
use crate::dom::{by_id, draw};
use crate::markup::{Markup, join, text};

/// Time of a turn, in milliseconds: a frame has time for more than that.
const TURN_MS: f64 = 8.0;
/// Columns of the line numbers, and of those of long messages.
const NUMBER: usize = 7;
const WIDE_NUMBER: usize = 10;
/// Longest message with narrow line numbers.
const MAX_NARROW: usize = 1 << 20;
/// Space left and right of the lines, in CSS pixels.
const PADDING: f64 = 16.0;
/// Fewest columns of a line.
const MIN_COLUMNS: usize = 24;

/// Pane of a message in a tab.
pub struct Pane {
    /// Language.
    pub t: Language,
    /// Facts of the message.
    pub message: ShownMessage,
    /// Open tab.
    pub tab: WireViewTab,
    /// Number of the pane: another one for each.
    pub number: u32,
    /// Payload.
    pub payload: Rc<Payload>,
    /// Bytes of the dump: the payload, or what is packed in it.
    pub shown: Rc<dyn Source>,
    /// Fields above the dump, and their element.
    pub fields: Option<(FieldsView, Scroller)>,
    /// Reader of the payload.
    pub reader: Reader,
    /// Frame, or the reason that there is none.
    pub wire: Result<Wire, String>,
    /// Lines above the dump, and their element.
    pub lines: Option<(Lines, Scroller)>,
    /// True if all lines are indexed.
    pub is_indexed: bool,
    /// Dump.
    pub dump: DumpView,
    columns: usize,
}

impl Pane {
    /// Draws a message in a tab, and begins to index its lines. `None` if the page has no place
    /// for it.
    pub fn open(
        number: u32,
        t: Language,
        message: ShownMessage,
        tab: WireViewTab,
        payload: Rc<Payload>,
    ) -> Option<Self> {
        let wire = match message.missing_len {
            0 if message.framing.is_empty() => Err(t.unknown_framing().into()),
            0 => Wire::of_frame(t, &message.framing, &*payload, message.kind),
            missing => Err(t.missing_note(missing)),
        };
        let host: Element = by_id("message-view")?;
        host.set_inner_html(head::body(t, tab).as_str());
        let has_lines = matches!(tab, WireViewTab::Text | WireViewTab::Json);
        let class = match tab {
            WireViewTab::Wire | WireViewTab::Hex => "",
            _ => "with-lines",
        };
        host.set_attribute("class", class).ok()?;
        let in_dump = match (&wire, tab) {
            (Ok(wire), WireViewTab::Wire) => wire.clone(),
            _ => Wire::of_payload(t, payload.len()),
        };
        let mut pane = Self {
            number,
            t,
            message,
            tab,
            reader: Reader::new(payload.clone()),
            wire,
            lines: None,
            is_indexed: !has_lines,
            dump: DumpView::new(Scroller::find("message-dump")?, in_dump),
            shown: payload.clone(),
            fields: None,
            payload,
            columns: 0,
        };
        pane.draw_head();
        draw("message-actions", &head::actions(t));
        if tab == WireViewTab::Fields {
            pane.open_fields(pane.payload.clone(), None);
        }
        pane.fit();
        Some(pane)
    }

    /// Returns true if it shows that message in that tab.
    pub fn shows(&self, t: Language, message: &ShownMessage, tab: WireViewTab) -> bool {
        let same = ShownMessage {
            pairing: self.message.pairing,
            is_selected: self.message.is_selected,
            ..message.clone()
        };
        self.t == t && self.tab == tab && self.message == same
    }

    /// Draws the facts, the times and the segments.
    pub fn draw_head(&self) {
        let (t, len) = (self.t, self.payload.len());
        let facts = head::facts(t, &self.message, len);
        draw("message-facts", &facts);
        let wire = self.wire.as_ref().ok();
        draw("message-times", &head::times(t, &self.message, wire));
        let segments = match &self.wire {
            Ok(wire) => head::segments(t, wire, &*self.payload),
            Err(_) => Markup::default(),
        };
        draw("message-frame", &segments);
        self.draw_note();
    }

    fn draw_note(&self) {
        let mut reader = Reader::new(self.payload.clone());
        let lines = self.lines.as_ref().filter(|_| self.is_indexed);
        let note = match (lines, &self.wire) {
            _ if self.payload.is_empty() && self.tab != WireViewTab::Wire => {
                self.t.empty_message().into()
            }
            (Some((lines, _)), _) => lines.note(self.t, &mut reader),
            (None, Err(refusal)) if self.tab == WireViewTab::Wire => refusal.clone(),
            _ => String::new(),
        };
        draw("message-note", &head::note(&note));
    }

    /// Fits the rows to the size of the pane. Returns true if lines are to be indexed anew.
    pub fn fit(&mut self) -> bool {
        let ch = char_width(self.dump.scroller.root());
        self.dump.fit(ch);
        self.dump.draw(&*self.shown, true);
        if self.fields.is_some() {
            self.draw_lines(true);
            return false;
        }
        let Some(root) = by_id::<HtmlElement>("message-lines") else {
            return false;
        };
        let number = match self.payload.len() {
            0..=MAX_NARROW => NUMBER,
            _ => WIDE_NUMBER,
        };
        let width = f64::from(root.client_width()) - PADDING;
        let columns = ((width / ch) as usize).saturating_sub(number);
        let columns = columns.max(MIN_COLUMNS);
        if columns == self.columns {
            self.draw_lines(false);
            return false;
        }
        self.columns = columns;
        set_busy(&root, true);
        let lines = match self.tab {
            WireViewTab::Json => Lines::of_json(columns),
            _ => Lines::of_text(columns),
        };
        // Fails for names that are no names.
        let _ = root
            .class_list()
            .toggle_with_force("wide", number == WIDE_NUMBER);
        self.is_indexed = false;
        self.lines = Scroller::find("message-lines").map(|it| (lines, it));
        true
    }

    /// Indexes lines for a turn. Returns true if more are left.
    pub fn take_turn(&mut self, now: impl Fn() -> f64) -> bool {
        let Some((lines, scroller)) = self.lines.as_mut().filter(|_| !self.is_indexed) else {
            return false;
        };
        let begin = now();
        self.is_indexed = lines.advance(&mut self.reader, || now() - begin > TURN_MS);
        scroller.set_rows(lines.len());
        let share = lines.offset() as f64 / self.payload.len() as f64;
        self.draw_lines(false);
        if self.is_indexed {
            if let Some((_, scroller)) = &self.lines {
                set_busy(scroller.root(), false);
            }
            self.draw_note();
            self.tell("");
        } else {
            self.tell(&self.t.reading_progress((100.0 * share) as usize));
        }
        !self.is_indexed
    }

    /// Tells the state of a long action.
    pub fn tell(&self, sentence: &str) {
        if let Some(status) = by_id::<Element>("message-status") {
            status.set_text_content(Some(sentence));
        }
    }

    /// Draws the lines in sight.
    pub fn draw_lines(&mut self, anew: bool) {
        if let Some((view, scroller)) = &mut self.fields {
            scroller.follow();
            scroller.draw(anew, |rows| {
                let fields = rows
                    .clone()
                    .zip(view.fields().get(rows).unwrap_or_default());
                join(fields.map(|(place, field)| {
                    fields_markup::row(place, field, view.picked == Some(place))
                }))
            });
        }
        let lit = self.dump.lit_message();
        let Some((lines, scroller)) = &mut self.lines else {
            return;
        };
        scroller.follow();
        let reader = &mut self.reader;
        scroller.draw(anew, |rows| {
            let rows = lines.rows(reader, rows);
            let is_lit = |bytes: &Range<usize>| {
                lit.as_ref()
                    .is_some_and(|lit| bytes.start < lit.end && lit.start < bytes.end)
            };
            join(rows.iter().map(|row| line(row, is_lit(&row.bytes))))
        });
    }

    /// Lights bytes of the message, and shows them in the dump.
    pub fn pick(&mut self, bytes: Range<usize>) {
        if let Some(range) = self.dump.wire.of_message(&bytes) {
            self.pick_in_dump(range);
        }
    }

    /// Lights bytes of the dump, and shows them there.
    pub fn pick_in_dump(&mut self, range: Range<usize>) {
        self.dump.pick(range, &*self.shown);
        self.draw_lines(true);
    }

    /// Returns the range of a segment of the frame in the dump.
    pub fn segment_in_dump(&self, place: usize) -> Option<Range<usize>> {
        let part = self.wire.as_ref().ok()?.parts.get(place)?;
        match self.tab {
            WireViewTab::Wire => Some(part.range.clone()),
            _ => self.dump.wire.of_message(part.message.as_ref()?),
        }
    }

    /// Lights a byte of the dump, tells it, and shows its line.
    pub fn show_byte(&mut self, offset: usize) {
        let wire = &self.dump.wire;
        let byte = wire.read(&*self.shown, offset..offset + 1);
        let part = wire.part_at(offset).and_then(|it| wire.parts.get(it));
        if let (Some(&byte), Some(part)) = (byte.first(), part) {
            let note = self.t.byte_note(offset, byte, &part.segment.name);
            draw("message-byte", &text(&note));
        }
        self.dump.pick(offset..offset + 1, &*self.shown);
        let field = self.fields.as_mut().and_then(|(view, scroller)| {
            view.picked = view.field_at(offset);
            view.picked.inspect(|&it| scroller.show(it))
        });
        if field.is_some() {
            self.draw_fields();
        }
        self.show_line_of(offset);
    }

    /// Shows the line with a byte of the dump.
    fn show_line_of(&mut self, offset: usize) {
        let byte = self.dump.wire.to_message(offset);
        if let (Some((lines, scroller)), Some(byte)) = (&mut self.lines, byte) {
            let row = lines.row_at(&mut self.reader, byte);
            scroller.show(row);
        }
        self.draw_lines(true);
    }
}

/// Tells screen readers that more lines follow.
fn set_busy(lines: &HtmlElement, is_busy: bool) {
    // Fails for names that are no names.
    let _ = lines.set_attribute("aria-busy", if is_busy { "true" } else { "false" });
}
