//! Fields of a message's payload: no I/O, no clock, no runtime; builds for WebAssembly.
//!
//! [`decode()`] takes a payload apart into [`Field`]s: flat rows in wire order, each with the bytes
//! that it was read from. A payload that is half right gives its right half, and where and why
//! reading [`Stopped`]. [`guess()`] finds the [`Format`]s that read all bytes of a payload.
//!
//! ```
//! use fields::{Format, Options, Schema, decode};
//!
//! let schema = Schema::parse(Format::MessagePack, "")?;
//! let decoded = decode(&schema, b"\x82\xa2id\x07\xa4name\xa3bob", &Options::default());
//! let rows: Vec<_> = decoded.fields.iter().map(|it| (&*it.label, &*it.value)).collect();
//! assert_eq!(rows, [("", "{2}"), ("id", "7"), ("name", "bob")]);
//! # Ok::<_, fields::TextError>(())
//! ```
//!
//! Backwards, [`edit()`] replaces the value of one field and mends the lengths around it, and
//! [`from_json()`] and [`to_json()`] write and read whole payloads as JSON.

mod avro;
mod bencode;
mod ber;
mod bson;
mod bytes_text;
mod cbor;
mod cbor_write;
mod compression;
mod decode;
mod edit;
mod edit_error;
mod expected;
mod field;
mod floats;
mod format;
mod from_json;
mod guess;
mod json;
mod layout;
mod msgpack;
mod msgpack_write;
mod node;
mod printable;
mod protobuf;
mod quote;
mod reader;
mod row;
mod schema;
mod shortened;
mod show;
mod text_error;
mod text_problem;
mod text_value;
mod thrift;
mod time;
mod to_json;
mod tokens;
mod varint;

pub use crate::compression::{Compression, compression};
pub use crate::decode::decode;
pub use crate::edit::edit;
pub use crate::edit_error::EditError;
pub use crate::expected::Expected;
pub use crate::field::{Decoded, Field, Kind, MAX_DEPTH, MAX_FIELDS, Options, Reason, Stopped};
pub use crate::floats::Floats;
pub use crate::format::{Format, SchemaUse, UnknownFormat};
pub use crate::from_json::from_json;
pub use crate::guess::guess;
pub use crate::schema::Schema;
pub use crate::text_error::TextError;
pub use crate::text_problem::{Found, TextProblem};
pub use crate::to_json::{ToJsonError, to_json};
