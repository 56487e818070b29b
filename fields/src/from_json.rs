//! Payloads written from JSON.

use crate::cbor_write as cbor;
use crate::decode::rows;
use crate::expected::Expected;
use crate::field::{Options, Reason};
use crate::floats::Floats;
use crate::format::Format;
use crate::msgpack_write as msgpack;
use crate::node::{Document, Node};
use crate::row::Data;
use crate::schema::{Definition, Schema};
use crate::text_error::TextError;
use crate::text_problem::TextProblem;
use crate::time::parse_utc;
use crate::{layout, protobuf, text_value};

/// Writes a payload from JSON, as [`to_json`](crate::to_json()) writes it. Numbers with a fraction
/// or an exponent become floating-point numbers of 64 bits, others integers in the shortest form.
///
/// # Errors
/// [`TextError`] with the place in `json`.
pub fn from_json(schema: &Schema, json: &str, floats: Floats) -> Result<Vec<u8>, TextError> {
    if !schema.format.has_json(schema.has_definition()) {
        return Err(TextError::whole(TextProblem::NotWritten));
    }
    let document = Document::parse(json, floats)?;
    let (root, mut out) = (document.root(), Vec::new());
    match &schema.definition {
        Definition::Proto(proto) => protobuf::write(proto, proto.root, root, &mut out)?,
        Definition::Layout(layout) => {
            layout::write(layout, inner, root, &mut out)?;
            let (_, stopped) = rows(schema, &out, &Options::new(floats));
            if let Some(stopped) = stopped.filter(|it| it.reason != Reason::TooManyFields) {
                return Err(root.error(TextProblem::NotReadAgain(stopped)));
            }
        }
        Definition::Avro(_) | Definition::None => inner(schema.format, root, &mut out)?,
    }
    Ok(out)
}

/// Appends a value of a format without a schema.
fn inner(format: Format, node: Node<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    match format {
        Format::MessagePack => value(node, false, out),
        Format::Cbor => value(node, true, out),
        // JSON inside another message is written as it is.
        Format::Json => {
            out.extend_from_slice(node.source().as_bytes());
            Ok(())
        }
        _ => Err(node.error(TextProblem::FieldNotWritten(format))),
    }
}

/// Appends a value of CBOR or MessagePack.
fn value(node: Node<'_>, is_cbor: bool, out: &mut Vec<u8>) -> Result<(), TextError> {
    match node.data() {
        Data::Map(_) => return map(node, is_cbor, out),
        Data::List(count) => {
            match is_cbor {
                true => cbor::head(out, 4, *count),
                false => msgpack::list(out, *count as usize),
            }
            for member in node.members() {
                value(member, is_cbor, out)?;
            }
        }
        Data::Bool(bool) => out.push(if is_cbor { 0xf4 } else { 0xc2 } + u8::from(*bool)),
        Data::Number(..) => return number(node, is_cbor, out),
        Data::Text(_) | Data::Str(_) => text(node.text().unwrap_or(""), is_cbor, out),
        _ => out.push(if is_cbor { 0xf6 } else { 0xc0 }),
    }
    Ok(())
}

fn text(text: &str, is_cbor: bool, out: &mut Vec<u8>) {
    match is_cbor {
        true => cbor::text(out, text),
        false => msgpack::text(out, text),
    }
}

fn number(node: Node<'_>, is_cbor: bool, out: &mut Vec<u8>) -> Result<(), TextError> {
    let (text, is_float) = node.number().unwrap_or(("0", false));
    if is_float {
        return float(node, text, false, is_cbor, out);
    }
    let number = text_value::decimal(text).ok_or_else(|| node.error(Expected::Number64))?;
    let is_written = match is_cbor {
        true => cbor::int(out, number),
        false => msgpack::like(out, 0, number),
    };
    match is_written {
        true => Ok(()),
        false => Err(node.error(Expected::Number64)),
    }
}

fn float(
    node: Node<'_>,
    text: &str,
    is_single: bool,
    is_cbor: bool,
    out: &mut Vec<u8>,
) -> Result<(), TextError> {
    let number = text_value::float(text, node.floats());
    let number = number.ok_or_else(|| node.error(Expected::Float))?;
    let marker = match (is_cbor, is_single) {
        (true, false) => 0xfb,
        (true, true) => 0xfa,
        (false, false) => 0xcb,
        (false, true) => 0xca,
    };
    out.push(marker);
    match is_single {
        true => out.extend_from_slice(&(number as f32).to_be_bytes()),
        false => out.extend_from_slice(&number.to_be_bytes()),
    }
    Ok(())
}

fn map(node: Node<'_>, is_cbor: bool, out: &mut Vec<u8>) -> Result<(), TextError> {
    if let Some(only) = node.only().filter(|it| it.key().starts_with('$')) {
        return special(only, is_cbor, out);
    }
    map_head(node.members().count(), is_cbor, out);
    for member in node.members() {
        text(member.key(), is_cbor, out);
        value(member, is_cbor, out)?;
    }
    Ok(())
}

fn map_head(count: usize, is_cbor: bool, out: &mut Vec<u8>) {
    match is_cbor {
        true => cbor::head(out, 5, count as u64),
        false => msgpack::map(out, count),
    }
}

/// Appends a value that JSON has none for: the only member of an object, with its key.
fn special(node: Node<'_>, is_cbor: bool, out: &mut Vec<u8>) -> Result<(), TextError> {
    let key = node.key();
    match key {
        "$bytes" => {
            let bytes = node.bytes()?;
            match is_cbor {
                true => cbor::bytes(out, &bytes),
                false => msgpack::bytes(out, &bytes),
            }
        }
        "$f32" | "$f64" => {
            let number = node.number().map(|it| it.0).or(node.text());
            return float(node, number.unwrap_or(""), key == "$f32", is_cbor, out);
        }
        "$ext" if !is_cbor => {
            let [kind, bytes] = pair(node)?;
            let number = kind.number().and_then(|it| it.0.parse().ok());
            let number = number.ok_or_else(|| kind.error(Expected::ExtensionType))?;
            msgpack::extension(out, number, &bytes.bytes()?);
        }
        "$time" if !is_cbor => {
            let time = node.text().and_then(parse_utc);
            let (seconds, nanos) = time.ok_or_else(|| node.error(Expected::Time))?;
            msgpack::time(out, seconds, nanos);
        }
        "$tag" if is_cbor => {
            let [tag, content] = pair(node)?;
            let number = tag.number().and_then(|it| it.0.parse().ok());
            let number = number.ok_or_else(|| tag.error(Expected::TagNumber))?;
            cbor::head(out, 6, number);
            return value(content, is_cbor, out);
        }
        "$simple" if is_cbor => {
            let number = node.number().and_then(|it| it.0.parse().ok());
            let number = number.filter(|it| !matches!(it, 20..=22 | 24..=31));
            let number = number.ok_or_else(|| node.error(Expected::SimpleValue))?;
            cbor::simple(out, number);
        }
        "$map" => {
            map_head(node.members().count(), is_cbor, out);
            for member in node.members() {
                for part in pair(member)? {
                    value(part, is_cbor, out)?;
                }
            }
        }
        _ => {
            return Err(node.error(Expected::SpecialKey));
        }
    }
    Ok(())
}

fn pair(node: Node<'_>) -> Result<[Node<'_>; 2], TextError> {
    let mut members = node.members();
    match (node.data(), members.next(), members.next(), members.next()) {
        (Data::List(_), Some(first), Some(second), None) => Ok([first, second]),
        _ => Err(node.error(Expected::Pair)),
    }
}
