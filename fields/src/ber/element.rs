//! Elements: tag, length and value.

use std::ops::Range;

use super::tag::{Tag, name, tag, type_name};
use super::value;
use crate::field::Reason;
use crate::reader::{Read, Reader, stop};
use crate::row::{Data, Label, Rows};

/// Reads one value.
pub(crate) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    element(reader, rows, label)
}

fn element(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    let start = reader.at;
    let tag = tag(reader)?;
    let len = length(reader)?;
    let label = match label {
        Label::None => Label::Name(name(tag)),
        label => label,
    };
    match (tag.is_constructed, len) {
        (false, Some(len)) => primitive(reader, rows, start, tag, len, label),
        (false, None) => stop(start, Reason::WrongLength),
        (true, len) => constructed(reader, rows, start, tag, len, label),
    }
}

/// Reads a length; `None` is the one that two zeros end.
fn length(reader: &mut Reader<'_>) -> Read<Option<u64>> {
    let at = reader.at;
    match reader.u8()? {
        0x80 => Ok(None),
        byte @ 0x81..=0x88 => Ok(Some(reader.be(usize::from(byte & 0x7f))?)),
        byte @ 0x89.. => stop(at, Reason::Unexpected(byte)),
        byte => Ok(Some(u64::from(byte))),
    }
}

fn constructed(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    tag: Tag,
    len: Option<u64>,
    label: Label,
) -> Read<()> {
    let mut inner = *reader;
    if let Some(len) = len {
        let range = reader.take(len)?;
        inner = reader.part(&range);
    }
    rows.open(start, inner.at, label, Data::List(0), type_name(tag))?;
    let mut count = 0;
    let mut value_end = inner.end;
    loop {
        match len {
            Some(_) if inner.is_empty() => break,
            None if inner.rest().starts_with(&[0, 0]) => {
                value_end = inner.at + 2;
                reader.at = value_end;
                break;
            }
            _ => element(&mut inner, rows, Label::None)?,
        }
        count += 1;
    }
    rows.close_counted(value_end, count);
    Ok(())
}

fn primitive(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    tag: Tag,
    len: u64,
    label: Label,
) -> Read<()> {
    let range: Range<usize> = reader.take(len)?;
    let (data, is_guess) = value::read(reader.bytes, &range, tag)?;
    let row = rows.push(start, range, label, data, type_name(tag))?;
    row.is_guess = is_guess;
    Ok(())
}
