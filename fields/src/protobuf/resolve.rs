//! Types of fields, found by name from the inside out, as protoc does.

use super::file::{File, RawField, join};
use super::parse::parse_file;
use super::scalar::Scalar;
use super::types::{Field, Message, Proto, Type};
use crate::text_error::TextError;
use crate::text_problem::TextProblem;

/// Types that files import from `google/protobuf/`.
const WELL_KNOWN: &str = "package google.protobuf;
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message Duration { int64 seconds = 1; int32 nanos = 2; }
message Any { string type_url = 1; bytes value = 2; }
message Empty {}
message FieldMask { repeated string paths = 1; }
message Struct { map<string, Value> fields = 1; }
message ListValue { repeated Value values = 1; }
enum NullValue { NULL_VALUE = 0; }
message Value { oneof kind { NullValue null_value = 1; double number_value = 2;
  string string_value = 3; bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }
message DoubleValue { double value = 1; }
message FloatValue { float value = 1; }
message Int64Value { int64 value = 1; }
message UInt64Value { uint64 value = 1; }
message Int32Value { int32 value = 1; }
message UInt32Value { uint32 value = 1; }
message BoolValue { bool value = 1; }
message StringValue { string value = 1; }
message BytesValue { bytes value = 1; }
";

/// Reads a `.proto` file. `@Name` among its definitions selects another message than the first.
pub(crate) fn parse(text: &str) -> Result<Proto, TextError> {
    let mut file = parse_file(text)?;
    let root = root(text, &file)?;
    if file
        .imports
        .iter()
        .any(|it| it.starts_with("google/protobuf/"))
    {
        let known = parse_file(WELL_KNOWN)?;
        file.messages.extend(known.messages);
        file.enums.extend(known.enums);
    }
    let mut messages = Vec::new();
    for message in &file.messages {
        let mut fields = Vec::new();
        for field in &message.fields {
            // The entries of maps lie beside the fields: their scope is that of the message.
            let kind = find(&file, &message.name, &field.kind);
            fields.push(Field {
                name: field.name.clone(),
                number: field.number,
                kind: kind.map_or_else(|| unknown(text, &file, field), Ok)?,
                is_repeated: field.is_repeated,
                is_packed: field.is_packed,
            });
        }
        messages.push(Message {
            fields,
            is_map_entry: message.is_map_entry,
        });
    }
    Ok(Proto {
        messages,
        enums: file.enums,
        root,
        is_packed: !file.is_proto2,
    })
}

/// Finds the message of the payloads.
fn root(text: &str, file: &File) -> Result<usize, TextError> {
    let Some((name, at)) = &file.root else {
        return match file.messages.is_empty() {
            true => Err(TextError::whole(TextProblem::NoMessage)),
            false => Ok(0),
        };
    };
    let name = name.trim_start_matches('.');
    let mut messages = file.messages.iter();
    let is_it = |it: &str| it == name || it.strip_suffix(name).is_some_and(|it| it.ends_with('.'));
    let found = messages.position(|it| !it.is_map_entry && is_it(&it.name));
    found.ok_or_else(|| {
        let names = file.messages.iter().filter(|it| !it.is_map_entry);
        let names = names.map(|it| it.name.clone()).take(10).collect();
        let name = name.into();
        TextError::at(text, *at, TextProblem::UnknownMessage { name, names })
    })
}

/// Finds a type by its name in a scope, and those around it.
fn find(file: &File, scope: &str, name: &str) -> Option<Type> {
    if let Some(scalar) = Scalar::from_name(name) {
        return Some(Type::Scalar(scalar));
    }
    if let Some(name) = name.strip_prefix('.') {
        return find_full(file, name);
    }
    let mut scope = scope;
    loop {
        let found = find_full(file, &join(scope, name));
        if found.is_some() || scope.is_empty() {
            return found;
        }
        scope = scope.rfind('.').map_or("", |at| &scope[..at]);
    }
}

fn find_full(file: &File, name: &str) -> Option<Type> {
    let message = file.messages.iter().position(|it| it.name == name);
    let enumeration = || file.enums.iter().position(|it| it.name == name);
    message
        .map(Type::Message)
        .or_else(|| enumeration().map(Type::Enum))
}

fn unknown(text: &str, file: &File, field: &RawField) -> Result<Type, TextError> {
    let name = field.kind.clone();
    let problem = match file.imports.first().cloned() {
        Some(import) => TextProblem::ImportedType { name, import },
        None => TextProblem::UnknownType(name),
    };
    Err(TextError::at(text, field.at, problem))
}
