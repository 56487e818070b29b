//! CBOR (RFC 8949), with indefinite lengths, half floats and tagged times.

use crate::field::Reason;
use crate::reader::{Read, Reader, stop};
use crate::row::{Data, Label, Rows};
use crate::time::parse_utc;

/// Ends what has no length.
const BREAK: u8 = 0xff;

/// Reads one value.
pub(crate) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    value(reader, rows, reader.at, label)
}

/// Head of a value: its major type, the five bits after it, and the number that they tell.
struct Head {
    major: u8,
    info: u8,
    number: u64,
}

impl Head {
    /// True for a length that a break ends.
    fn is_indefinite(&self) -> bool {
        self.info == 31
    }
}

fn head(reader: &mut Reader<'_>) -> Read<Head> {
    let at = reader.at;
    let byte = reader.u8()?;
    let (major, info) = (byte >> 5, byte & 31);
    let number = match info {
        0..=23 => u64::from(info),
        24..=27 => reader.be(1 << (info - 24))?,
        31 if (2..=5).contains(&major) => 0,
        _ => return stop(at, Reason::Unexpected(byte)),
    };
    Ok(Head {
        major,
        info,
        number,
    })
}

fn value(reader: &mut Reader<'_>, rows: &mut Rows, start: usize, label: Label) -> Read<()> {
    let from = reader.at;
    let head = head(reader)?;
    match head.major {
        4 | 5 => group(reader, rows, start, from, label, &head),
        6 => tag(reader, rows, start, from, label, head.number),
        _ => {
            let (data, name) = scalar(reader, from, &head)?;
            rows.push(start, from..reader.at, label, data, name)?;
            Ok(())
        }
    }
}

fn group(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    from: usize,
    label: Label,
    head: &Head,
) -> Read<()> {
    let is_map = head.major == 5;
    let (data, name) = match is_map {
        true => (Data::Map(head.number), "map"),
        false => (Data::List(head.number), "array"),
    };
    rows.open(start, from, label, data, name)?;
    let mut count = 0;
    loop {
        match head.is_indefinite() {
            true if reader.peek() == Some(BREAK) => {
                reader.at += 1;
                break;
            }
            false if count == head.number => break,
            _ => {}
        }
        match is_map {
            true => entry(reader, rows)?,
            false => value(reader, rows, reader.at, Label::Index(count as usize))?,
        }
        count += 1;
    }
    rows.close_counted(reader.at, count);
    Ok(())
}

fn entry(reader: &mut Reader<'_>, rows: &mut Rows) -> Read<()> {
    let from = reader.at;
    let key = head(reader)?;
    let label = match key.major {
        4..=6 => {
            reader.at = from;
            value(reader, rows, from, Label::GroupKey)?;
            return value(reader, rows, reader.at, Label::None);
        }
        _ => Label::Key(scalar(reader, from, &key)?.0),
    };
    value(reader, rows, from, label)
}

/// Reads a tag, and its content as the only member. Those for times get the time as their value.
fn tag(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    from: usize,
    label: Label,
    number: u64,
) -> Read<()> {
    rows.open(start, from, label, Data::Tag(number, None), "tag")?;
    let content = rows.rows.len();
    value(reader, rows, reader.at, Label::None)?;
    let time = match (number, &rows.rows[content].data) {
        (0, Data::Text(range)) => {
            let text = str::from_utf8(&reader.bytes[range.clone()]);
            text.ok().and_then(parse_utc)
        }
        (1, Data::Uint(seconds)) => i64::try_from(*seconds).ok().map(|it| (it, 0)),
        (1, Data::Int(seconds)) => Some((*seconds, 0)),
        (1, Data::F64(seconds)) if seconds.abs() < 1e12 => {
            let whole = seconds.floor();
            Some((whole as i64, ((seconds - whole) * 1e9) as u32))
        }
        _ => None,
    };
    rows.rows[content - 1].data = Data::Tag(number, time);
    rows.close(reader.at);
    Ok(())
}

/// Reads the rest of a value that is no group and no tag.
fn scalar(reader: &mut Reader<'_>, from: usize, head: &Head) -> Read<(Data, &'static str)> {
    let number = head.number;
    Ok(match (head.major, head.info) {
        (0, _) => (Data::Uint(number), "unsigned"),
        (1, _) => match i64::try_from(number) {
            Ok(number) => (Data::Int(-1 - number), "negative"),
            Err(_) => (Data::Negative(number), "negative"),
        },
        (2 | 3, 31) => chunks(reader, head.major)?,
        (2, _) => (Data::Bytes(reader.take(number)?), "byte string"),
        (3, _) => (Data::Text(reader.take(number)?), "text string"),
        (_, 20) => (Data::Bool(false), ""),
        (_, 21) => (Data::Bool(true), ""),
        (_, 22) => (Data::Null, ""),
        (_, 23) => (Data::Simple(23), "undefined"),
        (_, 25) => (Data::F32(half(number as u16)), "float16"),
        (_, 26) => (Data::F32(f32::from_bits(number as u32)), "float32"),
        (_, 27) => (Data::F64(f64::from_bits(number)), "float64"),
        (_, 24) if number < 32 => return stop(from, Reason::UnknownType(number)),
        _ => (Data::Simple(number as u8), "simple"),
    })
}

/// Joins the chunks of a string without a length, up to the break.
fn chunks(reader: &mut Reader<'_>, major: u8) -> Read<(Data, &'static str)> {
    let start = reader.at;
    let mut joined = Vec::new();
    loop {
        let at = reader.at;
        if reader.peek() == Some(BREAK) {
            reader.at += 1;
            break;
        }
        let chunk = head(reader)?;
        if chunk.major != major || chunk.is_indefinite() {
            return stop(at, Reason::Unexpected(reader.bytes[at]));
        }
        let range = reader.take(chunk.number)?;
        joined.extend_from_slice(&reader.bytes[range]);
    }
    match (major, String::from_utf8(joined)) {
        (2, Ok(text)) => Ok((Data::Blob(text.into_bytes()), "byte string in chunks")),
        (2, Err(error)) => Ok((Data::Blob(error.into_bytes()), "byte string in chunks")),
        (_, Ok(text)) => Ok((Data::Str(text), "text string in chunks")),
        (_, Err(_)) => stop(start, Reason::NotUtf8),
    }
}

/// Converts a half-precision float (RFC 8949, appendix D).
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, bits >> 10 & 31, u32::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction as f32 / 16_777_216.0,
        31 => f32::from_bits(0x7f80_0000 | fraction << 13),
        _ => f32::from_bits((u32::from(exponent) + 112) << 23 | fraction << 13),
    };
    if sign == 1 { -magnitude } else { magnitude }
}
