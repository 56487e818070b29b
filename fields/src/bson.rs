//! BSON: a document whose length comes first, with typed and named elements.

use crate::field::Reason;
use crate::reader::{Read, Reader, stop};
use crate::row::{Data, Label, Length, LengthEncoding, Rows};

/// Reads one document.
pub(crate) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    document(reader, rows, reader.at, label, false)
}

fn document(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
    is_list: bool,
) -> Read<()> {
    let from = reader.at;
    let len = reader.le(4)?;
    reader.at = from;
    if len < 5 {
        return stop(from, Reason::WrongLength);
    }
    let range = reader.take(len)?;
    let data = if is_list { Data::List(0) } else { Data::Map(0) };
    let name = if is_list { "array" } else { "document" };
    let row = rows.open(start, from, label, data, name)?;
    row.length = Some(Length {
        range: from..from + 4,
        encoding: LengthEncoding::LittleEndian,
        more: 0,
    });
    let mut inner = reader.part(&(from + 4..range.end));
    let mut count = 0;
    loop {
        let at = inner.at;
        match inner.u8()? {
            0 => break,
            kind => element(
                &mut inner,
                rows,
                at,
                kind,
                is_list.then_some(count as usize),
            )?,
        }
        count += 1;
    }
    if !inner.is_empty() {
        return inner.stop(Reason::WrongLength);
    }
    rows.close_counted(range.end, count);
    Ok(())
}

/// Reads the name and value of an element, of whose `kind` the byte is read.
fn element(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    kind: u8,
    index: Option<usize>,
) -> Read<()> {
    let name = cstring(reader)?;
    let label = match index {
        Some(index) => Label::Index(index),
        None => Label::Key(Data::Text(name)),
    };
    let from = reader.at;
    let (data, name) = match kind {
        3 | 4 => return document(reader, rows, start, label, kind == 4),
        0x0f => return code_with_scope(reader, rows, start, label),
        0x0c => {
            let text = string(reader)?;
            reader.take(12)?;
            (Data::Text(text), "DBPointer")
        }
        _ => scalar(reader, start, kind)?,
    };
    rows.push(start, from..reader.at, label, data, name)?;
    Ok(())
}

fn scalar(reader: &mut Reader<'_>, start: usize, kind: u8) -> Read<(Data, &'static str)> {
    Ok(match kind {
        0x01 => (Data::F64(f64::from_bits(reader.le(8)?)), "double"),
        0x02 => (Data::Text(string(reader)?), "string"),
        0x05 => {
            let len = reader.le(4)?;
            let name = binary_name(reader.u8()?);
            (Data::Bytes(reader.take(len)?), name)
        }
        0x06 => (Data::Symbol("undefined".into()), "undefined"),
        0x07 => (Data::Bytes(reader.take(12)?), "ObjectId"),
        0x08 => match reader.u8()? {
            byte @ ..=1 => (Data::Bool(byte == 1), "bool"),
            byte => return stop(reader.at - 1, Reason::Unexpected(byte)),
        },
        0x09 => {
            let millis = reader.le(8)?.cast_signed();
            let nanos = millis.rem_euclid(1000) as u32 * 1_000_000;
            (Data::Time(millis.div_euclid(1000), nanos), "UTC datetime")
        }
        0x0a => (Data::Null, "null"),
        0x0b => {
            let (pattern, options) = (cstring(reader)?, cstring(reader)?);
            let text = |it| String::from_utf8_lossy(&reader.bytes[it]);
            let regex = format!("/{}/{}", text(pattern), text(options));
            (Data::Symbol(regex), "regex")
        }
        0x0d => (Data::Text(string(reader)?), "JavaScript"),
        0x0e => (Data::Text(string(reader)?), "symbol"),
        0x10 => {
            let number = reader.le(4)? as u32;
            (Data::Int(i64::from(number.cast_signed())), "int32")
        }
        0x11 => {
            let (increment, seconds) = (reader.le(4)?, reader.le(4)?);
            (Data::Symbol(format!("{seconds}:{increment}")), "timestamp")
        }
        0x12 => (Data::Int(reader.le(8)?.cast_signed()), "int64"),
        0x13 => (Data::Bytes(reader.take(16)?), "decimal128"),
        0xff => (Data::Symbol("min key".into()), "min key"),
        0x7f => (Data::Symbol("max key".into()), "max key"),
        _ => return stop(start, Reason::UnknownType(u64::from(kind))),
    })
}

const fn binary_name(subtype: u8) -> &'static str {
    match subtype {
        0 => "binary",
        1 => "binary, function",
        2 => "binary, old",
        3 => "binary, old UUID",
        4 => "binary, UUID",
        5 => "binary, MD5",
        6 => "binary, encrypted",
        7 => "binary, column",
        8 => "binary, sensitive",
        9 => "binary, vector",
        _ => "binary, user-defined",
    }
}

/// Reads JavaScript code and the document of its variables: a group of both.
fn code_with_scope(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
) -> Read<()> {
    let from = reader.at;
    let len = reader.le(4)?;
    rows.open(start, from, label, Data::Map(2), "JavaScript with scope")?;
    let at = reader.at;
    let code = string(reader)?;
    let name = Label::Name("code".into());
    rows.push(at, at..reader.at, name, Data::Text(code), "JavaScript")?;
    document(reader, rows, reader.at, Label::Name("scope".into()), false)?;
    if (reader.at - from) as u64 != len {
        return stop(from, Reason::WrongLength);
    }
    rows.close(reader.at);
    Ok(())
}

/// Reads a string with its length, which counts the NUL at its end.
fn string(reader: &mut Reader<'_>) -> Read<std::ops::Range<usize>> {
    let at = reader.at;
    let len = reader.le(4)?;
    if len == 0 {
        return stop(at, Reason::WrongLength);
    }
    let range = reader.take(len)?;
    match reader.bytes[range.end - 1] {
        0 => Ok(range.start..range.end - 1),
        byte => stop(range.end - 1, Reason::Unexpected(byte)),
    }
}

/// Reads a string to its NUL.
fn cstring(reader: &mut Reader<'_>) -> Read<std::ops::Range<usize>> {
    let start = reader.at;
    match reader.rest().iter().position(|it| *it == 0) {
        Some(len) => {
            reader.at += len + 1;
            Ok(start..start + len)
        }
        None => stop(reader.end, Reason::TooShort),
    }
}
