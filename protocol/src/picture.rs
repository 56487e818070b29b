//! Picture of a frame: its parts in wire order, for framings whose header holds more than
//! a length.
//!
//! `1+u32be-inclusive` is a byte of any kind, a length that counts itself, and the body:
//! PostgreSQL. A message is a frame without the bytes that the framing can put back: its length
//! and its fixed bytes. The bytes of any kind around the body are *free*: they belong to the
//! message, as the body does, in the order of the wire. With `whole:`, a message is the frame.

mod delimited;
mod name;
mod notation;
mod template;

use std::ops::Range;

pub use self::name::PictureName;
pub(crate) use self::notation::{is_number, parse};
pub use self::template::Template;

use crate::error::FrameError;
use crate::layout::{Layout, LengthOnWire, check_len};
use crate::message::Message;
use crate::number::Number;
use crate::number_bytes::NumberBytes;
use crate::scan::Scan;
use crate::segment::{Piece, Role, Segment};

/// Picture of a frame: its parts in wire order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Picture {
    /// Bytes before the length; all bytes before the body if there is no length.
    pub before: Template,
    /// Length of the body; without one, the fixed bytes that `tail` begins with end it.
    pub length: Option<Length>,
    /// Bytes between the length and the body.
    pub after: Template,
    /// Bytes after the body.
    pub tail: Template,
    /// True if a message is the whole frame, sent as it is.
    pub whole: bool,
    /// Name that the picture was given by.
    pub name: Option<PictureName>,
}

/// Length in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Length {
    /// Notation on the wire.
    pub number: Number,
    /// Bytes that it counts.
    pub counts: Counts,
}

/// Bytes that a length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counts {
    /// The body alone.
    Body,
    /// The length itself and all that follows: `-inclusive`.
    Itself,
    /// The frame from its first byte: `-all`.
    Frame,
}

impl Picture {
    /// Returns the number of free bytes: the length of the shortest message, if the picture is
    /// not `whole`.
    pub const fn free(&self) -> usize {
        self.before.free() + self.after.free() + self.tail.free()
    }

    /// Returns the number of bytes around the body, with a length of `width` bytes.
    const fn around(&self, width: usize) -> usize {
        self.before.len() + width + self.after.len() + self.tail.len()
    }

    /// Returns the number of bytes around the body that are in the message, with a length of
    /// `width` bytes.
    const fn around_in_message(&self, width: usize) -> usize {
        match self.whole {
            true => self.around(width),
            false => self.free(),
        }
    }

    /// Returns the number of bytes around the body that the length counts.
    ///
    /// A width that depends on the value is never counted: the notation refuses that.
    fn around_in_length(&self) -> usize {
        let Some(Length { number, counts }) = self.length else {
            return 0;
        };
        let width = number.width().unwrap_or(0);
        match counts {
            Counts::Body => 0,
            Counts::Itself => self.around(width) - self.before.len(),
            Counts::Frame => self.around(width),
        }
    }

    /// Returns the longest body that the length can announce, in bytes.
    fn max_body(&self) -> u64 {
        self.length.map_or(u64::MAX, |length| {
            let counted = self.around_in_length() as u64;
            length.number.max().saturating_sub(counted)
        })
    }

    /// Returns the longest message, in bytes; `usize::MAX` if a `usize` cannot count it, or if
    /// messages are sent as they are.
    pub(crate) fn max_len(&self) -> usize {
        if self.whole {
            return usize::MAX;
        }
        let max = self.max_body().saturating_add(self.free() as u64);
        usize::try_from(max).unwrap_or(usize::MAX)
    }

    /// Returns the numbers of free bytes directly before and directly after the body.
    const fn adjacent_free(&self) -> (usize, usize) {
        let before = match self.length {
            Some(_) => self.after.free_at_end(),
            None => self.before.free_at_end(),
        };
        (before, self.tail.free_at_front())
    }

    /// Returns true if a message lies in one piece in its frame.
    pub(crate) const fn is_contiguous(&self) -> bool {
        let (before, after) = self.adjacent_free();
        self.whole || before + after == self.free()
    }

    /// Returns the number of bytes that the shortest header has.
    pub(crate) const fn min_header_len(&self) -> usize {
        let width = match self.length {
            None => 0,
            Some(length) => match length.number.width() {
                Some(width) => width,
                None => 1,
            },
        };
        self.before.len() + width + self.after.len()
    }

    /// Finds the frame at the front of `src`, with a message of at most `max` bytes. The
    /// layout's payload is the message if that [lies in one piece](Self::is_contiguous), and
    /// otherwise the body.
    pub(crate) fn layout(
        &self,
        src: &[u8],
        max: usize,
        scan: &mut Scan,
    ) -> Result<Option<Layout>, FrameError> {
        self.before.check(src, 0)?;
        let begin = self.before.len();
        if src.len() < begin {
            return Ok(None);
        }
        let parts = match self.length {
            Some(length) => self.length_prefixed(length, src, max)?,
            None => self.delimited(src, max, scan)?,
        };
        Ok(parts.map(|parts| self.message_layout(parts)))
    }

