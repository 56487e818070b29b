//! The compact protocol: varints, and ids as differences.

use super::message::message;
use super::protocol::{Field, MapHead, Protocol};
use super::types::Type;
use crate::field::Reason;
use crate::reader::{Read, Reader, signed, stop, zigzag};
use crate::row::{Data, Label, Rows};

pub(super) struct Compact;

impl Protocol for Compact {
    fn message(&self, reader: &mut Reader<'_>, rows: &mut Rows) -> Read<()> {
        let start = reader.at;
        let [0x82, version, ..] = *reader.rest() else {
            return Ok(());
        };
        if version & 31 != 1 {
            return Ok(());
        }
        reader.at += 2;
        let sequence = i64::from((reader.varint()? as u32).cast_signed());
        let len = reader.varint()?;
        let name = reader.take(len)?;
        message(rows, start, reader.at, name, version >> 5, sequence)
    }

    fn type_of(&self, code: u8) -> Option<Type> {
        Some(match code {
            1 | 2 => Type::Bool,
            3 => Type::I8,
            4 => Type::I16,
            5 => Type::I32,
            6 => Type::I64,
            7 => Type::Double,
            8 => Type::Text,
            9 => Type::List,
            10 => Type::Set,
            11 => Type::Map,
            12 => Type::Struct,
            13 => Type::Uuid,
            _ => return None,
        })
    }

    fn field(&self, reader: &mut Reader<'_>, id_before: u64) -> Read<Option<Field>> {
        let byte = reader.u8()?;
        if byte == 0 {
            return Ok(None);
        }
        let (delta, code) = (byte >> 4, byte & 15);
        let id = match delta {
            0 => zigzag(reader.varint()?),
            delta => id_before.cast_signed().saturating_add(i64::from(delta)),
        };
        Ok(Some(Field {
            id: id.cast_unsigned(),
            code,
            bool: matches!(code, 1 | 2).then_some(code == 1),
        }))
    }

    fn list(&self, reader: &mut Reader<'_>) -> Read<(u64, u8)> {
        let byte = reader.u8()?;
        let count = match byte >> 4 {
            15 => reader.varint()?,
            count => u64::from(count),
        };
        Ok((count, byte & 15))
    }

    /// An empty map has no types.
    fn map(
        &self,
        reader: &mut Reader<'_>,
        rows: &mut Rows,
        start: usize,
        label: Label,
    ) -> Read<MapHead> {
        let from = reader.at;
        let count = reader.varint()?;
        rows.open(start, from, label, Data::Map(count), Type::Map.name())?;
        let types = if count > 0 { reader.u8()? } else { 0 };
        Ok(MapHead {
            count,
            key: types >> 4,
            item: types & 15,
        })
    }

    fn scalar(&self, reader: &mut Reader<'_>, kind: Type) -> Read<Data> {
        let at = reader.at;
        Ok(match kind {
            // In a group, where 0 is false, too.
            Type::Bool => match reader.u8()? {
                byte @ ..=2 => Data::Bool(byte == 1),
                byte => return stop(at, Reason::Unexpected(byte)),
            },
            Type::I8 => Data::Int(signed(reader.be(1)?, 1)),
            Type::I16 | Type::I32 | Type::I64 => Data::Int(zigzag(reader.varint()?)),
            Type::Double => Data::F64(f64::from_bits(reader.le(8)?)),
            Type::Uuid => Data::Bytes(reader.take(16)?),
            // Text; groups are read by the caller.
            _ => {
                let len = reader.varint()?;
                Data::text_or_bytes(reader.bytes, reader.take(len)?)
            }
        })
    }
}
