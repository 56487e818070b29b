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
    let (data, name) = match reader.u8()? {
        byte @ 0x80..=0x8f => {
            return map(
                reader,
                rows,
                start,
                from,
                label,
                u64::from(byte & 15),
                "fixmap",
            );
        }
        byte @ 0x90..=0x9f => {
            return list(
                reader,
                rows,
                start,
                from,
                label,
                u64::from(byte & 15),
                "fixarray",
            );
        }
        0xdc => {
            let count = reader.be(2)?;
            return list(reader, rows, start, from, label, count, "array 16");
        }
        0xdd => {
            let count = reader.be(4)?;
            return list(reader, rows, start, from, label, count, "array 32");
        }
        0xde => {
            let count = reader.be(2)?;
            return map(reader, rows, start, from, label, count, "map 16");
        }
        0xdf => {
            let count = reader.be(4)?;
            return map(reader, rows, start, from, label, count, "map 32");
        }
        byte => scalar(reader, byte)?,
    };
    rows.push(start, from..reader.at, label, data, name)?;
    Ok(())
}

fn list(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    from: usize,
    label: Label,
    count: u64,
    name: &'static str,
) -> Read<()> {
    rows.open(start, from, label, Data::List(count), name)?;
    for index in 0..count {
        value(reader, rows, reader.at, Label::Index(index as usize))?;
    }
    rows.close(reader.at);
    Ok(())
}

fn map(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    from: usize,
    label: Label,
    count: u64,
    name: &'static str,
) -> Read<()> {
    rows.open(start, from, label, Data::Map(count), name)?;
    for _ in 0..count {
        let from = reader.at;
        let key = match reader.u8()? {
            0x80..=0x9f | 0xdc..=0xdf => {
                reader.at = from;
                value(reader, rows, from, Label::GroupKey)?;
                value(reader, rows, reader.at, Label::None)?;
                continue;
            }
            byte => scalar(reader, byte)?.0,
        };
        value(reader, rows, from, Label::Key(key))?;
    }
    rows.close(reader.at);
    Ok(())
}

/// Reads the rest of a value that is no group.
fn scalar(reader: &mut Reader<'_>, byte: u8) -> Read<(Data, &'static str)> {
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
