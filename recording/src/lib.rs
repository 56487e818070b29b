//! The format of recorded sessions: NDJSON, one [`Record`] a line.
//!
//! ```text
//! {"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"open","peer":"127.0.0.1:51234","upstream":"echo","framing":"u32le"}
//! {"time":"…","session":7,"event":"message","direction":"sent","kind":"text","base64":"aGVsbG8="}
//! {"time":"…","session":7,"event":"detach"}
//! {"time":"…","session":7,"event":"resume","peer":"127.0.0.1:51240","again":1}
//! {"time":"…","session":7,"event":"close","code":1000,"reason":"","by":"client"}
//! {"time":"…","event":"dropped","messages":12}
//! ```
//!
//! Readers ignore unknown fields and events, so that later versions may add some.
//!
//! ```
//! use recording::{Event, Record};
//!
//! let line = br#"{"time":"2026-11-22T19:42:00Z","event":"dropped","messages":12}"#;
//! let record = Record::read(line)?;
//! assert_eq!(record.event, Event::Dropped { messages: 12 });
//! # Ok::<(), recording::RecordError>(())
//! ```

pub mod framing_notation;
mod lines;

use std::io;
use std::time::SystemTime;

use bytes::Bytes;
use protocol::{Framings, MessageKind};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use crate::lines::{LineError, Lines};

/// The longest line of a record without its payload, in bytes.
const MAX_REST: usize = 64 << 10;

/// A line of a recording: an event, with its time and session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The time of the event: in RFC 3339 and UTC, written to the microsecond.
    #[serde(with = "rfc3339")]
    pub time: SystemTime,
    /// The session's id; `None` for events of no single session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u64>,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// An event, named by the field `event`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// A session began.
    Open {
        /// The client's address.
        peer: String,
        /// The upstream's name.
        upstream: String,
        /// The upstream's framings: `framing`, and `first_sent` and `first_received` if the
        /// first message each way is framed otherwise.
        #[serde(flatten, with = "framing_notation")]
        framings: Box<Framings>,
    },
    /// A message was relayed.
    Message {
        /// Its direction.
        direction: Direction,
        /// Text or binary, on the WebSocket.
        #[serde(with = "SerializedKind")]
        kind: MessageKind,
        /// The whole payload, in base64.
        #[serde(rename = "base64", with = "base64")]
        payload: Bytes,
    },
    /// A resumable session lost its client's connection.
    Detach,
    /// The client of a resumable session has another connection.
    Resume {
        /// The client's address on it.
        peer: String,
        /// The number of messages that are sent to the client again.
        again: u64,
    },
    /// A session ended.
    Close {
        /// The close code (RFC 6455, section 7.4); `None` without a Close frame.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        /// The reason in the Close frame.
        #[serde(default)]
        reason: String,
        /// The side that ended it, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<EndedBy>,
    },
    /// Messages before this line were dropped, as they came faster than they were written.
    Dropped {
        /// The number of dropped messages, in all sessions.
        messages: u64,
    },
    /// An event that this version does not know.
    #[serde(other, skip_serializing)]
    Unknown,
}

/// The direction of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the client to the upstream.
    Sent,
    /// From the upstream to the client.
    Received,
}

/// The side that ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndedBy {
    /// The client.
    Client,
    /// The upstream: it closed, failed, or could not be reached.
    Upstream,
    /// The gateway: a rule was broken, a limit reached, or it stopped.
    Gateway,
}

/// The serialized form of a [`MessageKind`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "MessageKind", rename_all = "lowercase")]
enum SerializedKind {
    Text,
    Binary,
}

/// A line that is not a [`Record`].
#[derive(Debug, Error)]
pub enum RecordError {
    /// Malformed JSON, or a field that is missing or invalid.
    #[error("{}", without_position(.0))]
    Json(#[from] serde_json::Error),
    /// An event of a session without the session's id.
    #[error("missing field `session`")]
    NoSession,
}

impl RecordError {
    /// Returns true if the line ends inside a record: it was cut, as by a loss of power.
    pub fn is_cut(&self) -> bool {
        matches!(self, Self::Json(error) if error.is_eof())
    }
}

impl Record {
    /// Parses `line`, with or without its line break.
    ///
    /// # Errors
    /// [`RecordError`] names the missing or invalid field.
    pub fn read(line: &[u8]) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_slice(line)?;
        let is_of_session = !matches!(record.event, Event::Dropped { .. } | Event::Unknown);
        match record.session {
            None if is_of_session => Err(RecordError::NoSession),
            _ => Ok(record),
        }
    }

    /// Writes the record as a line, including its line break.
    ///
    /// # Errors
    /// Those of `out`; [`Event::Unknown`] cannot be written.
    pub fn write(&self, mut out: impl io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut out, self)?;
        out.write_all(b"\n")
    }
}

/// Returns the lines of a recording with payloads of up to `max_len` bytes.
pub fn record_lines<R: io::BufRead>(reader: R, max_len: usize) -> Lines<R> {
    // The payload is in base64.
    let max_base64 = (max_len / 3).saturating_mul(4);
    Lines::new(reader, max_base64.saturating_add(MAX_REST))
}

/// Returns the message without the line and column at its end: the text is a single line, and
/// the column is mostly the end of that.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].into(),
        None => text,
    }
}

