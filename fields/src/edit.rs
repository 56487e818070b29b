//! Edits: one field's value is replaced, and the lengths around it are mended.

use crate::bytes_text::parse_hex;
use crate::decode::rows;
use crate::edit_error::{Edit, EditError};
use crate::field::{Kind, Options};
use crate::format::Format;
use crate::quote::quote;
use crate::reader::Reader;
use crate::row::{Data, Label, Length, LengthEncoding, Row, Rows};
use crate::schema::{Definition, Schema};
use crate::time::parse_utc;
use crate::varint::varint;
use crate::{cbor_write, json, layout, msgpack_write, protobuf, text_value};

/// Replaces the value of a field of [`decode`](crate::decode()) by `text`, and returns the payload.
/// The field's type stays, and the lengths that count its bytes are mended. Texts are taken as they
/// are, bytes in hexadecimal, and a value of JSON other than a text as JSON.
///
/// # Errors
/// [`EditError`] if the text is no value of the field's type, or the payload could not be read then.
pub fn edit(
    schema: &Schema,
    payload: &[u8],
    field: usize,
    text: &str,
    options: &Options,
) -> Result<Vec<u8>, EditError> {
    let (before, stopped) = rows(schema, payload, options);
    let row = before.get(field).ok_or(EditError::NoField)?;
    // The end of a group is unknown if reading stopped in it.
    if stopped.is_some() && matches!(row.data.kind(), Kind::Map | Kind::List) {
        return Err(EditError::NotEditable);
    }
    let value = encode(schema, row, payload, text, options)?;
    let edited = splice(payload, &before, field, &value)?;
    // In a layout, two fields may share a length.
    if schema.format == Format::Layout && value.len() != row.value.len() {
        let (after, stopped_after) = rows(schema, &edited, options);
        let is_alike = after.len() == before.len() || row.format == Format::Json;
        let reason = stopped.map(|it| it.reason);
        if !is_alike || stopped_after.map(|it| it.reason) != reason {
            return Err(EditError::Breaks);
        }
    }
    Ok(edited)
}

/// Returns the bytes of a value.
fn encode(
    schema: &Schema,
    row: &Row,
    payload: &[u8],
    text: &str,
    options: &Options,
) -> Edit<Vec<u8>> {
    let mut out = Vec::new();
    match row.format {
        Format::Json => json_value(row, text, &mut out)?,
        Format::MessagePack => self_describing(row, payload, text, false, options, &mut out)?,
        Format::Cbor => self_describing(row, payload, text, true, options, &mut out)?,
        Format::Protobuf => {
            let proto = match &schema.definition {
                Definition::Proto(proto) => Some(proto),
                _ => None,
            };
            protobuf::encode(proto, row, text, options.floats, &mut out)?;
        }
        Format::Layout => layout::encode(row, text, options.floats, &mut out)?,
        _ => return Err(EditError::NotEditable),
    }
    Ok(out)
}

fn json_value(row: &Row, text: &str, out: &mut Vec<u8>) -> Edit<()> {
    if row.data.kind() == Kind::Text {
        let mut quoted = String::new();
        quote(text, &mut quoted);
        out.extend_from_slice(quoted.as_bytes());
        return Ok(());
    }
    let mut rows = Rows::new(Format::Json, &Options::new(crate::Floats::NONE));
    let mut reader = Reader::new(text.as_bytes());
    let read = json::decode(&mut reader, &mut rows, Label::None).and_then(|()| reader.finish());
    if read.is_err() {
        return Err(EditError::NotOfKind(row.data.kind()));
    }
    out.extend_from_slice(text.trim().as_bytes());
    Ok(())
}

