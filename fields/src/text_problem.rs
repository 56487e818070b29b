//! Problems of texts that people write, by kind.

use std::fmt;

use crate::edit_error::EditError;
use crate::expected::Expected;
use crate::field::{Reason, Stopped};
use crate::format::Format;
use crate::shortened::quoted;

/// Problem of a schema or of JSON. Displayed with its remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextProblem {
    /// Other values or tokens are expected.
    Expected(Expected),
    /// Another token is expected.
    Found {
        /// Expected token.
        expected: Expected,
        /// Token in its place.
        found: Found,
    },
    /// Text that is no JSON.
    NotJson(Reason),
    /// Format that takes no schema.
    NoSchema(Format),
    /// Format that needs a schema.
    SchemaNeeded(Format),
    /// Format that payloads are not written in from JSON, not without a schema.
    NotWritten,
    /// Format of a field that is not written from JSON.
    FieldNotWritten(Format),
    /// Message of a layout that cannot be read as it was written.
    NotReadAgain(Stopped),
    /// Value that does not fit its field.
    Value(EditError),
    /// Value that does not fit the field or type of that name.
    ValueOf(String, EditError),
    /// Key of a map that does not fit its type.
    Key(EditError),
    /// Type of a map's keys that is neither a number nor a string.
    KeyType,
    /// Value of another number of bytes.
    ByteCount {
        /// Bytes of the field.
        expected: u64,
        /// Bytes of the value.
        found: usize,
    },
    /// NUL in a text that a NUL ends.
    Nul,
    /// Key of an object that no field of the message has.
    NoField {
        /// Key.
        key: String,
        /// Names of fields.
        names: Vec<String>,
    },
    /// Field of a layout that the object has not.
    FieldMissing(String),
    /// `.proto` file without a message.
    NoMessage,
    /// Message that is chosen, and not defined.
    UnknownMessage {
        /// Name.
        name: String,
        /// Names of messages.
        names: Vec<String>,
    },
    /// Type of a `.proto` file that is not defined.
    UnknownType(String),
    /// Type of a `.proto` file that may be defined in a file that is not read.
    ImportedType {
        /// Name.
        name: String,
        /// File that is imported.
        import: String,
    },
    /// Type of Avro that is not defined before.
    UnknownAvroType(String),
    /// Word that is no type of a layout.
    UnknownLayoutType(String),
    /// Number of a layout without its byte order.
    ByteOrder(String),
    /// Definitions with too many levels.
    TooDeep,
    /// Groups of Protocol Buffers.
    Groups,
    /// Number of a field beyond the limits.
    FieldNumber,
    /// Number of another field.
    NumberTaken {
        /// Number.
        number: u64,
        /// Name of the other field.
        name: String,
    },
    /// Name of a field that is not before the place.
    NoFieldBefore(String),
    /// Length or count in a field that is no unsigned number.
    NotUnsigned(String),
    /// Type that cannot be a length.
    NotALength(String),
    /// Length beyond 64 bits.
    LongLength,
    /// Format in a layout that needs a schema of its own.
    InnerSchema(Format),
    /// Layout without fields.
    NoFields,
    /// Repeated field to the end, before others.
    EndlessList(String),
    /// Field without a length, before others.
    EndlessField(String),
}

/// Token in the place of an expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// End of the text.
    End,
    /// End of the line.
    LineEnd,
    /// Token, shortened.
    Token(String),
}

impl From<Expected> for TextProblem {
    fn from(expected: Expected) -> Self {
        Self::Expected(expected)
    }
}

impl fmt::Display for TextProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(expected) => write!(f, "expected {expected}"),
            Self::Found { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::NotJson(reason) => write!(f, "no JSON: {reason}"),
            Self::NoSchema(format) => write!(f, "{format} takes no schema: leave it out"),
            Self::SchemaNeeded(format) => write!(f, "{format} needs a schema"),
            Self::NotWritten => f.write_str(
                "only MessagePack, CBOR, layouts, and Protocol Buffers with a schema are written \
                 from JSON",
            ),
            Self::FieldNotWritten(format) => write!(f, "{format} is not written from JSON"),
            Self::NotReadAgain(stopped) => {
                write!(f, "the message could not be read again {stopped}")
            }
            Self::Value(error) => write!(f, "{error}"),
            Self::ValueOf(name, error) => write!(f, "{name}: {error}"),
            Self::Key(error) => write!(f, "key: {error}"),
            Self::KeyType => f.write_str("the keys of a map are numbers or strings"),
            Self::ByteCount { expected, found } => {
                write!(f, "expected {expected} bytes, not {found}")
            }
            Self::Nul => f.write_str("a NUL would end the text"),
            Self::NoField { key, names } => {
                let names = names.join(", ");
                write!(f, "there is no field \"{key}\" here, only {names}")
            }
            Self::FieldMissing(name) => write!(f, "there is no \"{name}\" in the object"),
            _ => self.fmt_schema(f),
        }
    }
}

impl TextProblem {
    /// Displays a problem of a schema or layout.
    fn fmt_schema(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMessage => {
                f.write_str("there is no message in the schema: expected \"message Name { … }\"")
            }
            Self::UnknownMessage { name, names } => {
                let names = names.join(", ");
                write!(f, "there is no message \"{name}\", only {names}")
            }
            Self::UnknownType(name) => write!(
                f,
                "there is no type \"{name}\": expected string, int32, a message or an enum"
            ),
            Self::ImportedType { name, import } => write!(
                f,
                "there is no type \"{name}\": imports such as \"{import}\" are not read, so add \
                 the definition to this text"
            ),
            Self::UnknownAvroType(name) => write!(
                f,
                "unknown type \"{name}\": expected null, boolean, int, long, float, double, bytes, \
                 string, or a type that is defined before"
            ),
            Self::UnknownLayoutType(word) => write!(
                f,
                "unknown type \"{word}\": expected a number such as u8, u16be, i32le, x32be, \
                 f64be, varint or zigzag, or text, bytes, cstr, {{…}}, or a format such as msgpack"
            ),
            Self::ByteOrder(word) => write!(
                f,
                "{word} has more than one byte: write {word}be or {word}le"
            ),
            Self::TooDeep => f.write_str("the definitions are nested too deeply"),
            Self::Groups => write!(f, "{}", Reason::Groups),
            Self::FieldNumber => f.write_str("field numbers are 1 to 536870911"),
            Self::NumberTaken { number, name } => {
                write!(f, "number {number} is already that of field \"{name}\"")
            }
            Self::NoFieldBefore(name) => {
                write!(f, "there is no field \"{name}\" before this place")
            }
            Self::NotUnsigned(name) => write!(f, "field \"{name}\" is no unsigned number"),
            Self::NotALength(word) => write!(f, "{word} cannot be a length"),
            Self::LongLength => f.write_str("the length is too large"),
            Self::InnerSchema(format) => {
                write!(
                    f,
                    "{format} needs a schema of its own, and cannot be inside"
                )
            }
            Self::NoFields => {
                f.write_str("the layout has no fields: expected such as \"u8 type, text name\"")
            }
            Self::EndlessList(name) => write!(
                f,
                "{name}[] goes on to the end, so it has to be the last field"
            ),
            Self::EndlessField(name) => write!(
                f,
                "{name} has no length and goes on to the end, so it has to be the last field: give \
                 it a length, such as :u16be, :12 or that of a field"
            ),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("the end"),
            Self::LineEnd => f.write_str("the end of the line"),
            Self::Token(token) => f.write_str(&quoted(token)),
        }
    }
}
