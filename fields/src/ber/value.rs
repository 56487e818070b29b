//! Values of primitive types.

use std::ops::Range;

use super::tag::Tag;
use crate::field::Reason;
use crate::printable::is_printable;
use crate::reader::{Read, Reader, signed, stop};
use crate::row::Data;
use crate::time::parse_utc;

/// Reads a value, and true if its kind is a guess: OCTET STRINGs and values of tags that only a
/// specification knows are shown as text if they look like it.
pub(super) fn read(bytes: &[u8], range: &Range<usize>, tag: Tag) -> Read<(Data, bool)> {
    let content = &bytes[range.clone()];
    let data = match (tag.class, tag.number) {
        (0, 1) => match content {
            [byte] => Data::Bool(*byte != 0),
            _ => return stop(range.start, Reason::WrongLength),
        },
        (0, 2 | 10) => integer(content, range)?,
        (0, 5) if content.is_empty() => Data::Null,
        (0, 5) => return stop(range.start, Reason::WrongLength),
        (0, 6) => Data::Symbol(object_identifier(bytes, range, true)?),
        (0, 13) => Data::Symbol(object_identifier(bytes, range, false)?),
        (0, 12 | 18..=22 | 25..=27) => Data::Text(range.clone()),
        (0, 23 | 24) => time(content, tag.number == 23).unwrap_or(Data::Text(range.clone())),
        (0, 30) if content.len().is_multiple_of(2) => {
            let units = content
                .chunks(2)
                .map(|it| u16::from(it[0]) << 8 | u16::from(it[1]));
            let chars = char::decode_utf16(units);
            Data::Str(chars.map(|it| it.unwrap_or('\u{fffd}')).collect())
        }
        (0, 3 | 9) => Data::Bytes(range.clone()),
        _ if is_printable(content) => return Ok((Data::Text(range.clone()), true)),
        (0, _) => Data::Bytes(range.clone()),
        _ => return Ok((Data::Bytes(range.clone()), true)),
    };
    Ok((data, false))
}

fn integer(content: &[u8], range: &Range<usize>) -> Read<Data> {
    Ok(match content.len() {
        0 => return stop(range.start, Reason::WrongLength),
        width @ ..=8 => {
            let number = content.iter().fold(0, |sum, it| sum << 8 | u64::from(*it));
            Data::Int(signed(number, width))
        }
        _ => Data::Bytes(range.clone()),
    })
}

/// Writes the numbers of an object identifier with dots between. The first two are one number.
fn object_identifier(bytes: &[u8], range: &Range<usize>, is_absolute: bool) -> Read<String> {
    let mut reader = Reader {
        bytes,
        at: range.start,
        end: range.end,
    };
    let mut text = String::new();
    while !reader.is_empty() {
        let number = base128(&mut reader)?;
        match (text.is_empty(), is_absolute) {
            (true, true) => {
                let first = (number / 40).min(2);
                text = format!("{first}.{}", number - 40 * first);
            }
            (true, false) => text = number.to_string(),
            _ => text += &format!(".{number}"),
        }
    }
    match text.is_empty() {
        true => stop(range.start, Reason::WrongLength),
        false => Ok(text),
    }
}

/// Reads a number of seven bits a byte, the highest first.
fn base128(reader: &mut Reader<'_>) -> Read<u64> {
    let (at, mut number) = (reader.at, 0_u64);
    loop {
        let byte = reader.u8()?;
        if number >> 57 != 0 {
            return stop(at, Reason::NumberTooLarge);
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Ok(number);
        }
    }
}

/// Reads `YYMMDDhhmm[ss]Z` or, as a GeneralizedTime, `YYYYMMDDhhmmss[.f]Z`; others stay text.
fn time(content: &[u8], is_short: bool) -> Option<Data> {
    let text = str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut whole = String::new();
    if is_short {
        // RFC 5280: years from 1950 to 2049.
        whole += if digits.get(..2)? < "50" { "20" } else { "19" };
    }
    whole += digits;
    if whole.len() == 12 {
        whole += "00";
    }
    if whole.len() != 14 || !whole.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let part = |range: Range<usize>| &whole[range];
    let dot = if fraction.is_empty() { "" } else { "." };
    let text = format!(
        "{}-{}-{}T{}:{}:{}{dot}{fraction}Z",
        part(0..4),
        part(4..6),
        part(6..8),
        part(8..10),
        part(10..12),
        part(12..14),
    );
    parse_utc(&text).map(|(seconds, nanos)| Data::Time(seconds, nanos))
}
