//! Length prefix of fixed width: an unsigned integer before each payload.

use crate::error::FrameError;
use crate::integer::{self, ByteOrder};
use crate::layout::{Layout, LengthOnWire, check_len};
use crate::number_bytes::NumberBytes;

/// Length prefix of fixed width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LengthPrefix {
    /// Width and byte order of the integer.
    pub field: LengthField,
    /// True if the length counts the prefix's own bytes as well as the payload's.
    pub inclusive: bool,
}

/// Unsigned integer that holds a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LengthField {
    /// One byte.
    U8,
    /// Two bytes, little-endian.
    U16Le,
    /// Two bytes, big-endian.
    U16Be,
    /// Three bytes, little-endian.
    U24Le,
    /// Three bytes, big-endian.
    U24Be,
    /// Four bytes, little-endian.
    U32Le,
    /// Four bytes, big-endian.
    U32Be,
    /// Eight bytes, little-endian.
    U64Le,
    /// Eight bytes, big-endian.
    U64Be,
}

impl LengthField {
    /// Returns the integer's width, in bytes.
    pub const fn width(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16Le | Self::U16Be => 2,
            Self::U24Le | Self::U24Be => 3,
            Self::U32Le | Self::U32Be => 4,
            Self::U64Le | Self::U64Be => 8,
        }
    }

    /// Returns the byte order; `None` for a single byte.
    pub const fn byte_order(self) -> Option<ByteOrder> {
        match self {
            Self::U8 => None,
            Self::U16Le | Self::U24Le | Self::U32Le | Self::U64Le => Some(ByteOrder::Little),
            Self::U16Be | Self::U24Be | Self::U32Be | Self::U64Be => Some(ByteOrder::Big),
        }
    }
}

impl LengthPrefix {
    pub(crate) const fn name(self) -> &'static str {
        let names = match self.field {
            LengthField::U8 => ["u8", "u8-inclusive"],
            LengthField::U16Le => ["u16le", "u16le-inclusive"],
            LengthField::U16Be => ["u16be", "u16be-inclusive"],
            LengthField::U24Le => ["u24le", "u24le-inclusive"],
            LengthField::U24Be => ["u24be", "u24be-inclusive"],
            LengthField::U32Le => ["u32le", "u32le-inclusive"],
            LengthField::U32Be => ["u32be", "u32be-inclusive"],
            LengthField::U64Le => ["u64le", "u64le-inclusive"],
            LengthField::U64Be => ["u64be", "u64be-inclusive"],
        };
        names[self.inclusive as usize]
    }

    /// Returns the longest payload that can be announced, in bytes.
    pub(crate) const fn max_payload_len(self) -> u64 {
        integer::max(self.field.width()) - self.adjustment()
    }

    /// Returns the bytes that the length counts besides the payload.
    const fn adjustment(self) -> u64 {
        self.inclusive as u64 * self.field.width() as u64
    }

    fn order(self) -> ByteOrder {
        self.field.byte_order().unwrap_or(ByteOrder::Big)
    }

    /// Appends the prefix of a payload of at most [`Self::max_payload_len`] bytes.
    pub(crate) fn write(self, payload_len: u64, out: &mut NumberBytes) {
        let mut bytes = [0; 8];
        let bytes = &mut bytes[..self.field.width()];
        integer::write(payload_len + self.adjustment(), bytes, self.order());
        out.extend(bytes);
    }

    /// Reads the header of the frame at the front of `src`, with a payload of at most `max` bytes.
    pub(crate) fn layout(self, src: &[u8], max: usize) -> Result<Option<Layout>, FrameError> {
        let width = self.field.width();
        let Some(field) = src.get(..width) else {
            return Ok(None);
        };
        let len = integer::read(field, self.order());
        let payload_len = len
            .checked_sub(self.adjustment())
            .ok_or(FrameError::LengthTooShort {
                len,
                header_len: width,
            })?;
        let wire = LengthOnWire {
            bytes: field,
            order: self.field.byte_order(),
            counted: self.adjustment() as usize,
            besides: 0,
        };
        Ok(Some(Layout {
            header_len: width,
            payload_len: check_len(payload_len, max, Some(wire))?,
            trailer_len: 0,
        }))
    }
}