/// Appends a value of MessagePack or CBOR.
fn self_describing(
    row: &Row,
    payload: &[u8],
    text: &str,
    is_cbor: bool,
    options: &Options,
    out: &mut Vec<u8>,
) -> Edit<()> {
    let kind = row.data.kind();
    let wrong = EditError::NotOfKind(kind);
    match &row.data {
        Data::Text(_) | Data::Str(_) if is_cbor => cbor_write::text(out, text),
        Data::Text(_) | Data::Str(_) => msgpack_write::text(out, text),
        Data::Bytes(_) | Data::Blob(_) => {
            let bytes = parse_hex(text).ok_or(wrong)?;
            match is_cbor {
                true => cbor_write::bytes(out, &bytes),
                false => msgpack_write::bytes(out, &bytes),
            }
        }
        Data::Int(_) | Data::Uint(_) | Data::Negative(_) => {
            let number = text_value::integer(text).ok_or(wrong)?;
            let marker = payload[row.value.start];
            let is_written = match is_cbor {
                true => cbor_write::int(out, number),
                false => msgpack_write::like(out, marker, number),
            };
            return is_written.then_some(()).ok_or(EditError::TooLarge);
        }
        Data::F32(_) | Data::F64(_) => {
            let number = text_value::float(text, options.floats).ok_or(wrong)?;
            let (single, double) = if is_cbor { (0xfa, 0xfb) } else { (0xca, 0xcb) };
            match row.data {
                Data::F32(_) => {
                    out.push(single);
                    out.extend_from_slice(&(number as f32).to_be_bytes());
                }
                _ => {
                    out.push(double);
                    out.extend_from_slice(&number.to_be_bytes());
                }
            }
        }
        Data::Bool(_) | Data::Null => {
            let (f, null) = if is_cbor { (0xf4, 0xf6) } else { (0xc2, 0xc0) };
            out.push(match text.trim() {
                "null" => null,
                other => f + u8::from(text_value::bool(other).ok_or(wrong)?),
            });
        }
        Data::Time(..) => {
            let (seconds, nanos) = parse_utc(text.trim()).ok_or(wrong)?;
            msgpack_write::time(out, seconds, nanos);
        }
        Data::Extension(kind, _) => {
            // As it is shown: "(5) 0a 0b".
            let bytes = text
                .trim_start_matches(|it| it != ')')
                .trim_start_matches(')');
            let bytes = if text.contains(')') { bytes } else { text };
            msgpack_write::extension(out, *kind, &parse_hex(bytes).ok_or(wrong)?);
        }
        _ => return Err(EditError::NotEditable),
    }
    Ok(())
}

/// Replaces the bytes of a value, and mends the lengths of the field and of the groups around it.
fn splice(payload: &[u8], rows: &[Row], field: usize, value: &[u8]) -> Edit<Vec<u8>> {
    let old = &rows[field].value;
    let mut out = payload[..old.start].to_vec();
    out.extend_from_slice(value);
    out.extend_from_slice(&payload[old.end..]);
    let mut depth = usize::MAX;
    for row in rows[..=field].iter().rev() {
        // The field, and then each group around it, from the inside.
        if row.depth >= depth {
            continue;
        }
        depth = row.depth;
        if let Some(length) = &row.length {
            let grown = out.len() as i64 - payload.len() as i64;
            mend(&mut out, length, row.value.len() as i64 + grown)?;
        }
    }
    Ok(out)
}

/// Writes a length anew. It lies before all bytes that have changed.
fn mend(out: &mut Vec<u8>, length: &Length, value_len: i64) -> Edit<()> {
    let Ok(number) = u64::try_from(value_len + length.more) else {
        return Err(EditError::TooLong);
    };
    let range = length.range.clone();
    let width = range.len();
    match length.encoding {
        LengthEncoding::Varint => {
            let mut bytes = Vec::new();
            varint(&mut bytes, number);
            out.splice(range, bytes);
        }
        _ if width < 8 && number >> (8 * width) != 0 => return Err(EditError::TooLong),
        LengthEncoding::BigEndian => {
            out[range].copy_from_slice(&number.to_be_bytes()[8 - width..]);
        }
        LengthEncoding::LittleEndian => out[range].copy_from_slice(&number.to_le_bytes()[..width]),
    }
    Ok(())
}
