//! Messages of Protocol Buffers written from JSON, by the format's own mapping.

use super::edit::scalar_value;
use super::scalar::Scalar;
use super::types::{Field, Proto, Type};
use crate::bytes_text::parse_base64;
use crate::expected::Expected;
use crate::node::Node;
use crate::row::Data;
use crate::text_error::TextError;
use crate::text_problem::TextProblem;
use crate::text_value::decimal;
use crate::varint::varint;

type Written = Result<(), TextError>;

/// Appends a message.
pub(crate) fn message(proto: &Proto, message: usize, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    if !matches!(node.data(), Data::Map(_)) {
        return Err(node.error(Expected::MessageObject));
    }
    for member in node.members() {
        let key = member.key();
        let fields = &proto.messages[message].fields;
        let is_it = |it: &&Field| it.name == key || camel_case(&it.name) == key;
        let Some(field) = fields.iter().find(is_it) else {
            let names = fields.iter().map(|it| it.name.clone()).take(20).collect();
            let key = key.into();
            return Err(member.error(TextProblem::NoField { key, names }));
        };
        if *member.data() == Data::Null {
            continue;
        }
        match field.is_repeated {
            true => repeated(proto, field, member, out)?,
            false => single(proto, field, member, out)?,
        }
    }
    Ok(())
}

fn repeated(proto: &Proto, field: &Field, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    match (field.kind, node.data()) {
        (Type::Message(entry), Data::Map(_)) if proto.messages[entry].is_map_entry => {
            for member in node.members() {
                let mut content = Vec::new();
                let [key, value] = &proto.messages[entry].fields[..] else {
                    continue;
                };
                map_key(key, member, &mut content)?;
                single(proto, value, member, &mut content)?;
                delimited(field.number, &content, out);
            }
            Ok(())
        }
        (_, Data::List(0)) => Ok(()),
        (kind, Data::List(_)) if kind.wire() != 2 && field.is_packed.unwrap_or(proto.is_packed) => {
            let mut content = Vec::new();
            for member in node.members() {
                value(proto, kind, member, &mut content)?;
            }
            delimited(field.number, &content, out);
            Ok(())
        }
        (_, Data::List(_)) => {
            for member in node.members() {
                single(proto, field, member, out)?;
            }
            Ok(())
        }
        _ => Err(node.error(Expected::ArrayOrMap)),
    }
}

/// Appends the key of a map's entry, which is a string in JSON.
fn map_key(field: &Field, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    let Type::Scalar(scalar) = field.kind else {
        return Err(node.error(TextProblem::KeyType));
    };
    let mut content = Vec::new();
    let written = scalar_value(scalar, node.key(), node.floats(), &mut content);
    written.map_err(|error| node.error(TextProblem::Key(error)))?;
    match scalar.wire() {
        2 => delimited(field.number, &content, out),
        wire => {
            varint(out, field.number << 3 | u64::from(wire));
            out.extend_from_slice(&content);
        }
    }
    Ok(())
}

/// Appends a tag and a value.
fn single(proto: &Proto, field: &Field, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    let mut content = Vec::new();
    value(proto, field.kind, node, &mut content)?;
    match field.kind.wire() {
        2 => delimited(field.number, &content, out),
        wire => {
            varint(out, field.number << 3 | u64::from(wire));
            out.extend_from_slice(&content);
        }
    }
    Ok(())
}

fn delimited(number: u64, content: &[u8], out: &mut Vec<u8>) {
    varint(out, number << 3 | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

/// Appends a value without its tag and length.
fn value(proto: &Proto, kind: Type, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    let scalar = match kind {
        Type::Message(index) => return message(proto, index, node, out),
        Type::Enum(index) => {
            let named = node.text().and_then(|it| proto.enums[index].number_of(it));
            let number = named.or_else(|| i64::try_from(decimal(node.number()?.0)?).ok());
            let number = number.ok_or_else(|| {
                let values = proto.enums[index].values.iter().take(20);
                let names = values.map(|it| it.0.clone()).collect();
                node.error(Expected::OneOf(names))
            })?;
            varint(out, number.cast_unsigned());
            return Ok(());
        }
        Type::Scalar(scalar) => scalar,
    };
    let text = match node.data() {
        Data::Bool(true) => "true",
        Data::Bool(false) => "false",
        Data::Number(..) => node.number().map_or("", |it| it.0),
        Data::Map(_) if scalar == Scalar::BYTES => {
            out.extend_from_slice(&node.bytes()?);
            return Ok(());
        }
        _ => node.text().unwrap_or(""),
    };
    let is_text = node.text().is_some();
    match scalar {
        Scalar::BYTES if is_text => {
            let bytes = parse_base64(text).ok_or_else(|| node.error(Expected::Base64))?;
            out.extend_from_slice(&bytes);
            Ok(())
        }
        Scalar::STRING | Scalar::BYTES if !is_text => Err(node.error(Expected::Text)),
        _ => scalar_value(scalar, text, node.floats(), out)
            .map_err(|error| node.error(TextProblem::Value(error))),
    }
}

/// Returns the name that a field has in JSON by default: `user_id` is `userId`.
fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    let mut is_next_upper = false;
    for char in name.chars() {
        match char {
            '_' => is_next_upper = true,
            _ if is_next_upper => {
                camel.push(char.to_ascii_uppercase());
                is_next_upper = false;
            }
            _ => camel.push(char),
        }
    }
    camel
}
