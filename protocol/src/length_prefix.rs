//! Length prefix of fixed width: an unsigned integer before each payload.

use crate::error::FrameError;
use crate::layout::{Header, ParsedHeader};

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

/// Byte order of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
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

    /// Returns the largest integer that fits.
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

    /// Returns the longest payload that can be announced, in bytes.
    pub(crate) const fn max_payload_len(self) -> u64 {
        self.field.max() - self.adjustment()
    }

    /// Returns the bytes that the length counts besides the payload.
    const fn adjustment(self) -> u64 {
        self.inclusive as u64 * self.field.width() as u64
    }

    /// Returns the header for a payload of at most [`Self::max_payload_len`] bytes.
    pub(crate) fn header(self, payload_len: u64) -> Header {
        self.field.write(payload_len + self.adjustment())
    }

    pub(crate) fn read(self, src: &[u8]) -> Result<Option<ParsedHeader>, FrameError> {
        let Some(len) = self.field.read(src) else {
            return Ok(None);
        };
        let header_len = self.field.width();
        let payload_len = len
            .checked_sub(self.adjustment())
            .ok_or(FrameError::LengthTooShort { len, header_len })?;
        Ok(Some(ParsedHeader {
            header_len,
            payload_len,
        }))
    }
}
