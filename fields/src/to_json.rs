//! Payloads written as JSON, from their rows.

mod record;
mod writer;

use std::fmt;

use crate::decode::rows;
use crate::field::{Options, Reason, Stopped};
use crate::format::Format;
use crate::schema::Schema;
use crate::to_json::writer::Writer;

/// Most fields of a payload that is written as JSON.
const MAX_ROWS: usize = 1 << 20;

/// Payload that cannot be written as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToJsonError {
    /// Not for this format, or not without a schema.
    Format,
    /// Not all of the payload can be read.
    Stopped(Stopped),
}

impl fmt::Display for ToJsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => f.write_str(
                "only MessagePack, CBOR, layouts, and Protocol Buffers with a schema become JSON",
            ),
            Self::Stopped(stopped) => write!(f, "{stopped}"),
        }
    }
}

impl std::error::Error for ToJsonError {}

/// Writes a payload as JSON, which [`from_json`](crate::from_json()) reads again.
///
/// Names that JSON has no values for are objects with one key: `{"$bytes": "0a0b"}`, `{"$f32": 1.5}`,
/// `{"$f64": "NaN"}`, `{"$ext": [5, "0a"]}`, `{"$time": "2026-11-29T00:00:00Z"}`, `{"$tag": [32,
/// "x"]}`, `{"$simple": 23}`, and `{"$map": [[1, "x"]]}` for keys that are not all text. Protocol
/// Buffers follow their own mapping: bytes in base64, enums by name; fields that are not in the
/// schema are left out.
///
/// # Errors
/// [`ToJsonError`] if the format has no JSON, or if not all of the payload can be read.
pub fn to_json(schema: &Schema, payload: &[u8], options: &Options) -> Result<String, ToJsonError> {
    if !schema.format.has_json(schema.has_definition()) {
        return Err(ToJsonError::Format);
    }
    let unlimited = Options {
        max_fields: MAX_ROWS,
        max_value: usize::MAX,
        ..*options
    };
    let (rows, stopped) = rows(schema, payload, &unlimited);
    if let Some(stopped) = stopped {
        return Err(ToJsonError::Stopped(stopped));
    }
    let mut writer = Writer {
        rows: &rows,
        payload,
        options: unlimited,
        is_base64: schema.format == Format::Protobuf,
        out: String::new(),
    };
    let written = match schema.format {
        Format::Protobuf | Format::Layout => writer.record(None),
        _ => writer.value(0),
    };
    match written {
        Ok(()) => Ok(writer.out),
        Err(at) => Err(ToJsonError::Stopped(Stopped {
            at,
            reason: Reason::NotUtf8,
        })),
    }
}
