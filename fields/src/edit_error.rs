//! Errors of edits.

use std::fmt;

use crate::field::Kind;

/// Value that cannot be put in a field's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditError {
    /// There is no such field.
    NoField,
    /// The field is a group, or its format cannot be written.
    NotEditable,
    /// The text is no value of the field's kind.
    NotOfKind(Kind),
    /// The value does not fit in the field's bytes.
    TooLarge,
    /// A length before the value cannot count so many bytes.
    TooLong,
    /// The field has a fixed number of bytes, and the value another.
    WrongLength,
    /// The payload could not be read as before: another field depends on this one.
    Breaks,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoField => "there is no such field",
            Self::NotEditable => "this field cannot be edited",
            Self::NotOfKind(kind) => match kind {
                Kind::Bool => "expected true or false",
                Kind::Integer => "expected an integer, in decimal or as 0x and hexadecimal digits",
                Kind::Float => "expected a number, NaN or Infinity",
                Kind::Bytes => "expected hexadecimal digits, two for each byte",
                Kind::Time => "expected a time such as 2026-11-29T00:00:00Z",
                Kind::Null => "expected null",
                Kind::Symbol => "expected a name of the schema, or its number",
                Kind::Text | Kind::Map | Kind::List => "expected a value of the format",
            },
            Self::TooLarge => "the value does not fit in this field",
            Self::TooLong => "the value is longer than its length field can say",
            Self::WrongLength => "the field has a fixed length, and the value another",
            Self::Breaks => "other fields depend on the length of this one",
        })
    }
}

impl std::error::Error for EditError {}

pub(crate) type Edit<T> = Result<T, EditError>;
