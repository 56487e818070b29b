//! The binary protocol: big-endian numbers, a type and an id before each field.

use super::shared::{message, string};
use crate::field::Reason;
use crate::reader::{Read, Reader, signed, stop};
use crate::row::{Data, Label, Rows};

/// Reads a message, by its version or by a plausible name, or else a struct.
pub(super) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    let start = reader.at;
    match reader.rest() {
        [0x80, 1, 0, kind, ..] => {
            let kind = *kind;
            reader.at += 4;
            let len = reader.be(4)?;
            let name = reader.take(len)?;
            let sequence = signed(reader.be(4)?, 4);
            message(rows, start, reader.at, name, kind, sequence)?;
        }
        // Before versions: the name, whose length begins with two zeros.
        [0, 0, _, _, ..] => {
            let len = reader.be(4)?;
            let name = reader.take(len)?;
            let kind = reader.u8()?;
            let sequence = signed(reader.be(4)?, 4);
            message(rows, start, reader.at, name, kind, sequence)?;
        }
        _ => {}
    }
    structure(reader, rows, reader.at, label)
}

fn structure(reader: &mut Reader<'_>, rows: &mut Rows, start: usize, label: Label) -> Read<()> {
    rows.open(start, reader.at, label, Data::Map(0), "struct")?;
    let mut count = 0;
    loop {
        let from = reader.at;
        let kind = reader.u8()?;
        if kind == 0 {
            break;
        }
        let id = reader.be(2)?;
        if type_name(kind).is_empty() {
            return stop(from, Reason::UnknownType(u64::from(kind)));
        }
        value(reader, rows, from, kind, Label::Number(id))?;
        count += 1;
    }
    rows.close_counted(reader.at, count);
    Ok(())
}

fn value(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    kind: u8,
    label: Label,
) -> Read<()> {
    let from = reader.at;
    let data = match kind {
        12 => return structure(reader, rows, start, label),
        13 => return map(reader, rows, start, label),
        14 | 15 => return list(reader, rows, start, kind, label),
        _ => scalar(reader, kind)?,
    };
    rows.push(start, from..reader.at, label, data, type_name(kind))?;
    Ok(())
}

fn scalar(reader: &mut Reader<'_>, kind: u8) -> Read<Data> {
    let at = reader.at;
    Ok(match kind {
        2 => match reader.u8()? {
            byte @ ..=1 => Data::Bool(byte == 1),
            byte => return stop(at, Reason::Unexpected(byte)),
        },
        3 => Data::Int(signed(reader.be(1)?, 1)),
        4 => Data::F64(f64::from_bits(reader.be(8)?)),
        6 => Data::Int(signed(reader.be(2)?, 2)),
        8 => Data::Int(signed(reader.be(4)?, 4)),
        10 => Data::Int(signed(reader.be(8)?, 8)),
        11 => {
            let len = reader.be(4)?;
            string(reader.bytes, reader.take(len)?)
        }
        16 => Data::Bytes(reader.take(16)?),
        _ => return stop(at, Reason::UnknownType(u64::from(kind))),
    })
}

fn list(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    kind: u8,
    label: Label,
) -> Read<()> {
    let from = reader.at;
    let item = reader.u8()?;
    let count = reader.be(4)?;
    rows.open(start, from, label, Data::List(count), type_name(kind))?;
    for index in 0..count {
        value(reader, rows, reader.at, item, Label::Index(index as usize))?;
    }
    rows.close(reader.at);
    Ok(())
}

fn map(reader: &mut Reader<'_>, rows: &mut Rows, start: usize, label: Label) -> Read<()> {
    let from = reader.at;
    let (key, item) = (reader.u8()?, reader.u8()?);
    let count = reader.be(4)?;
    rows.open(start, from, label, Data::Map(count), "map")?;
    for _ in 0..count {
        let from = reader.at;
        let label = match key {
            12..=15 => {
                value(reader, rows, from, key, Label::GroupKey)?;
                Label::None
            }
            _ => Label::Key(scalar(reader, key)?),
        };
        let from = if label == Label::None {
            reader.at
        } else {
            from
        };
        value(reader, rows, from, item, label)?;
    }
    rows.close(reader.at);
    Ok(())
}

const fn type_name(kind: u8) -> &'static str {
    match kind {
        2 => "bool",
        3 => "i8",
        4 => "double",
        6 => "i16",
        8 => "i32",
        10 => "i64",
        11 => "string",
        12 => "struct",
        13 => "map",
        14 => "set",
        15 => "list",
        16 => "uuid",
        _ => "",
    }
}
