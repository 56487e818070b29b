//! Fields of a message's payload: no I/O, no clock, no runtime; builds for WebAssembly.
//!
//! [`decode`] takes a payload apart into [`Field`]s: flat rows in wire order, each with the bytes
//! that it was read from. A payload that is half right gives its right half, and where and why
//! reading [`Stopped`]. [`guess`] finds the [`Format`]s that read all bytes of a payload.
//!
//! ```
//! use fields::{Format, Options, Schema, decode};
//!
//! let schema = Schema::parse(Format::Layout, "u8 type, u16be count, text name")?;
//! let decoded = decode(&schema, b"\x01\x00\x02bob", &Options::default());
//! let rows: Vec<_> = decoded.fields.iter().map(|it| (&*it.label, &*it.value)).collect();
//! assert_eq!(rows, [("type", "1"), ("count", "2"), ("name", "bob")]);
//! # Ok::<_, fields::SchemaError>(())
//! ```
//!
//! Backwards, [`edit`] replaces the value of one field and mends the lengths around it, and
//! [`from_json`] and [`to_json`] write and read whole payloads as JSON.

mod compression;
mod decode;
mod field;
mod floats;
mod format;
mod guess;
mod json;
mod msgpack;
mod reader;
mod row;
mod schema;
mod show;
mod time;

pub use crate::compression::{Compression, compression};
pub use crate::decode::decode;
pub use crate::field::{Decoded, Field, Kind, MAX_DEPTH, MAX_FIELDS, Options, Reason, Stopped};
pub use crate::floats::Floats;
pub use crate::format::{Format, SchemaUse, UnknownFormat};
pub use crate::guess::guess;
pub use crate::schema::{Schema, SchemaError};
