//! Bencode (BEP 3). Strings are bytes; those that are UTF-8 are shown as text.

use crate::field::Reason;
use crate::reader::{Read, Reader, stop};
use crate::row::{Data, Label, Rows};

/// Reads one value.
pub(crate) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    value(reader, rows, reader.at, label)
}

fn value(reader: &mut Reader<'_>, rows: &mut Rows, start: usize, label: Label) -> Read<()> {
    let from = reader.at;
    let data = match reader.peek() {
        Some(b'd') => return group(reader, rows, start, label, true),
        Some(b'l') => return group(reader, rows, start, label, false),
        Some(b'i') => integer(reader)?,
        _ => string(reader)?,
    };
    rows.push(start, from..reader.at, label, data, "")?;
    Ok(())
}

fn group(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
    is_map: bool,
) -> Read<()> {
    let data = if is_map { Data::Map(0) } else { Data::List(0) };
    rows.open(start, reader.at, label, data, "")?;
    reader.at += 1;
    let mut count = 0;
    while reader.peek() != Some(b'e') {
        let from = reader.at;
        let label = match is_map {
            true => Label::Key(string(reader)?),
            false => Label::Index(count as usize),
        };
        value(reader, rows, from, label)?;
        count += 1;
    }
    reader.at += 1;
    rows.close_counted(reader.at, count);
    Ok(())
}

fn integer(reader: &mut Reader<'_>) -> Read<Data> {
    reader.at += 1;
    let start = reader.at;
    if reader.peek() == Some(b'-') {
        reader.at += 1;
    }
    reader.digits()?;
    let range = start..reader.at;
    reader.expect(b'e')?;
    Ok(Data::Number(range, false))
}

fn string(reader: &mut Reader<'_>) -> Read<Data> {
    let start = reader.at;
    reader.digits()?;
    let digits = str::from_utf8(&reader.bytes[start..reader.at]);
    let len: Option<u64> = digits.ok().and_then(|it| it.parse().ok());
    reader.expect(b':')?;
    let Some(len) = len else {
        return stop(start, Reason::NumberTooLarge);
    };
    let range = reader.take(len)?;
    Ok(Data::text_or_bytes(reader.bytes, range))
}
