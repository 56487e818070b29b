//! Formats that a payload may have.

use crate::decode::rows;
use crate::field::{Options, Reason};
use crate::format::Format;
use crate::row::{Data, Row};
use crate::schema::{Definition, Schema};

/// Formats in the order of preference.
const ORDER: [Format; 6] = [
    Format::Json,
    Format::Bson,
    Format::MessagePack,
    Format::Cbor,
    Format::Ber,
    Format::Protobuf,
];

/// Returns the formats that read all bytes of a payload, or as many as fields are shown, the
/// likeliest first: JSON; BSON, whose
/// length has to agree; maps and arrays of MessagePack and CBOR; sequences of BER; Protocol
/// Buffers. Single numbers and texts of the others are no evidence.
pub fn guess(payload: &[u8], options: &Options) -> Vec<Format> {
    let mut formats = Vec::new();
    if payload.is_empty() {
        return formats;
    }
    for format in ORDER {
        let schema = Schema {
            format,
            definition: Definition::None,
        };
        let (rows, stopped) = rows(&schema, payload, options);
        let is_read = stopped.is_none_or(|it| it.reason == Reason::TooManyFields);
        if is_read && is_evidence(format, &rows) {
            formats.push(format);
        }
    }
    formats
}

fn is_evidence(format: Format, rows: &[Row]) -> bool {
    match (format, rows.first()) {
        (_, None) => false,
        (Format::MessagePack | Format::Cbor | Format::Ber, Some(first)) => {
            matches!(first.data, Data::Map(_) | Data::List(_))
        }
        _ => true,
    }
}