    /// Reads the header of a frame with a length; the layout's payload is the body.
    fn length_prefixed(
        &self,
        length: Length,
        src: &[u8],
        max: usize,
    ) -> Result<Option<Layout>, FrameError> {
        let begin = self.before.len();
        let Some(number) = length.number.read(&src[begin..], begin)? else {
            return Ok(None);
        };
        let header_len = begin + number.width + self.after.len();
        let counted = self.around_in_length();
        let too_short = FrameError::LengthTooShort {
            len: number.value,
            header_len: counted,
        };
        let body = number.value.checked_sub(counted as u64).ok_or(too_short)?;
        let besides = self.around_in_message(number.width);
        // Only in a binary length, readable text is a sign of another protocol.
        let wire = match length.number {
            Number::Integer { width, order } => Some(LengthOnWire {
                bytes: &src[begin..begin + number.width],
                order: (width > 1).then_some(order),
                counted,
                besides,
            }),
            _ => None,
        };
        let message_len = check_len(body.saturating_add(besides as u64), max, wire)?;
        let payload_len = message_len - besides;
        self.after.check(src, begin + number.width)?;
        self.tail
            .check(src, header_len.saturating_add(payload_len))?;
        Ok(Some(Layout {
            header_len,
            payload_len,
            trailer_len: self.tail.len(),
        }))
    }

    /// Widens the payload of `parts` from the body to the message if it lies in one piece.
    fn message_layout(&self, parts: Layout) -> Layout {
        let (before, after) = match (self.whole, self.is_contiguous()) {
            (true, _) => (parts.header_len, parts.trailer_len),
            (false, true) => self.adjacent_free(),
            (false, false) => (0, 0),
        };
        Layout {
            header_len: parts.header_len - before,
            payload_len: parts.payload_len.saturating_add(before + after),
            trailer_len: parts.trailer_len - after,
        }
    }

    /// Joins the pieces of the message in `frame`, whose payload in `layout` is the body.
    pub(crate) fn assemble(&self, frame: &[u8], layout: Layout) -> Vec<u8> {
        let (header, rest) = frame.split_at(layout.header_len);
        let (body, tail) = rest.split_at(layout.payload_len);
        let (before, header) = header.split_at(self.before.len());
        let after = &header[header.len() - self.after.len()..];
        let mut message = Vec::with_capacity(body.len() + self.free());
        message.extend(self.before.free_bytes(before));
        message.extend(self.after.free_bytes(after));
        message.extend_from_slice(body);
        message.extend(self.tail.free_bytes(tail));
        message
    }

    /// Returns the range of the body in a message of `len` bytes, and the encoded length.
    ///
    /// # Errors
    /// [`FrameError::TooShort`] or [`FrameError::TooLong`].
    fn body(&self, len: usize) -> Result<(Range<usize>, NumberBytes), FrameError> {
        let begin = self.before.free() + self.after.free();
        let Some(body_len) = len.checked_sub(self.free()) else {
            let min = self.free();
            return Err(FrameError::TooShort { len, min });
        };
        let mut number = NumberBytes::default();
        if let Some(length) = self.length {
            if body_len as u64 > self.max_body() {
                let (len, max) = (len as u64, self.max_len());
                return Err(FrameError::TooLong { len, max });
            }
            let counted = body_len + self.around_in_length();
            length.number.write(counted as u64, &mut number);
        }
        Ok((begin..begin + body_len, number))
    }

    /// Writes the frame of a message, for a picture that is not `whole`.
    ///
    /// # Errors
    /// [`FrameError::TooShort`], [`FrameError::TooLong`] or [`FrameError::HasDelimiter`].
    pub(crate) fn write(
        &self,
        message: &Message<'_, impl AsRef<[u8]>>,
        sink: &mut impl FnMut(Piece<'_>),
    ) -> Result<(), FrameError> {
        let (body, number) = self.body(message.len())?;
        if self.length.is_none() {
            self.check_delimiter(message, body.clone())?;
        }
        let mut at = 0;
        write_template(&self.before, &mut at, sink);
        if self.length.is_some() {
            sink(Piece::Bytes(Role::Length, number.as_ref()));
        }
        write_template(&self.after, &mut at, sink);
        sink(Piece::Message(Role::Payload, body.clone()));
        at = body.end;
        write_template(&self.tail, &mut at, sink);
        Ok(())
    }

    /// Returns the segments of `frame`, which is complete.
    pub(crate) fn segments(&self, frame: &[u8]) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut push = |role, len| {
            // An empty payload is shown, too.
            if len > 0 || role == Role::Payload {
                segments.push(Segment { role, len });
            }
        };
        let length_width = self.length.and_then(|length| {
            let read = length.number.read(frame.get(self.before.len()..)?, 0);
            Some(read.ok()??.width)
        });
        let length_width = length_width.unwrap_or(0);
        let template = |template: &Template, push: &mut dyn FnMut(Role, usize)| {
            template.runs(|bytes, fixed| {
                push(if fixed { Role::Fixed } else { Role::Free }, bytes.len());
            });
        };
        template(&self.before, &mut push);
        push(Role::Length, length_width);
        template(&self.after, &mut push);
        let body_len = frame.len().saturating_sub(self.around(length_width));
        push(Role::Payload, body_len);
        template(&self.tail, &mut push);
        segments
    }
}

/// Writes a template whose free bytes are those of the message from `at` on.
fn write_template(template: &Template, at: &mut usize, sink: &mut impl FnMut(Piece<'_>)) {
    template.runs(|bytes, fixed| {
        if fixed {
            return sink(Piece::Bytes(Role::Fixed, bytes));
        }
        let free = *at..*at + bytes.len();
        *at = free.end;
        sink(Piece::Message(Role::Free, free));
    });
}
