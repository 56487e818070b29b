//! Values and tokens that a text should have at some place.

use std::fmt;

use crate::shortened::quoted;

/// Value or token that is expected in a schema or in JSON. Displayed as a noun: "a string".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// That token.
    Token(String),
    /// JSON: integer of 64 bits.
    Number64,
    /// JSON: number, or the name of one that has no digits.
    Float,
    /// JSON: type of an extension of `MessagePack`.
    ExtensionType,
    /// JSON: time.
    Time,
    /// JSON: number of a tag of CBOR.
    TagNumber,
    /// JSON: simple value of CBOR.
    SimpleValue,
    /// JSON: name of a value that JSON has none for.
    SpecialKey,
    /// JSON: array of two values.
    Pair,
    /// JSON: bytes in hexadecimal.
    Hex,
    /// JSON: bytes in Base64.
    Base64,
    /// JSON: string.
    Text,
    /// JSON: object for a message of Protocol Buffers.
    MessageObject,
    /// JSON: object for the fields of a layout.
    LayoutObject,
    /// JSON: object with that key.
    ObjectWith(String),
    /// JSON: array.
    Array,
    /// JSON: array of so many values.
    ArrayOf(u64),
    /// JSON: array for a repeated field, or object for a map.
    ArrayOrMap,
    /// JSON: one of these names, or a number.
    OneOf(Vec<String>),
    /// JSON: name of a symbol.
    Symbol,
    /// Number of bytes.
    ByteCount,
    /// `.proto` file: definition.
    Definition,
    /// `.proto` file: name of a package.
    Package,
    /// `.proto` file: name of a message.
    MessageName,
    /// `.proto` file: name of an enum.
    EnumName,
    /// `.proto` file: value of an enum.
    EnumValue,
    /// `.proto` file: field.
    Field,
    /// `.proto` file: type of a map's keys.
    KeyType,
    /// `.proto` file: type of a map's values.
    ValueType,
    /// Name of a field.
    FieldName,
    /// Number.
    Number,
    /// Layout: colon after `else`.
    ColonAfterElse,
    /// Layout: colon or bar after a value.
    ColonOrBar,
    /// Layout: comma between fields.
    Comma,
    /// Layout: value of a condition.
    Constant,
    /// Layout: text between quotation marks.
    QuotedText,
    /// Layout: type.
    LayoutType,
    /// Layout: length.
    Length,
    /// Layout: number of repetitions.
    Count,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(token) => return f.write_str(&quoted(token)),
            Self::Number64 => "a number of 64 bits",
            Self::Float => "a number, NaN or Infinity",
            Self::ExtensionType => "a type from -128 to 127",
            Self::Time => "a time such as 2026-11-29T00:00:00Z",
            Self::TagNumber => "the number of a tag",
            Self::SimpleValue => "a simple value: 0 to 19, 23, or 32 to 255",
            Self::SpecialKey => {
                "$bytes, $f32, $f64, $map, $ext or $time of MessagePack, $tag or $simple of CBOR; \
                 an object with such a key is written {\"$map\": [[key, value]]}"
            }
            Self::Pair => "an array of two values",
            Self::Hex => "a string of hexadecimal digits, two for each byte",
            Self::Base64 => "base64",
            Self::Text => "a string",
            Self::MessageObject => "an object for a message",
            Self::LayoutObject => "an object with the fields of the layout",
            Self::ObjectWith(key) => return write!(f, "an object with \"{key}\""),
            Self::Array => "an array",
            Self::ArrayOf(count) => return write!(f, "an array of {count} values"),
            Self::ArrayOrMap => "an array for a repeated field, or an object for a map",
            Self::OneOf(names) => {
                return write!(f, "one of {}, or a number", names.join(", "));
            }
            Self::Symbol => "the name of a symbol",
            Self::ByteCount => "a number of bytes",
            Self::Definition => "message, enum, package, option or @Name",
            Self::Package => "a package",
            Self::MessageName => "the name of a message",
            Self::EnumName => "the name of an enum",
            Self::EnumValue => "a value such as \"RED = 0;\"",
            Self::Field => "a field such as \"string name = 1;\"",
            Self::KeyType => "the type of the keys",
            Self::ValueType => "the type of the values",
            Self::FieldName => "the name of the field",
            Self::Number => "a number",
            Self::ColonAfterElse => "\":\" after else",
            Self::ColonOrBar => "\":\" or \"|\" after a value",
            Self::Comma => "\",\" between fields",
            Self::Constant => "a value such as 1, 0x1f or 'E'",
            Self::QuotedText => "a text and a quotation mark at its end",
            Self::LayoutType => "a type such as u8, u16be, text or bytes",
            Self::Length => "a length: a number, a field, or a type such as u16be",
            Self::Count => "a number, a field, or \"]\"",
        })
    }
}
