//! Values, read by their types.

use std::ops::Range;

use super::types::{Avro, Logical, Type};
use crate::field::Reason;
use crate::reader::{Read, Reader, stop, zigzag};
use crate::row::{Data, Label, Rows};
use crate::time::{date, utc};

/// First bytes of a container file.
const CONTAINER: &[u8] = b"Obj\x01";

/// Reads one value.
pub(crate) fn decode(
    avro: &Avro,
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    label: Label,
) -> Read<()> {
    if reader.rest().starts_with(CONTAINER) {
        return reader.stop(Reason::ContainerFile);
    }
    value(avro, avro.root, reader, rows, reader.at, label)
}

fn value(
    avro: &Avro,
    kind: usize,
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
) -> Read<()> {
    let from = reader.at;
    let (data, name) = match &avro.types[kind] {
        Type::Record(fields) => {
            rows.open(start, from, label, Data::Map(fields.len() as u64), "record")?;
            for (name, kind) in fields {
                let label = Label::Name(name.clone());
                value(avro, *kind, reader, rows, reader.at, label)?;
            }
            rows.close(reader.at);
            return Ok(());
        }
        Type::Array(item) => return blocks(avro, *item, false, reader, rows, start, label),
        Type::Map(item) => return blocks(avro, *item, true, reader, rows, start, label),
        Type::Union(branches) => return union(avro, branches, reader, rows, start, label),
        other => scalar(other, reader)?,
    };
    let kind_range = from..reader.at;
    rows.push(start, kind_range, label, data, name)?;
    Ok(())
}

fn union(
    avro: &Avro,
    branches: &[usize],
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
) -> Read<()> {
    let at = reader.at;
    let number = long(reader)?;
    let branch = usize::try_from(number).ok().and_then(|it| branches.get(it));
    match branch {
        // A union holds no union.
        Some(branch) if !matches!(avro.types[*branch], Type::Union(_)) => {
            value(avro, *branch, reader, rows, start, label)
        }
        _ => stop(at, Reason::UnknownBranch(number.unsigned_abs())),
    }
}

/// Reads the blocks of an array or a map, up to an empty one. A negative count is followed by the
/// block's length.
fn blocks(
    avro: &Avro,
    item: usize,
    is_map: bool,
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
) -> Read<()> {
    let (data, name) = match is_map {
        true => (Data::Map(0), "map"),
        false => (Data::List(0), "array"),
    };
    rows.open(start, reader.at, label, data, name)?;
    let mut total = 0_u64;
    loop {
        let count = long(reader)?;
        if count == 0 {
            break;
        }
        if count < 0 {
            long(reader)?;
        }
        for _ in 0..count.unsigned_abs() {
            let from = reader.at;
            let label = match is_map {
                true => Label::Key(Data::Text(bytes(reader)?)),
                false => Label::Index(total as usize),
            };
            value(avro, item, reader, rows, from, label)?;
            total += 1;
        }
    }
    rows.close_counted(reader.at, total);
    Ok(())
}

fn scalar(kind: &Type, reader: &mut Reader<'_>) -> Read<(Data, &'static str)> {
    let at = reader.at;
    Ok(match kind {
        Type::Bool => match reader.u8()? {
            byte @ ..=1 => (Data::Bool(byte == 1), "boolean"),
            byte => return stop(at, Reason::Unexpected(byte)),
        },
        Type::Int(logical) => match i32::try_from(long(reader)?) {
            Ok(number) => (number_data(i64::from(number), *logical), "int"),
            Err(_) => return stop(at, Reason::NumberTooLarge),
        },
        Type::Long(logical) => (number_data(long(reader)?, *logical), "long"),
        Type::Float => (Data::F32(f32::from_bits(reader.le(4)? as u32)), "float"),
        Type::Double => (Data::F64(f64::from_bits(reader.le(8)?)), "double"),
        Type::Text => (Data::Text(bytes(reader)?), "string"),
        Type::Bytes(logical) => {
            let range = bytes(reader)?;
            (bytes_data(reader.bytes, range, *logical), "bytes")
        }
        Type::Fixed(size, logical) => {
            let range = reader.take(*size)?;
            (bytes_data(reader.bytes, range, *logical), "fixed")
        }
        Type::Enum(symbols) => {
            let number = long(reader)?;
            let symbol = usize::try_from(number).ok().and_then(|it| symbols.get(it));
            match symbol {
                Some(symbol) => (Data::Symbol(symbol.clone()), "enum"),
                None => return stop(at, Reason::UnknownBranch(number.unsigned_abs())),
            }
        }
        // Null; groups are read by the caller.
        _ => (Data::Null, "null"),
    })
}

fn long(reader: &mut Reader<'_>) -> Read<i64> {
    Ok(zigzag(reader.varint()?))
}

/// Reads bytes with their length.
fn bytes(reader: &mut Reader<'_>) -> Read<Range<usize>> {
    let at = reader.at;
    match u64::try_from(long(reader)?) {
        Ok(len) => reader.take(len),
        Err(_) => stop(at, Reason::WrongLength),
    }
}

fn number_data(number: i64, logical: Logical) -> Data {
    match logical {
        Logical::Date => Data::Symbol(date(number)),
        Logical::TimeOfDay(unit) => {
            let time = utc(number.div_euclid(unit), nanos(number, unit));
            let time = time
                .strip_prefix("1970-01-01T")
                .map(|it| it.trim_end_matches('Z'));
            time.map_or(Data::Int(number), |it| Data::Symbol(it.into()))
        }
        Logical::Timestamp(unit) => Data::Time(number.div_euclid(unit), nanos(number, unit)),
        Logical::None | Logical::Decimal(_) => Data::Int(number),
    }
}

fn nanos(number: i64, unit: i64) -> u32 {
    (number.rem_euclid(unit) * (1_000_000_000 / unit)) as u32
}

/// A decimal of up to 16 bytes as a number with its point, others as bytes.
fn bytes_data(payload: &[u8], range: Range<usize>, logical: Logical) -> Data {
    let Logical::Decimal(scale) = logical else {
        return Data::Bytes(range);
    };
    let content = &payload[range.clone()];
    if content.is_empty() || content.len() > 16 || scale > 38 {
        return Data::Bytes(range);
    }
    let sign = if content[0] >= 0x80 { -1 } else { 0 };
    let number = content
        .iter()
        .fold(sign, |sum: i128, it| sum << 8 | i128::from(*it));
    let digits = number.unsigned_abs().to_string();
    let scale = scale as usize;
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let dot = if scale > 0 { "." } else { "" };
    let minus = if number < 0 { "-" } else { "" };
    Data::Symbol(format!("{minus}{whole}{dot}{fraction}"))
}
