//! Notations of lengths.

use super::frame::Stop;
use crate::kind::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    Integer { width: usize, is_big_endian: bool },
    Varint,
    Gob,
    Ascii(usize),
    Hex(usize),
    Bcd(usize),
    Digits,
}

/// A length that was read.
pub struct Read {
    pub value: u128,
    pub width: usize,
    pub is_shortest: bool,
}

const WRONG: Stop = Stop::Fault(Kind::NotALength);

impl Number {
    pub fn notation(self) -> String {
        match self {
            Self::Integer { width: 1, .. } => "u8".into(),
            Self::Integer {
                width,
                is_big_endian,
            } => format!("u{}{}", 8 * width, if is_big_endian { "be" } else { "le" }),
            Self::Varint => "varint".into(),
            Self::Gob => "gob".into(),
            Self::Ascii(digits) => format!("ascii{digits}"),
            Self::Hex(digits) => format!("hex{digits}"),
            Self::Bcd(bytes) => format!("bcd{bytes}"),
            Self::Digits => "digits".into(),
        }
    }

    /// Returns the width in bytes, unless it depends on the value.
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Integer { width, .. }
            | Self::Ascii(width)
            | Self::Hex(width)
            | Self::Bcd(width) => Some(width),
            Self::Varint | Self::Gob | Self::Digits => None,
        }
    }

    /// Reads a length from the front of `stream`.
    pub fn read(self, stream: &[u8]) -> Result<Read, Stop> {
        match self {
            Self::Integer {
                width,
                is_big_endian,
            } => {
                let mut bytes = stream.get(..width).ok_or(Stop::More)?.to_vec();
                if !is_big_endian {
                    bytes.reverse();
                }
                Ok(fixed(digits(&bytes, 256), width))
            }
            Self::Varint => {
                let last = stream.iter().take(10).position(|&byte| byte < 128);
                // Nine bytes have 63 bits: the tenth has one more, and is the last.
                if last.is_none_or(|at| at == 9) && stream.get(9).is_some_and(|&byte| byte > 1) {
                    return Err(WRONG);
                }
                let last = last.ok_or(Stop::More)?;
                let groups = stream[..=last].iter().rev().map(|byte| byte % 128);
                Ok(Read {
                    value: digits(&groups.collect::<Vec<_>>(), 128),
                    width: last + 1,
                    is_shortest: last == 0 || stream[last] != 0,
                })
            }
            Self::Gob => {
                let first = *stream.first().ok_or(Stop::More)?;
                if first < 128 {
                    return Ok(fixed(first.into(), 1));
                }
                let count = 256 - usize::from(first);
                if count > 8 {
                    return Err(WRONG);
                }
                let bytes = stream.get(1..=count).ok_or(Stop::More)?;
                let value = digits(bytes, 256);
                Ok(Read {
                    value,
                    width: 1 + count,
                    is_shortest: bytes[0] != 0 && value > 127,
                })
            }
            Self::Ascii(count) => characters(stream, count, 10),
            Self::Hex(count) => characters(stream, count, 16),
            Self::Bcd(count) => {
                let bytes = &stream[..count.min(stream.len())];
                let nibbles: Vec<u8> = bytes.iter().flat_map(|it| [it / 16, it % 16]).collect();
                if nibbles.iter().any(|&nibble| nibble > 9) {
                    return Err(WRONG);
                }
                match bytes.len() == count {
                    true => Ok(fixed(digits(&nibbles, 10), count)),
                    false => Err(Stop::More),
                }
            }
            Self::Digits => {
                let end = stream.iter().position(|byte| !byte.is_ascii_digit());
                let width = end.unwrap_or(stream.len());
                match (width, end) {
                    (21.., _) | (0, Some(_)) => Err(WRONG),
                    (_, None) => Err(Stop::More),
                    (_, Some(_)) => Ok(Read {
                        is_shortest: width == 1 || stream[0] != b'0',
                        ..characters(stream, width, 10)?
                    }),
                }
            }
        }
    }

    /// Writes a length in its shortest form; `None` if there is no room for it.
    pub fn write(self, value: u128) -> Option<Vec<u8>> {
        let padded = |text: String, width| (text.len() == width).then(|| text.into_bytes());
        match self {
            Self::Integer {
                width,
                is_big_endian,
            } => {
                let mut high = value.to_be_bytes().to_vec();
                let mut bytes = high.split_off(16 - width);
                if !is_big_endian {
                    bytes.reverse();
                }
                high.iter().all(|&byte| byte == 0).then_some(bytes)
            }
            Self::Varint => {
                let (mut bytes, mut rest) = (Vec::new(), value);
                while rest > 127 {
                    bytes.push((rest % 128 + 128) as u8);
                    rest /= 128;
                }
                bytes.push(rest as u8);
                Some(bytes)
            }
            Self::Gob if value < 128 => Some(vec![value as u8]),
            Self::Gob => {
                let bytes = value.to_be_bytes();
                let begin = bytes.iter().position(|&byte| byte != 0)?;
                let bytes = &bytes[begin..];
                Some([&[(256 - bytes.len()) as u8], bytes].concat())
            }
            Self::Ascii(width) => padded(format!("{value:0width$}"), width),
            Self::Hex(width) => padded(format!("{value:0width$x}"), width),
            Self::Bcd(count) => {
                let text = padded(format!("{value:0width$}", width = 2 * count), 2 * count)?;
                let pairs = text.chunks(2);
                Some(pairs.map(|it| (it[0] - b'0') * 16 + it[1] - b'0').collect())
            }
            Self::Digits => Some(value.to_string().into_bytes()),
        }
    }
}

/// The number that these digits are, the most significant first.
fn digits(digits: &[u8], base: u128) -> u128 {
    let digits = digits.iter().map(|&digit| u128::from(digit));
    digits.fold(0, |value, digit| value * base + digit)
}

fn fixed(value: u128, width: usize) -> Read {
    Read {
        value,
        width,
        is_shortest: true,
    }
}

/// Reads digits in ASCII, a fixed count.
fn characters(stream: &[u8], count: usize, base: u32) -> Result<Read, Stop> {
    let text = &stream[..count.min(stream.len())];
    let read = text.iter().map(|&byte| char::from(byte).to_digit(base));
    let read: Option<Vec<u8>> = read.map(|it| it.map(|digit| digit as u8)).collect();
    let read = read.ok_or(WRONG)?;
    match read.len() == count {
        true => Ok(Read {
            value: digits(&read, base.into()),
            width: count,
            is_shortest: !text.iter().any(u8::is_ascii_uppercase),
        }),
        false => Err(Stop::More),
    }
}