mod rfc3339 {
    use std::time::SystemTime;

    use humantime::{format_rfc3339_micros, parse_rfc3339};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &SystemTime, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_rfc3339_micros(*time))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<SystemTime, D::Error> {
        let text = String::deserialize(d)?;
        parse_rfc3339(&text).map_err(|_| {
            D::Error::custom(format_args!(
                "invalid time {text:?}, expected one such as 2026-11-22T19:42:00.123456Z"
            ))
        })
    }
}

mod base64 {
    use bytes::Bytes;
    use data_encoding::BASE64;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(payload: &Bytes, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&BASE64.encode_display(payload))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(d)?;
        let decoded = BASE64.decode(text.as_bytes());
        let decoded = decoded.map_err(|e| D::Error::custom(format_args!("invalid base64: {e}")))?;
        Ok(decoded.into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn record(session: impl Into<Option<u64>>, event: Event) -> Record {
        Record {
            time: SystemTime::UNIX_EPOCH + Duration::from_micros(1_795_376_520_123_456),
            session: session.into(),
            event,
        }
    }

    fn message(direction: Direction, kind: MessageKind, payload: impl Into<Bytes>) -> Event {
        let payload = payload.into();
        Event::Message {
            direction,
            kind,
            payload,
        }
    }

    fn written(record: &Record) -> String {
        let mut line = Vec::new();
        record.write(&mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn each_event_is_written_and_read() {
        let check = |record: Record, line: &str| {
            assert_eq!(written(&record), format!("{line}\n"));
            assert_eq!(Record::read(line.as_bytes()).unwrap(), record);
        };
        let open = Event::Open {
            peer: "127.0.0.1:51234".into(),
            upstream: "echo".into(),
            framings: Box::default(),
        };
        check(
            record(7, open),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"open","peer":"127.0.0.1:51234","upstream":"echo","framing":"u32le"}"#,
        );
        check(
            record(7, message(Direction::Sent, MessageKind::Text, "hello")),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"message","direction":"sent","kind":"text","base64":"aGVsbG8="}"#,
        );
        check(
            record(
                7,
                message(Direction::Received, MessageKind::Binary, &b"\xff\0"[..]),
            ),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"message","direction":"received","kind":"binary","base64":"/wA="}"#,
        );
        check(
            record(7, Event::Detach),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"detach"}"#,
        );
        let resume = Event::Resume {
            peer: "127.0.0.1:51240".into(),
            again: 1,
        };
        check(
            record(7, resume),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"resume","peer":"127.0.0.1:51240","again":1}"#,
        );
        let close = |code, by| Event::Close {
            code,
            reason: String::new(),
            by,
        };
        check(
            record(7, close(Some(1000), Some(EndedBy::Client))),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"close","code":1000,"reason":"","by":"client"}"#,
        );
        check(
            record(7, close(None, None)),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"close","reason":""}"#,
        );
        check(
            record(None, Event::Dropped { messages: 12 }),
            r#"{"time":"2026-11-22T19:42:00.123456Z","event":"dropped","messages":12}"#,
        );
    }

    #[test]
    fn unknown_fields_and_events_are_ignored() {
        let more = r#"{"time":"2026-11-22T19:42:00.123456Z","size":[1],"session":7,"event":"close","code":1000,"reason":"","more":{}}"#;
        let close = Event::Close {
            code: Some(1000),
            reason: String::new(),
            by: None,
        };
        assert_eq!(Record::read(more.as_bytes()).unwrap(), record(7, close));
        let other = r#"{"time":"2026-11-22T19:42:00Z","event":"paused","why":{"a":1}}"#;
        assert_eq!(
            Record::read(other.as_bytes()).unwrap().event,
            Event::Unknown
        );
    }

    #[test]
    fn malformed_line_is_rejected_with_its_fault() {
        let check = |line: &str, expected: &str| {
            let error = Record::read(line.as_bytes()).unwrap_err().to_string();
            assert_eq!(error, expected, "{line}");
        };
        let with = |rest: &str| format!(r#"{{"time":"2026-11-22T19:42:00Z",{rest}}}"#);
        check("{", "EOF while parsing an object");
        check("{}", "missing field `time`");
        check(
            r#"{"time":"noon","event":"dropped","messages":1}"#,
            r#"invalid time "noon", expected one such as 2026-11-22T19:42:00.123456Z"#,
        );
        check(&with(r#""session":1"#), "missing field `event`");
        check(
            &with(r#""event":"close","code":1000"#),
            "missing field `session`",
        );
        check(
            &with(r#""session":1,"event":"message","direction":"sent","kind":"text""#),
            "missing field `base64`",
        );
        check(
            &with(r#""session":1,"event":"message","direction":"up","kind":"text","base64":"""#),
            "unknown variant `up`, expected `sent` or `received`",
        );
        check(
            &with(r#""session":1,"event":"message","direction":"sent","kind":"text","base64":"a""#),
            "invalid base64: invalid length at 0",
        );
    }

    proptest! {
        #[test]
        fn any_payload_is_read_as_written(payload: Vec<u8>) {
            let record = record(1, message(Direction::Sent, MessageKind::Binary, payload));
            prop_assert_eq!(Record::read(written(&record).as_bytes()).unwrap(), record);
        }
    }
}
