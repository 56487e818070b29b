//! Values of Protocol Buffers from the text of an edit.

use super::scalar::Scalar;
use super::types::Proto;
use crate::bytes_text::parse_hex;
use crate::edit_error::{Edit, EditError};
use crate::field::Kind;
use crate::floats::Floats;
use crate::row::{Data, Row};
use crate::text_value;
use crate::varint::varint;

/// Returns the bytes of a value of the row's type, without tag and length.
pub(crate) fn encode(
    proto: Option<&Proto>,
    row: &Row,
    text: &str,
    floats: Floats,
    out: &mut Vec<u8>,
) -> Edit<()> {
    let wrong = EditError::NotOfKind(row.data.kind());
    match (&row.data, row.type_name) {
        (Data::Map(_) | Data::List(_), _) => Err(EditError::NotEditable),
        (Data::Enum(_, _, index), _) => {
            let named = proto.and_then(|it| it.enums[*index].number_of(text.trim()));
            let number = named.map(i128::from).or_else(|| text_value::integer(text));
            let number = number.ok_or(EditError::NotOfKind(Kind::Symbol))?;
            int32(out, number)
        }
        (_, "enum") => int32(out, text_value::integer(text).ok_or(wrong)?),
        (Data::Int(_) | Data::Uint(_), "varint") => {
            let number = text_value::integer(text).ok_or(wrong)?;
            let is_fit = (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&number);
            varint(out, number as u64);
            is_fit.then_some(()).ok_or(EditError::TooLarge)
        }
        (_, name) => match Scalar::from_name(name) {
            Some(scalar) => scalar_value(scalar, text, floats, out),
            None => Err(EditError::NotEditable),
        },
    }
}

fn int32(out: &mut Vec<u8>, number: i128) -> Edit<()> {
    let number = i32::try_from(number).map_err(|_| EditError::TooLarge)?;
    varint(out, i64::from(number).cast_unsigned());
    Ok(())
}

/// Appends a value of a scalar type; bytes are hexadecimal.
pub(crate) fn scalar_value(
    scalar: Scalar,
    text: &str,
    floats: Floats,
    out: &mut Vec<u8>,
) -> Edit<()> {
    match scalar {
        Scalar::STRING => out.extend_from_slice(text.as_bytes()),
        Scalar::BYTES => {
            let bytes = parse_hex(text).ok_or(EditError::NotOfKind(Kind::Bytes))?;
            out.extend_from_slice(&bytes);
        }
        Scalar::DOUBLE | Scalar::FLOAT => {
            let number = text_value::float(text, floats);
            scalar.write_float(out, number.ok_or(EditError::NotOfKind(Kind::Float))?);
        }
        Scalar::BOOL => {
            let bool = text_value::bool(text).ok_or(EditError::NotOfKind(Kind::Bool))?;
            out.push(u8::from(bool));
        }
        _ => {
            let number = text_value::integer(text).ok_or(EditError::NotOfKind(Kind::Integer))?;
            return scalar
                .write(out, number)
                .then_some(())
                .ok_or(EditError::TooLarge);
        }
    }
    Ok(())
}
