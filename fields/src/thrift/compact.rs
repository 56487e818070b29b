//! The compact protocol: varints, and ids as differences.

use super::shared::{message, string};
use crate::field::Reason;
use crate::reader::{Read, Reader, signed, stop, zigzag};
use crate::row::{Data, Label, Rows};

/// Reads a message, by its first byte, or else a struct.
pub(super) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    let start = reader.at;
    if let [0x82, version, ..] = *reader.rest()
        && version & 31 == 1
    {
        reader.at += 2;
        let sequence = i64::from((reader.varint()? as u32).cast_signed());
        let len = reader.varint()?;
        let name = reader.take(len)?;
        message(rows, start, reader.at, name, version >> 5, sequence)?;
    }
    structure(reader, rows, reader.at, label)
}

fn structure(reader: &mut Reader<'_>, rows: &mut Rows, start: usize, label: Label) -> Read<()> {
    rows.open(start, reader.at, label, Data::Map(0), "struct")?;
    let (mut count, mut id) = (0, 0_i64);
    loop {
        let from = reader.at;
        let byte = reader.u8()?;
        if byte == 0 {
            break;
        }
        let (delta, kind) = (byte >> 4, byte & 15);
        id = match delta {
            0 => zigzag(reader.varint()?),
            delta => id.saturating_add(i64::from(delta)),
        };
        if type_name(kind).is_empty() {
            return stop(from, Reason::UnknownType(u64::from(kind)));
        }
        let label = Label::Number(id.cast_unsigned());
        match kind {
            // The type of a field is its value.
            1 | 2 => {
                rows.push(from, from..reader.at, label, Data::Bool(kind == 1), "bool")?;
            }
            _ => value(reader, rows, from, kind, label)?,
        }
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
        9 | 10 => return list(reader, rows, start, kind, label),
        11 => return map(reader, rows, start, label),
        12 => return structure(reader, rows, start, label),
        _ => scalar(reader, kind)?,
    };
    rows.push(start, from..reader.at, label, data, type_name(kind))?;
    Ok(())
}

fn scalar(reader: &mut Reader<'_>, kind: u8) -> Read<Data> {
    let at = reader.at;
    Ok(match kind {
        // In a group, where 0 is false, too.
        1 | 2 => match reader.u8()? {
            byte @ ..=2 => Data::Bool(byte == 1),
            byte => return stop(at, Reason::Unexpected(byte)),
        },
        3 => Data::Int(signed(reader.be(1)?, 1)),
        4..=6 => Data::Int(zigzag(reader.varint()?)),
        7 => Data::F64(f64::from_bits(reader.le(8)?)),
        8 => {
            let len = reader.varint()?;
            string(reader.bytes, reader.take(len)?)
        }
        13 => Data::Bytes(reader.take(16)?),
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
    let byte = reader.u8()?;
    let count = match byte >> 4 {
        15 => reader.varint()?,
        count => u64::from(count),
    };
    rows.open(start, from, label, Data::List(count), type_name(kind))?;
    for index in 0..count {
        value(
            reader,
            rows,
            reader.at,
            byte & 15,
            Label::Index(index as usize),
        )?;
    }
    rows.close(reader.at);
    Ok(())
}

fn map(reader: &mut Reader<'_>, rows: &mut Rows, start: usize, label: Label) -> Read<()> {
    let from = reader.at;
    let count = reader.varint()?;
    rows.open(start, from, label, Data::Map(count), "map")?;
    let types = if count > 0 { reader.u8()? } else { 0 };
    for _ in 0..count {
        let from = reader.at;
        match types >> 4 {
            key @ 9..=12 => {
                value(reader, rows, from, key, Label::GroupKey)?;
                value(reader, rows, reader.at, types & 15, Label::None)?;
            }
            key => {
                let label = Label::Key(scalar(reader, key)?);
                value(reader, rows, from, types & 15, label)?;
            }
        }
    }
    rows.close(reader.at);
    Ok(())
}

const fn type_name(kind: u8) -> &'static str {
    match kind {
        1 | 2 => "bool",
        3 => "i8",
        4 => "i16",
        5 => "i32",
        6 => "i64",
        7 => "double",
        8 => "string",
        9 => "list",
        10 => "set",
        11 => "map",
        12 => "struct",
        13 => "uuid",
        _ => "",
    }
}
