//! MessagePack, with timestamps.

use crate::field::Reason;
use crate::reader::{Read, Reader, signed, stop};
use crate::row::{Data, Label, Rows};

/// Reads one value.
pub(crate) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    value(reader, rows, reader.at, label)
}

fn value(reader: &mut Reader<'_>, rows: &mut Rows, start: usize, label: Label) -> Read<()> {
    let from = reader.at;
    if let Some(head) = group_head(reader)? {
        return group(reader, rows, start, from, label, &head);
    }
    let (data, name) = scalar(reader)?;
    rows.push(start, from..reader.at, label, data, name)?;
    Ok(())
}

/// Head of a group: an array or a map, and the number of its members.
struct GroupHead {
    is_map: bool,
    count: u64,
    name: &'static str,
}

/// Reads the head of a group; `None` if the next value is none.
fn group_head(reader: &mut Reader<'_>) -> Read<Option<GroupHead>> {
    let (is_map, width, name) = match reader.peek() {
        Some(0x80..=0x8f) => (true, 0, "fixmap"),
        Some(0x90..=0x9f) => (false, 0, "fixarray"),
        Some(0xdc) => (false, 2, "array 16"),
        Some(0xdd) => (false, 4, "array 32"),
        Some(0xde) => (true, 2, "map 16"),
        Some(0xdf) => (true, 4, "map 32"),
        _ => return Ok(None),
    };
    let byte = reader.u8()?;
    let count = match width {
        0 => u64::from(byte & 15),
        _ => reader.be(width)?,
    };
    Ok(Some(GroupHead {
        is_map,
        count,
        name,
    }))
}

fn group(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    from: usize,
    label: Label,
    head: &GroupHead,
) -> Read<()> {
    let data = match head.is_map {
        true => Data::Map(head.count),
        false => Data::List(head.count),
    };
    rows.open(start, from, label, data, head.name)?;
    for index in 0..head.count {
        match head.is_map {
            true => entry(reader, rows)?,
            false => value(reader, rows, reader.at, Label::Index(index as usize))?,
        }
    }
    rows.close(reader.at);
    Ok(())
}

fn entry(reader: &mut Reader<'_>, rows: &mut Rows) -> Read<()> {
    let from = reader.at;
    if let Some(0x80..=0x9f | 0xdc..=0xdf) = reader.peek() {
        value(reader, rows, from, Label::GroupKey)?;
        return value(reader, rows, reader.at, Label::None);
    }
    let (key, _) = scalar(reader)?;
    value(reader, rows, from, Label::Key(key))
}

/// Reads a value that is no group.
fn scalar(reader: &mut Reader<'_>) -> Read<(Data, &'static str)> {
    let byte = reader.u8()?;
    Ok(match byte {
        0..=0x7f => (Data::Uint(u64::from(byte)), "positive fixint"),
        0xe0..=0xff => (Data::Int(i64::from(byte.cast_signed())), "negative fixint"),
        0xa0..=0xbf => (Data::Text(reader.take(u64::from(byte & 31))?), "fixstr"),
        0xc0 => (Data::Null, "nil"),
        0xc2 => (Data::Bool(false), "bool"),
        0xc3 => (Data::Bool(true), "bool"),
        0xc4..=0xc6 => {
            let len = reader.be(1 << (byte - 0xc4))?;
            let name = ["bin 8", "bin 16", "bin 32"][usize::from(byte - 0xc4)];
            (Data::Bytes(reader.take(len)?), name)
        }
        0xc7..=0xc9 => {
            let len = reader.be(1 << (byte - 0xc7))?;
            let name = ["ext 8", "ext 16", "ext 32"][usize::from(byte - 0xc7)];
            extension(reader, len, name)?
        }
        0xca => (Data::F32(f32::from_bits(reader.be(4)? as u32)), "float 32"),
        0xcb => (Data::F64(f64::from_bits(reader.be(8)?)), "float 64"),
        0xcc..=0xcf => {
            let name = ["uint 8", "uint 16", "uint 32", "uint 64"][usize::from(byte - 0xcc)];
            (Data::Uint(reader.be(1 << (byte - 0xcc))?), name)
        }
        0xd0..=0xd3 => {
            let width = 1 << (byte - 0xd0);
            let name = ["int 8", "int 16", "int 32", "int 64"][usize::from(byte - 0xd0)];
            (Data::Int(signed(reader.be(width)?, width)), name)
        }
        0xd4..=0xd8 => {
            let n = usize::from(byte - 0xd4);
            let names = ["fixext 1", "fixext 2", "fixext 4", "fixext 8", "fixext 16"];
            extension(reader, 1 << n, names[n])?
        }
        0xd9..=0xdb => {
            let len = reader.be(1 << (byte - 0xd9))?;
            let name = ["str 8", "str 16", "str 32"][usize::from(byte - 0xd9)];
            (Data::Text(reader.take(len)?), name)
        }
        // Groups, which the callers read, and c1, which is never used.
        _ => return stop(reader.at - 1, Reason::UnknownType(u64::from(byte))),
    })
}

fn extension(reader: &mut Reader<'_>, len: u64, name: &'static str) -> Read<(Data, &'static str)> {
    let kind = reader.u8()?.cast_signed();
    let range = reader.take(len)?;
    let mut content = reader.part(&range);
    let time = match (kind, len) {
        (-1, 4) => Some((content.be(4)?.cast_signed(), 0)),
        (-1, 8) => {
            let both = content.be(8)?;
            Some(((both & 0x3_ffff_ffff).cast_signed(), (both >> 34) as u32))
        }
        (-1, 12) => {
            let nanos = content.be(4)? as u32;
            Some((content.be(8)?.cast_signed(), nanos))
        }
        _ => None,
    };
    Ok(match time {
        Some((seconds, nanos)) if nanos < 1_000_000_000 => {
            (Data::Time(seconds, nanos), "timestamp")
        }
        _ => (Data::Extension(kind, range), name),
    })
}
