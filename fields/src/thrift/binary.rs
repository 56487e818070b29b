//! The binary protocol: big-endian numbers, a type and an id before each field.

use super::message::message;
use super::protocol::{Field, MapHead, Protocol};
use super::types::Type;
use crate::field::Reason;
use crate::reader::{Read, Reader, signed, stop};
use crate::row::{Data, Label, Rows};

pub(super) struct Binary;

impl Protocol for Binary {
    /// Reads the head by its version or by a plausible name.
    fn message(&self, reader: &mut Reader<'_>, rows: &mut Rows) -> Read<()> {
        let start = reader.at;
        match reader.rest() {
            [0x80, 1, 0, kind, ..] => {
                let kind = *kind;
                reader.at += 4;
                let len = reader.be(4)?;
                let name = reader.take(len)?;
                let sequence = signed(reader.be(4)?, 4);
                message(rows, start, reader.at, name, kind, sequence)
            }
            // Before versions: the name, whose length begins with two zeros.
            [0, 0, _, _, ..] => {
                let len = reader.be(4)?;
                let name = reader.take(len)?;
                let kind = reader.u8()?;
                let sequence = signed(reader.be(4)?, 4);
                message(rows, start, reader.at, name, kind, sequence)
            }
            _ => Ok(()),
        }
    }

    fn type_of(&self, code: u8) -> Option<Type> {
        Some(match code {
            2 => Type::Bool,
            3 => Type::I8,
            4 => Type::Double,
            6 => Type::I16,
            8 => Type::I32,
            10 => Type::I64,
            11 => Type::Text,
            12 => Type::Struct,
            13 => Type::Map,
            14 => Type::Set,
            15 => Type::List,
            16 => Type::Uuid,
            _ => return None,
        })
    }

    fn field(&self, reader: &mut Reader<'_>, _id_before: u64) -> Read<Option<Field>> {
        let code = reader.u8()?;
        if code == 0 {
            return Ok(None);
        }
        let id = reader.be(2)?;
        Ok(Some(Field {
            id,
            code,
            bool: None,
        }))
    }

    fn list(&self, reader: &mut Reader<'_>) -> Read<(u64, u8)> {
        let item = reader.u8()?;
        Ok((reader.be(4)?, item))
    }

    fn map(
        &self,
        reader: &mut Reader<'_>,
        rows: &mut Rows,
        start: usize,
        label: Label,
    ) -> Read<MapHead> {
        let from = reader.at;
        let (key, item) = (reader.u8()?, reader.u8()?);
        let count = reader.be(4)?;
        rows.open(start, from, label, Data::Map(count), Type::Map.name())?;
        Ok(MapHead { count, key, item })
    }

    fn scalar(&self, reader: &mut Reader<'_>, kind: Type) -> Read<Data> {
        let at = reader.at;
        Ok(match kind {
            Type::Bool => match reader.u8()? {
                byte @ ..=1 => Data::Bool(byte == 1),
                byte => return stop(at, Reason::Unexpected(byte)),
            },
            Type::I8 => Data::Int(signed(reader.be(1)?, 1)),
            Type::I16 => Data::Int(signed(reader.be(2)?, 2)),
            Type::I32 => Data::Int(signed(reader.be(4)?, 4)),
            Type::I64 => Data::Int(signed(reader.be(8)?, 8)),
            Type::Double => Data::F64(f64::from_bits(reader.be(8)?)),
            Type::Uuid => Data::Bytes(reader.take(16)?),
            // Text; groups are read by the caller.
            _ => {
                let len = reader.be(4)?;
                Data::text_or_bytes(reader.bytes, reader.take(len)?)
            }
        })
    }
}
