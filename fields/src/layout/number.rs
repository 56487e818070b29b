//! Numbers of a layout: `u8` to `u64`, `i`, `f` and `x`, with `be` or `le`, and varints.

use crate::bytes_text::parse_hex;
use crate::edit_error::{Edit, EditError};
use crate::field::{Kind, Reason};
use crate::floats::Floats;
use crate::reader::{Read, Reader, signed, stop, zigzag};
use crate::row::{Data, LengthEncoding, Row};
use crate::text_value;
use crate::varint::varint;

/// Type of a number: its place in the list of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(u8);

/// Names, from which their class, width and byte order are read.
const NAMES: [&str; 51] = [
    "u8", "u16be", "u24be", "u32be", "u40be", "u48be", "u56be", "u64be", "u16le", "u24le", "u32le",
    "u40le", "u48le", "u56le", "u64le", "i8", "i16be", "i24be", "i32be", "i40be", "i48be", "i56be",
    "i64be", "i16le", "i24le", "i32le", "i40le", "i48le", "i56le", "i64le", "x8", "x16be", "x24be",
    "x32be", "x40be", "x48be", "x56be", "x64be", "x16le", "x24le", "x32le", "x40le", "x48le",
    "x56le", "x64le", "f32be", "f64be", "f32le", "f64le", "varint", "zigzag",
];
const VARINT: u8 = 49;
const ZIGZAG: u8 = 50;

impl Number {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let at = NAMES.iter().position(|it| *it == name)?;
        Some(Self(at as u8))
    }

    pub(super) fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    /// Returns the number of bytes; 0 for varints.
    fn width(self) -> usize {
        let digits = self.name().bytes().filter(u8::is_ascii_digit);
        digits.fold(0, |sum, it| sum * 10 + usize::from(it - b'0')) / 8
    }

    fn is_little_endian(self) -> bool {
        self.name().ends_with("le")
    }

    /// Returns true for numbers that are counts and lengths.
    pub(super) fn is_count(self) -> bool {
        self.0 == VARINT || matches!(self.name().as_bytes()[0], b'u' | b'x')
    }

    /// Returns true for numbers without a fraction.
    pub(super) fn is_integer(self) -> bool {
        self.name().as_bytes()[0] != b'f'
    }

    /// Returns the encoding as a length.
    pub(super) fn length_encoding(self) -> LengthEncoding {
        match self.is_little_endian() {
            _ if self.0 == VARINT => LengthEncoding::Varint,
            true => LengthEncoding::LittleEndian,
            false => LengthEncoding::BigEndian,
        }
    }

    /// Reads a number, and its value if it is an integer.
    pub(super) fn read(self, reader: &mut Reader<'_>) -> Read<(Data, Option<i128>)> {
        let width = self.width();
        let bits = match self.is_little_endian() {
            _ if width == 0 => reader.varint()?,
            true => reader.le(width)?,
            false => reader.be(width)?,
        };
        let unsigned = Some(i128::from(bits));
        Ok(match self.name().as_bytes()[0] {
            b'i' => {
                let number = signed(bits, width);
                (Data::Int(number), Some(i128::from(number)))
            }
            b'z' => {
                let number = zigzag(bits);
                (Data::Int(number), Some(i128::from(number)))
            }
            b'x' => (Data::Hex(bits, width), unsigned),
            b'f' if width == 4 => (Data::F32(f32::from_bits(bits as u32)), None),
            b'f' => (Data::F64(f64::from_bits(bits)), None),
            _ => (Data::Uint(bits), unsigned),
        })
    }

    /// Reads a number that is a length.
    pub(super) fn read_length(self, reader: &mut Reader<'_>) -> Read<u64> {
        let at = reader.at;
        match self.read(reader)?.1.map(u64::try_from) {
            Some(Ok(len)) => Ok(len),
            _ => stop(at, Reason::WrongLength),
        }
    }

    /// Appends a number that is written in decimal or hexadecimal.
    pub(super) fn write(self, out: &mut Vec<u8>, text: &str, floats: Floats) -> Edit<()> {
        let width = self.width();
        if !self.is_integer() {
            let number = text_value::float(text, floats);
            let number = number.ok_or(EditError::NotOfKind(Kind::Float))?;
            let bits = match width {
                4 => u64::from((number as f32).to_bits()),
                _ => number.to_bits(),
            };
            self.append(out, bits);
            return Ok(());
        }
        let number = text_value::integer(text).ok_or(EditError::NotOfKind(Kind::Integer))?;
        self.write_integer(out, number)
    }

    /// Appends an integer.
    pub(super) fn write_integer(self, out: &mut Vec<u8>, number: i128) -> Edit<()> {
        let bits = if self.width() == 0 {
            64
        } else {
            8 * self.width()
        };
        let is_signed = matches!(self.name().as_bytes()[0], b'i' | b'z');
        let (least, most) = match is_signed {
            true => (-(1_i128 << (bits - 1)), (1 << (bits - 1)) - 1),
            false => (0, (1 << bits) - 1),
        };
        if number < least || number > most {
            return Err(EditError::TooLarge);
        }
        match self.0 {
            VARINT => varint(out, number as u64),
            ZIGZAG => varint(out, (number << 1 ^ number >> 127) as u64),
            _ => self.append(out, number as u64),
        }
        Ok(())
    }

    fn append(self, out: &mut Vec<u8>, bits: u64) {
        let width = self.width();
        match self.is_little_endian() {
            true => out.extend_from_slice(&bits.to_le_bytes()[..width]),
            false => out.extend_from_slice(&bits.to_be_bytes()[8 - width..]),
        }
    }
}

/// Appends a value of a row's type.
pub(crate) fn encode(row: &Row, text: &str, floats: Floats, out: &mut Vec<u8>) -> Edit<()> {
    match row.type_name {
        TEXT | FIXED_TEXT => out.extend_from_slice(text.as_bytes()),
        CSTR if text.contains('\0') => return Err(EditError::NotOfKind(Kind::Text)),
        CSTR => out.extend_from_slice(text.as_bytes()),
        BYTES | FIXED_BYTES => {
            let bytes = parse_hex(text).ok_or(EditError::NotOfKind(Kind::Bytes))?;
            out.extend_from_slice(&bytes);
        }
        name => {
            let number = Number::from_name(name).ok_or(EditError::NotEditable)?;
            return number.write(out, text, floats);
        }
    }
    match row.type_name {
        FIXED_TEXT | FIXED_BYTES if out.len() != row.value.len() => Err(EditError::WrongLength),
        _ => Ok(()),
    }
}

/// Names of types that are no numbers.
pub(super) const TEXT: &str = "text";
pub(super) const BYTES: &str = "bytes";
pub(super) const CSTR: &str = "cstr";
pub(super) const FIXED_TEXT: &str = "fixed text";
pub(super) const FIXED_BYTES: &str = "fixed bytes";
