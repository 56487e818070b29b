//! Length number: the notations in which a frame writes its length.

use std::fmt;

use crate::error::FrameError;
use crate::integer::{self, ByteOrder};
use crate::number_bytes::{NumberBytes, ReadNumber};
use crate::varint;

/// Notation of a length inside a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Number {
    /// Unsigned integer of one to eight bytes: `u8`, `u24be`.
    Integer {
        /// Width, in bytes.
        width: u8,
        /// Byte order; of no effect if the width is one byte.
        order: ByteOrder,
    },
    /// Unsigned LEB128, at most 64 bits in ten bytes: `varint`.
    Varint,
    /// Unsigned integer of Go's `encoding/gob`: below 128, one byte; else a byte that holds
    /// the negated count of the big-endian bytes that follow, and these.
    Gob,
    /// Decimal digits in ASCII, a fixed count, at most 19: `ascii4` is `0042`.
    Ascii(u8),
    /// Hexadecimal digits in ASCII, a fixed count, at most 16, written in lower case: `hex4`.
    Hex(u8),
    /// Binary-coded decimals, a fixed count of bytes, at most nine, two digits in each:
    /// `bcd2` is `00 42`.
    Bcd(u8),
    /// Decimal digits in ASCII, as many as there are, up to [`Number::MAX_DIGITS`].
    Digits,
}

impl Number {
    /// Longest length of `digits`, in digits: that of 64 bits, leading zeros included.
    pub const MAX_DIGITS: usize = NumberBytes::MAX_LEN;

    /// Returns the width on the wire, in bytes; `None` if it depends on the value.
    pub const fn width(self) -> Option<usize> {
        match self {
            Self::Integer { width, .. } | Self::Ascii(width) => Some(width as usize),
            Self::Hex(width) | Self::Bcd(width) => Some(width as usize),
            Self::Varint | Self::Gob | Self::Digits => None,
        }
    }

    /// Returns the largest length that can be written.
    pub(crate) const fn max(self) -> u64 {
        match self {
            Self::Integer { width, .. } => integer::max(width as usize),
            Self::Ascii(digits) => 10_u64.pow(digits as u32) - 1,
            Self::Hex(digits) => u64::MAX >> (64 - 4 * digits as u32),
            Self::Bcd(bytes) => 10_u64.pow(2 * bytes as u32) - 1,
            Self::Varint | Self::Gob | Self::Digits => u64::MAX,
        }
    }

    /// Reads a length from the front of `src`; returns `None` while it is incomplete.
    /// Offsets of errors count from `offset`, the number of bytes of the frame before `src`.
    pub(crate) fn read(self, src: &[u8], offset: usize) -> Result<Option<ReadNumber>, FrameError> {
        match self {
            Self::Integer { width, order } => Ok(src.get(..width.into()).map(|bytes| ReadNumber {
                value: integer::read(bytes, order),
                width: width.into(),
            })),
            Self::Varint => varint::read(src),
            Self::Gob => read_gob(src, offset),
            Self::Ascii(digits) => read_digits(src, digits, offset, 10),
            Self::Hex(digits) => read_digits(src, digits, offset, 16),
            Self::Bcd(bytes) => read_places(src, bytes, offset, 100, bcd),
            Self::Digits => read_all_digits(src, offset),
        }
    }

    /// Appends `value`, at most [`max`](Self::max), in its shortest form.
    pub(crate) fn write(self, value: u64, out: &mut NumberBytes) {
        match self {
            Self::Integer { width, order } => {
                let mut bytes = [0; 8];
                let bytes = &mut bytes[..width.into()];
                integer::write(value, bytes, order);
                out.extend(bytes);
            }
            Self::Varint => varint::write(value, out),
            Self::Gob => write_gob(value, out),
            Self::Ascii(digits) => write_digits(value, digits.into(), 10, out),
            Self::Hex(digits) => write_digits(value, digits.into(), 16, out),
            Self::Digits => {
                let digits = value.checked_ilog10().unwrap_or(0) as usize + 1;
                write_digits(value, digits, 10, out);
            }
            Self::Bcd(bytes) => {
                for place in (0..u32::from(bytes)).rev() {
                    let two = value / 100_u64.pow(place) % 100;
                    out.extend(&[(two / 10 * 16 + two % 10) as u8]);
                }
            }
        }
    }
}

