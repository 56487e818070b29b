//! Messages of a layout, written from JSON. Lengths and counts are computed.

use super::number::Number;
use super::types::{Item, Kind, Layout, Len, Line, Repeat, When};
use crate::expected::Expected;
use crate::format::Format;
use crate::node::Node;
use crate::row::Data;
use crate::text_error::TextError;
use crate::text_problem::TextProblem;
use crate::text_value::integer;

/// Writes a value of another format.
pub(crate) type WriteInner = fn(Format, Node<'_>, &mut Vec<u8>) -> Written;

type Written = Result<(), TextError>;

/// Appends a message.
pub(crate) fn write(
    layout: &Layout,
    inner: WriteInner,
    node: Node<'_>,
    out: &mut Vec<u8>,
) -> Written {
    let mut items = Vec::new();
    let mut lines = &layout.lines[..];
    while let Some((first, rest)) = lines.split_first() {
        if let When::Always = first.when {
            items.extend(&first.items);
            lines = rest;
            continue;
        }
        let is_always = |it: &Line| matches!(it.when, When::Always);
        let count = lines.iter().position(is_always).unwrap_or(lines.len());
        let chosen = lines[..count].iter().find(|it| holds(it, node));
        items.extend(chosen.iter().flat_map(|it| &it.items));
        lines = &lines[count..];
    }
    group(&items, inner, node, out)
}

fn holds(line: &Line, node: Node<'_>) -> bool {
    let When::Is(name, constants) = &line.when else {
        return true;
    };
    let Some(member) = node.get(name) else {
        return false;
    };
    let written = member
        .number()
        .map(|it| it.0)
        .or(member.text())
        .unwrap_or("");
    let mut constants = constants.iter();
    match integer(written) {
        Some(number) => constants.any(|it| it.is(Some(number), b"")),
        None => constants.any(|it| it.is(None, written.as_bytes())),
    }
}

fn group(items: &[&Item], inner: WriteInner, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    if !matches!(node.data(), Data::Map(_)) {
        return Err(node.error(Expected::LayoutObject));
    }
    for member in node.members() {
        if !items.iter().any(|it| it.name == member.key()) {
            let names = items.iter().map(|it| it.name.clone()).take(20).collect();
            let key = member.key().into();
            return Err(member.error(TextProblem::NoField { key, names }));
        }
    }
    for (n, item) in items.iter().enumerate() {
        if let (Kind::Number(number), Repeat::Once) = (&item.kind, &item.repeat)
            && let Some(computed) = computed(&item.name, &items[n + 1..], inner, node)?
        {
            let written = number.write_integer(out, computed);
            written.map_err(|error| node.error(TextProblem::ValueOf(item.name.clone(), error)))?;
            continue;
        }
        let Some(member) = node.get(&item.name) else {
            return Err(node.error(TextProblem::FieldMissing(item.name.clone())));
        };
        repeated(item, inner, member, out)?;
    }
    Ok(())
}

/// Returns the length or count of the first later field that refers to a field.
fn computed(
    name: &str,
    later: &[&Item],
    inner: WriteInner,
    node: Node<'_>,
) -> Result<Option<i128>, TextError> {
    for item in later {
        let Some(member) = node.get(&item.name) else {
            continue;
        };
        if let Repeat::Field(field) = &item.repeat
            && field == name
        {
            return Ok(Some(member.members().count() as i128));
        }
        let Some(Len::Field(field, more)) = item.kind.len() else {
            continue;
        };
        let first = match item.repeat {
            Repeat::Once => Some(member),
            _ => member.members().next(),
        };
        if let Some(first) = first.filter(|_| field == name) {
            let mut content = Vec::new();
            value(&item.kind, inner, first, &mut content)?;
            return Ok(Some(content.len() as i128 - i128::from(*more)));
        }
    }
    Ok(None)
}

fn repeated(item: &Item, inner: WriteInner, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    let is_list = matches!(node.data(), Data::List(_));
    match item.repeat {
        Repeat::Once => return one(&item.kind, inner, node, out),
        _ if !is_list => return Err(node.error(Expected::Array)),
        Repeat::Times(count) if node.members().count() as u64 != count => {
            return Err(node.error(Expected::ArrayOf(count)));
        }
        _ => {}
    }
    for member in node.members() {
        one(&item.kind, inner, member, out)?;
    }
    Ok(())
}

/// Appends a value, with its length if it has one of its own.
fn one(kind: &Kind, inner: WriteInner, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    let mut content = Vec::new();
    value(kind, inner, node, &mut content)?;
    match kind.len() {
        Some(Len::Prefix(number)) => {
            let written = number.write_integer(out, content.len() as i128);
            written.map_err(|error| node.error(TextProblem::Value(error)))?;
        }
        Some(Len::Fixed(len)) if content.len() as u64 != *len => {
            let (expected, found) = (*len, content.len());
            return Err(node.error(TextProblem::ByteCount { expected, found }));
        }
        _ => {}
    }
    out.extend_from_slice(&content);
    Ok(())
}

fn value(kind: &Kind, inner: WriteInner, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    match kind {
        Kind::Number(number) => return number_value(*number, node, out),
        Kind::Text(_) | Kind::CStr => {
            let text = node.text().ok_or_else(|| node.error(Expected::Text))?;
            let is_cstr = matches!(kind, Kind::CStr);
            if is_cstr && text.contains('\0') {
                return Err(node.error(TextProblem::Nul));
            }
            out.extend_from_slice(text.as_bytes());
            if is_cstr {
                out.push(0);
            }
        }
        Kind::Bytes(_) => out.extend_from_slice(&node.bytes()?),
        Kind::Format(format, _) => return inner(*format, node, out),
        Kind::Group(items) => {
            let items: Vec<_> = items.iter().collect();
            return group(&items, inner, node, out);
        }
    }
    Ok(())
}

fn number_value(number: Number, node: Node<'_>, out: &mut Vec<u8>) -> Written {
    let written = node.number().map(|it| it.0).or(node.text()).unwrap_or("");
    let result = number.write(out, written, node.floats());
    result.map_err(|error| node.error(TextProblem::ValueOf(number.name().to_string(), error)))
}
