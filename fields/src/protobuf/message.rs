//! Fields of a message: by a schema, or by guesses.

use std::ops::Range;

use super::guess::{fixed32, fixed64, is_packed};
use super::scalar::Scalar;
use super::types::{Field, Proto, Type};
use crate::field::Reason;
use crate::printable::{has_space, is_printable};
use crate::reader::{Read, Reader, Stop, stop};
use crate::row::{Data, Label, Length, LengthEncoding, MAP_ENTRY, PACKED, Row, Rows};

/// Reads one message to the end; as a group if it has a label.
pub(crate) fn decode(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    label: Label,
    proto: Option<&Proto>,
) -> Read<()> {
    let root = proto.map(|it| (it, it.root));
    if label == Label::None {
        return fields(reader, rows, root).map(|_| ());
    }
    rows.open(reader.at, reader.at, label, Data::Map(0), "message")?;
    let count = fields(reader, rows, root)?;
    rows.close_counted(reader.at, count);
    Ok(())
}

/// Message of a schema.
type Known<'a> = Option<(&'a Proto, usize)>;

/// Tag of a field, and the place where it begins.
struct Tag {
    start: usize,
    number: u64,
    wire: u8,
}

/// Reads fields to the end, and returns their number.
fn fields(reader: &mut Reader<'_>, rows: &mut Rows, message: Known<'_>) -> Read<u64> {
    let mut count = 0;
    while !reader.is_empty() {
        let tag = tag(reader)?;
        let known = message.and_then(|(proto, message)| {
            let field = proto.messages[message].field(tag.number)?;
            Some((proto, field))
        });
        match known {
            Some((proto, field)) if field.kind.accepts(tag.wire, field.is_repeated) => {
                known_field(reader, rows, &tag, proto, field)?;
            }
            _ => guessed_field(reader, rows, &tag)?,
        }
        count += 1;
    }
    Ok(count)
}

fn tag(reader: &mut Reader<'_>) -> Read<Tag> {
    let start = reader.at;
    let tag = reader.varint()?;
    let (number, wire) = (tag >> 3, (tag & 7) as u8);
    match wire {
        _ if number == 0 || number > 0x1fff_ffff => stop(start, Reason::UnknownType(tag)),
        3 | 4 => stop(start, Reason::Groups),
        6 | 7 => stop(start, Reason::UnknownType(u64::from(wire))),
        _ => Ok(Tag {
            start,
            number,
            wire,
        }),
    }
}

fn known_field(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    tag: &Tag,
    proto: &Proto,
    field: &Field,
) -> Read<()> {
    let label = match field.is_repeated {
        true => Label::Repeated(field.name.clone()),
        false => Label::Name(field.name.clone()),
    };
    match (tag.wire, field.kind) {
        (2, Type::Message(message)) => {
            let is_entry = proto.messages[message].is_map_entry;
            let name = if is_entry { MAP_ENTRY } else { "message" };
            let (length, range) = delimited(reader)?;
            let row = rows.open(tag.start, range.start, label, Data::Map(0), name)?;
            row.length = Some(length);
            let mut inner = reader.part(&range);
            let count = fields(&mut inner, rows, Some((proto, message)))?;
            rows.close_counted(range.end, count);
        }
        (2, Type::Scalar(Scalar::STRING | Scalar::BYTES)) => {
            let (length, range) = delimited(reader)?;
            let (data, name) = match field.kind {
                Type::Scalar(Scalar::STRING) => (Data::Text(range.clone()), "string"),
                _ => (Data::Bytes(range.clone()), "bytes"),
            };
            let row = rows.push(tag.start, range, label, data, name)?;
            row.length = Some(length);
        }
        (2, kind) => {
            let (length, range) = delimited(reader)?;
            let row = rows.open(tag.start, range.start, label, Data::List(0), PACKED)?;
            row.length = Some(length);
            let mut inner = reader.part(&range);
            let mut count = 0;
            while !inner.is_empty() {
                number(
                    &mut inner,
                    rows,
                    None,
                    proto,
                    kind,
                    Label::Index(count as usize),
                )?;
                count += 1;
            }
            rows.close_counted(range.end, count);
        }
        (_, kind) => number(reader, rows, Some(tag.start), proto, kind, label)?,
    }
    Ok(())
}

