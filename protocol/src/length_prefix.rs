//! Frames that begin with their length, in an integer of fixed width.

use crate::error::FrameError;
use crate::layout::{Header, ParsedHeader};

/// A length before each payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LengthPrefix {
    /// The integer that holds it.
    pub field: LengthField,
    /// Whether it counts its own bytes too, not the payload's alone.
    pub inclusive: bool,
}

/// An unsigned integer that holds a length.
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

/// Which of an integer's bytes comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The least significant.
    Little,
    /// The most significant.
    Big,
}

impl LengthField {
    /// How many bytes it takes up.
    pub const fn width(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16Le | Self::U16Be => 2,
            Self::U24Le | Self::U24Be => 3,
            Self::U32Le | Self::U32Be => 4,
            Self::U64Le | Self::U64Be => 8,
        }
    }

    /// The order of its bytes; `None` if there is only one.
    pub const fn byte_order(self) -> Option<ByteOrder> {
        match self {
            Self::U8 => None,
            Self::U16Le | Self::U24Le | Self::U32Le | Self::U64Le => Some(ByteOrder::Little),
            Self::U16Be | Self::U24Be | Self::U32Be | Self::U64Be => Some(ByteOrder::Big),
        }
    }

    /// The largest integer that it holds.
    const fn max(self) -> u64 {
        u64::MAX >> (u64::BITS as usize - 8 * self.width())
    }

    fn read(self, src: &[u8]) -> Option<u64> {
        let bytes = src.get(..self.width())?;
        let (mut le, mut be) = ([0; 8], [0; 8]);
        Some(if self.byte_order() == Some(ByteOrder::Big) {
            be[8 - bytes.len()..].copy_from_slice(bytes);
            u64::from_be_bytes(be)
        } else {
            le[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(le)
        })
    }

    fn write(self, value: u64) -> Header {
        let width = self.width();
        if self.byte_order() == Some(ByteOrder::Big) {
            Header::new(&value.to_be_bytes()[8 - width..])
        } else {
            Header::new(&value.to_le_bytes()[..width])
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

    pub(crate) const fn max_payload_len(self) -> u64 {
        self.field.max() - self.counted()
    }

    /// What the length is more than the payload's, in bytes.
    const fn counted(self) -> u64 {
        if self.inclusive {
            self.field.width() as u64
        } else {
            0
        }
    }

    /// The header of a payload that is at most [`Self::max_payload_len`] bytes long.
    pub(crate) fn header(self, payload_len: u64) -> Header {
        self.field.write(payload_len + self.counted())
    }

    pub(crate) fn read(self, src: &[u8]) -> Result<Option<ParsedHeader>, FrameError> {
        let Some(len) = self.field.read(src) else {
            return Ok(None);
        };
        let header_len = self.field.width();
        let payload_len = len
            .checked_sub(self.counted())
            .ok_or(FrameError::LengthTooShort { len, header_len })?;
        Ok(Some(ParsedHeader {
            header_len,
            payload_len,
        }))
    }
}
