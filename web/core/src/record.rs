//! Records: a message of an export, a recording or the live feed, as JSON.

use bytes::Bytes;

use crate::encoding;
use crate::framing::{Framing, Framings};
use crate::json::Value;
use crate::message::{Direction, Kind};
use crate::message_log::{Pairing, Row, RowId};
use crate::row_framings::RowFramings;
use crate::time::Moment;

/// Reads the framings of an `open` event.
pub fn framings(value: &Value) -> RowFramings {
    let framing = |key| value.string(key).map(Framing::from);
    let Some(all) = framing("framing") else {
        return RowFramings::default();
    };
    RowFramings::new(&Framings {
        framing: all,
        first_sent: framing("first_sent"),
        first_received: framing("first_received"),
    })
}

/// Reads a message, whose time is `utc_ms`. A message that is cut has fewer bytes than its
/// member `bytes` says.
pub fn row(value: &Value, id: RowId, utc_ms: f64) -> Option<Row> {
    let payload = match (value.string("text"), value.string("base64")) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(base64)) => encoding::decode_base64(base64).ok()?,
        (None, None) => return None,
    };
    let is_text = std::str::from_utf8(&payload).is_ok();
    let len = value.number("bytes").unwrap_or_default();
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let missing_len = len.saturating_sub(payload.len());
    Some(Row {
        id,
        direction: match value.string("direction")? {
            "sent" => Direction::Sent,
            "received" => Direction::Received,
            _ => return None,
        },
        // The live feed cuts a text within a character, too.
        kind: match value.string("kind")? {
            "text" if is_text || missing_len > 0 => Kind::Text,
            "binary" => Kind::Binary,
            _ => return None,
        },
        payload: Bytes::from(payload),
        at: Moment {
            utc_ms,
            steady_ms: 0.0,
        },
        pairing: Pairing::Unpaired,
        framing: value.string("framing").map(Framing::from),
        session: value.number("session"),
        client: value.string("client").map(Into::into),
        missing_len,
        event: None,
    })
}