/// Reads a number, a bool or the value of an enum.
fn number(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: Option<usize>,
    proto: &Proto,
    kind: Type,
    label: Label,
) -> Read<()> {
    let from = reader.at;
    let (data, name) = match kind {
        Type::Scalar(scalar) => (scalar.read(reader)?, scalar.name()),
        Type::Enum(index) => {
            let number = i64::from((reader.varint()? as u32).cast_signed());
            let name = proto.enums[index].name_of(number);
            let data = name.map(|it| Data::Enum(number, it.into(), index));
            (data.unwrap_or(Data::Int(number)), "enum")
        }
        Type::Message(_) => return stop(from, Reason::WrongType),
    };
    rows.push(start.unwrap_or(from), from..reader.at, label, data, name)?;
    Ok(())
}

/// Reads a length, and returns it with the bytes that it counts.
fn delimited(reader: &mut Reader<'_>) -> Read<(Length, Range<usize>)> {
    let from = reader.at;
    let len = reader.varint()?;
    let length = Length {
        range: from..reader.at,
        encoding: LengthEncoding::Varint,
        more: 0,
    };
    Ok((length, reader.take(len)?))
}

/// Marks a row as a guess.
fn guessed(row: &mut Row) -> &mut Row {
    row.is_guess = true;
    row
}

/// Reads the value of a field.
fn guessed_field(reader: &mut Reader<'_>, rows: &mut Rows, tag: &Tag) -> Read<()> {
    let from = reader.at;
    let label = Label::Number(tag.number);
    let (data, name) = match tag.wire {
        0 => match reader.varint()?.cast_signed() {
            number @ ..0 => (Data::Int(number), "varint"),
            number => (Data::Uint(number.cast_unsigned()), "varint"),
        },
        1 => fixed64(reader.le(8)?),
        5 => fixed32(reader.le(4)? as u32),
        _ => {
            let (length, range) = delimited(reader)?;
            let mut inner = reader.part(&range);
            return content(&mut inner, rows, tag.start, label, length);
        }
    };
    guessed(rows.push(tag.start, from..reader.at, label, data, name)?);
    Ok(())
}

/// Reads bytes behind a length: a text, a message, packed numbers, or bytes. Few texts with line
/// breaks are messages, too, but messages that begin with a text of 9 to 13 bytes are printable.
fn content(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
    length: Length,
) -> Read<()> {
    let bytes = reader.rest();
    let range = reader.at..reader.end;
    let is_text = is_printable(bytes);
    let is_plain = is_text && !has_space(bytes);
    if !is_plain && !bytes.is_empty() {
        if is_message(reader, rows, start, &label, &length)? {
            return Ok(());
        }
        if !is_text && is_packed(bytes) {
            return packed(reader, rows, start, label, length);
        }
    }
    let (data, name) = match is_text {
        true => (Data::Text(range.clone()), "string"),
        false => (Data::Bytes(range.clone()), "bytes"),
    };
    guessed(rows.push(start, range, label, data, name)?).length = Some(length);
    Ok(())
}

/// Reads a message if all bytes are one; otherwise removes its rows.
fn is_message(
    reader: &Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: &Label,
    length: &Length,
) -> Read<bool> {
    let mark = rows.mark();
    let mut inner = *reader;
    let read = match rows.open(start, inner.at, label.clone(), Data::Map(0), "message") {
        Ok(row) => {
            guessed(row).length = Some(length.clone());
            fields(&mut inner, rows, None)
        }
        Err(stop) => Err(stop),
    };
    match read {
        Ok(count) => {
            rows.close_counted(inner.at, count);
            Ok(true)
        }
        Err(
            stop @ Stop {
                reason: Reason::TooManyFields,
                ..
            },
        ) => Err(stop),
        Err(_) => {
            rows.back(mark);
            Ok(false)
        }
    }
}

fn packed(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
    length: Length,
) -> Read<()> {
    let row = rows.open(start, reader.at, label, Data::List(0), PACKED)?;
    guessed(row).length = Some(length);
    let mut count = 0;
    while !reader.is_empty() {
        let from = reader.at;
        let data = Data::Uint(reader.varint()?);
        let label = Label::Index(count as usize);
        guessed(rows.push(from, from..reader.at, label, data, "varint")?);
        count += 1;
    }
    rows.close_counted(reader.at, count);
    Ok(())
}
