//! Bytes of a dump in parts: a frame in its segments, or a payload alone. Bytes of the message
//! are read when they are shown.

use std::ops::Range;

use crate::cell::{ByteRole, Cell, cells};
use bytes::Bytes;
use protocol::{Framing, Role};
use web_core::frame_view::{FrameView, SegmentView};
use web_core::framing;
use web_core::language::Language;
use web_core::message::Kind;

use super::source::Source;
use crate::explain;
use crate::notation_reason::of_notation;

/// Longest message that is explained from all of its bytes at once: others take turns, or their
/// length alone says all.
pub const MAX_AT_ONCE: usize = 1 << 20;

/// Bytes around a run that tell which characters it has.
const AROUND: usize = 3;

/// Dump: its parts, in wire order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// Parts.
    pub parts: Vec<Part>,
    /// Note on the whole.
    pub note: Option<String>,
    /// True if the message is the frame.
    pub is_whole: bool,
}

/// Part of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Segment, with no bytes if they are the message's.
    pub segment: SegmentView,
    /// Range of the part in the dump.
    pub range: Range<usize>,
    /// Range of the part in the message, if it is a part of it.
    pub message: Option<Range<usize>>,
}

impl Wire {
    /// Returns the dump of a payload alone.
    pub fn of_payload(t: Language, len: usize) -> Self {
        let mut wire = Self::empty();
        wire.push(segment(t, Role::Payload), len, Some(0..len));
        wire
    }

    /// Returns the dump of a message's frame.
    ///
    /// # Errors
    /// A sentence that says why the framing cannot carry the message.
    pub fn of_frame(
        t: Language,
        framing: &str,
        source: &dyn Source,
        kind: Kind,
    ) -> Result<Self, String> {
        let notation: framing::Framing = framing.into();
        let framing: Framing = framing.parse().map_err(|error| of_notation(t, &error))?;
        let len = source.len();
        let is_short = len <= MAX_AT_ONCE;
        match (framing, notation.built_in()) {
            (_, Some(built_in)) => {
                let segments = match is_short {
                    true => built_in.frame(&source.read(0..len).into()),
                    false => built_in.around(len as u64),
                };
                let segments = segments.map_err(|it| t.refusal(&it))?;
                let view = FrameView {
                    segments: t.segments(built_in, segments, len),
                    note: t.built_in_note(built_in),
                    ..FrameView::default()
                };
                Ok(Self::of_view(t, view, source, kind))
            }
            (Framing::Value(_) | Framing::Stuffed(_), _) if !is_short => {
                let mut wire = Self::of_payload(t, len);
                wire.note = Some(t.long_message_alone().into());
                Ok(wire)
            }
            _ => {
                let message = Bytes::from(source.read(0..len));
                let view = explain::view(framing, message, t)?;
                Ok(Self::of_view(t, view, source, kind))
            }
        }
    }

    fn of_view(t: Language, view: FrameView, source: &dyn Source, kind: Kind) -> Self {
        let mut wire = Self {
            note: view.note,
            is_whole: view.is_whole,
            ..Self::empty()
        };
        let mut at = 0;
        for mut segment in view.segments {
            let is_message = view.is_whole || matches!(segment.role, Role::Free | Role::Payload);
            let len = match segment.role {
                Role::Payload if !view.is_whole && segment.bytes.is_empty() => source.len() - at,
                _ => segment.bytes.len(),
            };
            if segment.meaning.is_empty() {
                let is_all = len == source.len();
                segment.meaning = meaning(t, kind, &segment.bytes, len, is_all);
            }
            let message = is_message.then(|| at..at + len);
            if is_message {
                segment.bytes = Bytes::new();
                at += len;
            }
            wire.push(segment, len, message);
        }
        wire
    }

    fn empty() -> Self {
        Self {
            parts: Vec::new(),
            note: None,
            is_whole: false,
        }
    }

    fn push(&mut self, segment: SegmentView, len: usize, message: Option<Range<usize>>) {
        let begin = self.len();
        self.parts.push(Part {
            segment,
            range: begin..begin + len,
            message,
        });
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.parts.last().map_or(0, |part| part.range.end)
    }

    /// Returns true if there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the part with the byte at an offset.
    pub fn part_at(&self, offset: usize) -> Option<usize> {
        self.parts.iter().position(|it| it.range.contains(&offset))
    }

    /// Returns the range of bytes of the message in the dump; `None` if it does not have them.
    pub fn of_message(&self, bytes: &Range<usize>) -> Option<Range<usize>> {
        let place = |offset| {
            self.parts.iter().find_map(|it| {
                let message = it.message.as_ref()?;
                (message.contains(&offset)).then_some(it.range.start + offset - message.start)
            })
        };
        let last = bytes.end.checked_sub(1)?.max(bytes.start);
        Some(place(bytes.start)?..place(last)? + usize::from(!bytes.is_empty()))
    }

    /// Returns the byte of the message at an offset of the dump.
    pub fn to_message(&self, offset: usize) -> Option<usize> {
        let part = self.parts.get(self.part_at(offset)?)?;
        Some(part.message.as_ref()?.start + offset - part.range.start)
    }

    /// Returns the bytes of a range.
    pub fn read(&self, source: &dyn Source, range: Range<usize>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(range.len());
        for part in &self.parts {
            let from = range.start.max(part.range.start);
            let to = range.end.min(part.range.end);
            if from < to {
                bytes.extend(part.read(source, from - part.range.start..to - part.range.start));
            }
        }
        bytes
    }

    /// Returns the cells of a range.
    pub fn cells(&self, source: &dyn Source, range: Range<usize>) -> Vec<Cell> {
        let mut shown = Vec::new();
        for part in &self.parts {
            let from = range.start.max(part.range.start);
            let to = range.end.min(part.range.end);
            if from < to {
                let (from, to) = (from - part.range.start, to - part.range.start);
                let begin = from.saturating_sub(AROUND);
                let end = (to + AROUND).min(part.range.len());
                let bytes = part.read(source, begin..end);
                let all = cells(self.role(part), &bytes);
                shown.extend(all.into_iter().skip(from - begin).take(to - from));
            }
        }
        shown
    }

    fn role(&self, part: &Part) -> ByteRole {
        ByteRole::of_segment(part.segment.role, self.is_whole)
    }
}

impl Part {
    fn read(&self, source: &dyn Source, range: Range<usize>) -> Vec<u8> {
        match &self.message {
            Some(message) => source.read(message.start + range.start..message.start + range.end),
            None => self.segment.bytes[range].to_vec(),
        }
    }

    /// Returns the bytes in hexadecimal; the middle of more than eight is left out.
    pub fn abridged(&self, source: &dyn Source) -> String {
        let len = self.range.len();
        let hex = |range| web_core::format::hex(&self.read(source, range));
        match len {
            0..=8 => hex(0..len),
            _ => format!("{} … {}", hex(0..3), hex(len - 2..len)),
        }
    }
}

fn segment(t: Language, role: Role) -> SegmentView {
    SegmentView {
        role,
        bytes: Bytes::new(),
        name: t.payload().into(),
        meaning: String::new(),
    }
}

/// Describes the bytes of the message in a segment.
fn meaning(t: Language, kind: Kind, bytes: &[u8], len: usize, is_all: bool) -> String {
    match () {
        _ if bytes.len() < len && kind == Kind::Binary => t.bytes(len),
        _ if is_all => t.payload_note(kind, bytes, len),
        _ => t.encoding_note(bytes),
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
