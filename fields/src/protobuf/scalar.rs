//! Scalar types of Protocol Buffers.

use crate::reader::{Read, Reader, zigzag};
use crate::row::Data;
use crate::varint::varint;

/// Scalar type: its place in the list of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scalar(u8);

const NAMES: [&str; 15] = [
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
    "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes",
];

impl Scalar {
    pub(crate) const DOUBLE: Self = Self(0);
    pub(crate) const FLOAT: Self = Self(1);
    pub(crate) const BOOL: Self = Self(12);
    pub(crate) const STRING: Self = Self(13);
    pub(crate) const BYTES: Self = Self(14);

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let at = NAMES.iter().position(|it| *it == name)?;
        Some(Self(at as u8))
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    /// Returns the wire type.
    pub(crate) fn wire(self) -> u8 {
        match self.0 {
            0 | 9 | 11 => 1,
            1 | 8 | 10 => 5,
            13 | 14 => 2,
            _ => 0,
        }
    }

    /// Reads a number or a bool.
    pub(crate) fn read(self, reader: &mut Reader<'_>) -> Read<Data> {
        let bits = match self.wire() {
            1 => reader.le(8)?,
            5 => reader.le(4)?,
            _ => reader.varint()?,
        };
        let short = bits as u32;
        Ok(match self.0 {
            0 => Data::F64(f64::from_bits(bits)),
            1 => Data::F32(f32::from_bits(short)),
            2 | 10 => Data::Int(i64::from(short.cast_signed())),
            3 | 11 => Data::Int(bits.cast_signed()),
            4 | 8 => Data::Uint(u64::from(short)),
            6 => Data::Int(zigzag(u64::from(short))),
            7 => Data::Int(zigzag(bits)),
            12 => Data::Bool(bits != 0),
            _ => Data::Uint(bits),
        })
    }

    /// Appends an integer; returns false if it does not fit.
    pub(crate) fn write(self, out: &mut Vec<u8>, number: i128) -> bool {
        let (least, most) = match self.0 {
            2 | 6 | 10 => (i128::from(i32::MIN), i128::from(i32::MAX)),
            3 | 7 | 11 => (i128::from(i64::MIN), i128::from(i64::MAX)),
            4 | 8 => (0, i128::from(u32::MAX)),
            12 => (0, 1),
            _ => (0, i128::from(u64::MAX)),
        };
        if number < least || number > most {
            return false;
        }
        match self.0 {
            6 | 7 => varint(out, (number << 1 ^ number >> 127) as u64),
            8 | 10 => out.extend_from_slice(&(number as u32).to_le_bytes()),
            9 | 11 => out.extend_from_slice(&(number as u64).to_le_bytes()),
            _ => varint(out, number as u64),
        }
        true
    }

    /// Appends a floating-point number.
    pub(crate) fn write_float(self, out: &mut Vec<u8>, number: f64) {
        match self {
            Self::FLOAT => out.extend_from_slice(&(number as f32).to_le_bytes()),
            _ => out.extend_from_slice(&number.to_le_bytes()),
        }
    }
}