fn read_gob(src: &[u8], offset: usize) -> Result<Option<ReadNumber>, FrameError> {
    let Some((&first, rest)) = src.split_first() else {
        return Ok(None);
    };
    if first < 0x80 {
        let value = first.into();
        return Ok(Some(ReadNumber { value, width: 1 }));
    }
    let count = usize::from(first.wrapping_neg());
    if count > size_of::<u64>() {
        return Err(FrameError::NotALength {
            at: offset,
            found: first,
        });
    }
    Ok(rest.get(..count).map(|bytes| ReadNumber {
        value: integer::read(bytes, ByteOrder::Big),
        width: 1 + count,
    }))
}

fn write_gob(value: u64, out: &mut NumberBytes) {
    if value < 0x80 {
        return out.extend(&[value as u8]);
    }
    let bytes = value.to_be_bytes();
    let bytes = &bytes[value.leading_zeros() as usize / 8..];
    out.extend(&[(bytes.len() as u8).wrapping_neg()]);
    out.extend(bytes);
}

/// Reads `count` bytes as the places of a number in `base`; `place` returns the value of one.
fn read_places(
    src: &[u8],
    count: u8,
    offset: usize,
    base: u32,
    place: impl Fn(u8) -> Option<u32>,
) -> Result<Option<ReadNumber>, FrameError> {
    let (mut value, width) = (0, count.into());
    for (index, &found) in src.iter().take(width).enumerate() {
        let at = offset + index;
        let place = place(found).ok_or(FrameError::NotALength { at, found })?;
        value = value * u64::from(base) + u64::from(place);
    }
    let is_whole = src.len() >= width;
    Ok(is_whole.then_some(ReadNumber { value, width }))
}

fn read_digits(
    src: &[u8],
    count: u8,
    offset: usize,
    radix: u32,
) -> Result<Option<ReadNumber>, FrameError> {
    let digit = |byte| char::from(byte).to_digit(radix);
    read_places(src, count, offset, radix, digit)
}

/// Returns the value of the two decimal digits in `byte`.
fn bcd(byte: u8) -> Option<u32> {
    let (high, low) = (byte >> 4, byte & 0xf);
    (high <= 9 && low <= 9).then(|| u32::from(high * 10 + low))
}

fn write_digits(mut value: u64, count: usize, radix: u64, out: &mut NumberBytes) {
    let mut bytes = [b'0'; Number::MAX_DIGITS];
    let bytes = &mut bytes[..count];
    for byte in bytes.iter_mut().rev() {
        *byte = b"0123456789abcdef"[(value % radix) as usize];
        value /= radix;
    }
    out.extend(bytes);
}

/// Reads digits up to the byte that ends them, which has to have arrived.
fn read_all_digits(src: &[u8], offset: usize) -> Result<Option<ReadNumber>, FrameError> {
    let width = src
        .iter()
        .take(Number::MAX_DIGITS + 1)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if width > Number::MAX_DIGITS {
        return Err(FrameError::TooManyDigits);
    }
    let Some(&end) = src.get(width) else {
        return Ok(None);
    };
    if width == 0 {
        return Err(FrameError::NotALength {
            at: offset,
            found: end,
        });
    }
    // A value over 64 bits is over every limit.
    let value = src[..width].iter().fold(0_u64, |value, byte| {
        value
            .saturating_mul(10)
            .saturating_add(u64::from(byte - b'0'))
    });
    Ok(Some(ReadNumber { value, width }))
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Integer { width, order } => {
                let order = match order {
                    _ if width == 1 => "",
                    ByteOrder::Little => "le",
                    ByteOrder::Big => "be",
                };
                write!(f, "u{}{order}", 8 * u32::from(width))
            }
            Self::Varint => f.write_str("varint"),
            Self::Gob => f.write_str("gob"),
            Self::Ascii(digits) => write!(f, "ascii{digits}"),
            Self::Hex(digits) => write!(f, "hex{digits}"),
            Self::Bcd(bytes) => write!(f, "bcd{bytes}"),
            Self::Digits => f.write_str("digits"),
        }
    }
}
