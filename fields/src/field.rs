//! Fields of a payload, and the limits within which they are read.

use std::fmt;
use std::ops::Range;

use crate::floats::Floats;

/// Most fields of a payload.
pub const MAX_FIELDS: usize = 2_000;
/// Most levels of nesting.
pub const MAX_DEPTH: usize = 64;

/// Limits of decoding, and the functions that it cannot do without.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Most fields.
    pub max_fields: usize,
    /// Most levels of nesting; at most [`MAX_DEPTH`].
    pub max_depth: usize,
    /// Longest value of a text, in characters, and of bytes, in bytes.
    pub max_value: usize,
    /// Conversion of floating-point numbers.
    pub floats: Floats,
}

impl Options {
    /// The usual limits: [`MAX_FIELDS`], [`MAX_DEPTH`], and values of 256 characters.
    pub const fn new(floats: Floats) -> Self {
        Self {
            max_fields: MAX_FIELDS,
            max_depth: MAX_DEPTH,
            max_value: 256,
            floats,
        }
    }
}

impl Default for Options {
    /// The usual limits, with the standard library's floating-point numbers.
    fn default() -> Self {
        Self::new(Floats::STD)
    }
}

/// Field of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Bytes of the field, with its key, tag and length. They lie within those of its parent.
    pub range: Range<usize>,
    /// Bytes of the value alone, within `range`.
    pub value_range: Range<usize>,
    /// Number of fields around it.
    pub depth: usize,
    /// Name, key, number or `[index]`; empty if it has none.
    pub label: String,
    /// Value. Of a group, its number of members in braces or brackets: `{2}`, `[3]`. It holds
    /// control characters as they came: escaping them is the view's.
    pub value: String,
    /// Type by the format's own name, such as `uint32`; empty if it tells nothing.
    pub type_name: &'static str,
    /// Kind of the value.
    pub kind: Kind,
    /// True if the value is shortened.
    pub is_cut: bool,
    /// True if the type is a guess: the format does not tell it.
    pub is_guess: bool,
}

/// Kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Group with names or keys, such as a map or a message. Its members follow, one level
    /// deeper.
    Map,
    /// Group in an order, such as an array. Its members follow, one level deeper.
    List,
    /// Nothing: null, nil, undefined.
    Null,
    /// True or false.
    Bool,
    /// Integer.
    Integer,
    /// Floating-point number.
    Float,
    /// Text.
    Text,
    /// Bytes, in hexadecimal.
    Bytes,
    /// Time, in UTC.
    Time,
    /// Word of the format or schema, such as the name of an enum's value.
    Symbol,
}

/// Decoded payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Fields in wire order.
    pub fields: Vec<Field>,
    /// End before the payload's end, or a limit.
    pub stopped: Option<Stopped>,
    /// True if any field's type is a guess.
    pub is_guess: bool,
}

/// Place at which decoding stopped, and the reason. Displayed: "after 6 bytes: ends too early".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Number of bytes before.
    pub at: usize,
    /// Reason.
    pub reason: Reason,
}

/// Reason that decoding stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The payload ends inside a field.
    TooShort,
    /// Bytes follow the value.
    BytesLeft,
    /// The most fields are reached.
    TooManyFields,
    /// The most levels of nesting are reached.
    TooDeep,
    /// A byte has no meaning here.
    Unexpected(u8),
    /// A byte or number is none of the format's types.
    UnknownType(u64),
    /// A length leads beyond the end of its group.
    TooLong(u64),
    /// A number has more bits than its type.
    NumberTooLarge,
    /// A text is not UTF-8.
    NotUtf8,
    /// The type on the wire is not the schema's.
    WrongType,
    /// No line of the layout is for the message.
    NoLine,
    /// A group's end, or a value of it, is missing.
    Unfinished,
    /// A number selects none of the schema's branches or symbols.
    UnknownBranch(u64),
    /// A length, count or end is not that of its group.
    WrongLength,
    /// Groups of Protocol Buffers, out of use since 2008, are not read.
    Groups,
    /// An Avro container file, which holds its own schema and blocks, is not a message.
    ContainerFile,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.at == 1 { "" } else { "s" };
        write!(f, "after {} byte{plural}: {}", self.at, self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "ends too early",
            Self::BytesLeft => "more bytes follow the value",
            Self::TooManyFields => "more fields than are shown",
            Self::TooDeep => "nested too deeply",
            Self::Unexpected(byte) => return write!(f, "unexpected byte {byte:02x}"),
            Self::UnknownType(number) => return write!(f, "unknown type {number}"),
            Self::TooLong(len) => return write!(f, "length {len} is more than the bytes left"),
            Self::NumberTooLarge => "number too large",
            Self::NotUtf8 => "not UTF-8",
            Self::WrongType => "not the type of the schema",
            Self::NoLine => "no line of the layout is for this message",
            Self::Unfinished => "an end or a value is missing",
            Self::UnknownBranch(number) => return write!(f, "{number} is not in the schema"),
            Self::WrongLength => "a length does not agree with its contents",
            Self::Groups => "groups are not read: Protocol Buffers replaced them by messages",
            Self::ContainerFile => "an Avro container file: only single messages are read",
        })
    }
}
