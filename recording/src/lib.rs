//! What sessions were recorded as: NDJSON, an [`Entry`] a line.
//!
//! ```text
//! {"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"open","peer":"127.0.0.1:51234","upstream":"echo","framing":"u32le"}
//! {"time":"…","session":7,"event":"message","direction":"sent","kind":"text","base64":"aGVsbG8="}
//! {"time":"…","session":7,"event":"close","code":1000,"reason":"","by":"client"}
//! {"time":"…","event":"dropped","messages":12}
//! ```
//!
//! Readers pass over fields and events that they don't know.

use std::io;
use std::time::SystemTime;

use bytes::Bytes;
use protocol::{Framing, MessageKind};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A line of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened, to the microsecond (RFC 3339, in UTC).
    #[serde(with = "rfc3339")]
    pub time: SystemTime,
    /// Where it happened; `None` for what is of no single session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u64>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// A session began.
    Open {
        /// The client's address.
        peer: String,
        /// The upstream's name.
        upstream: String,
        /// How the upstream tells messages apart.
        #[serde(with = "by_name")]
        framing: Framing,
    },
    /// A message went through, whole.
    Message {
        /// Which way.
        direction: Direction,
        /// As which kind of WebSocket message.
        #[serde(with = "SerializedKind")]
        kind: MessageKind,
        /// All of it.
        #[serde(rename = "base64", with = "base64")]
        payload: Bytes,
    },
    /// A session is over.
    Close {
        /// The close code (RFC 6455, section 7.4); `None` if there was no Close.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        /// The reason that was given with it.
        #[serde(default)]
        reason: String,
        /// Who ended it, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<EndedBy>,
    },
    /// Before this line, messages are missing that came faster than they were written.
    Dropped {
        /// How many, in all sessions together.
        messages: u64,
    },
    /// Something that this version has no name for.
    #[serde(other, skip_serializing)]
    Unknown,
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the client to the upstream.
    Sent,
    /// From the upstream to the client.
    Received,
}

/// Who ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndedBy {
    /// The client.
    Client,
    /// The upstream: it closed, failed, or could not be reached.
    Upstream,
    /// The gateway, for a rule, a limit, or because it stops.
    Gateway,
}

/// The serialized form of a [`MessageKind`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "MessageKind", rename_all = "lowercase")]
enum SerializedKind {
    Text,
    Binary,
}

/// Why a line is no [`Entry`].
#[derive(Debug, Error)]
pub enum EntryError {
    /// It is not JSON, or something in it is missing or wrong.
    #[error("{}", without_position(.0))]
    Json(#[from] serde_json::Error),
    /// An event of a session that does not say which.
    #[error("missing field `session`")]
    NoSession,
}

impl Entry {
    /// Reads `line`, with or without its line break.
    ///
    /// # Errors
    /// [`EntryError`] says what is missing or wrong in it.
    pub fn read(line: &[u8]) -> Result<Self, EntryError> {
        let entry: Self = serde_json::from_slice(line)?;
        let is_of_session = !matches!(entry.event, Event::Dropped { .. } | Event::Unknown);
        match entry.session {
            None if is_of_session => Err(EntryError::NoSession),
            _ => Ok(entry),
        }
    }

    /// Writes itself as a line, line break included.
    ///
    /// # Errors
    /// Those of `out`, and one for [`Event::Unknown`], of which nothing is known to write.
    pub fn write(&self, mut out: impl io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut out, self)?;
        out.write_all(b"\n")
    }
}

/// Where it is within the line says little: most often, it is at the end.
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
                "{text:?} is no time such as 2026-11-22T19:42:00.123456Z"
            ))
        })
    }
}

mod by_name {
    use protocol::Framing;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(framing: &Framing, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(framing.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Framing, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
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
        let decoded = decoded.map_err(|e| D::Error::custom(format_args!("no base64: {e}")))?;
        Ok(decoded.into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn entry(session: impl Into<Option<u64>>, event: Event) -> Entry {
        Entry {
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

    fn written(entry: &Entry) -> String {
        let mut line = Vec::new();
        entry.write(&mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn each_kind_of_line_is_written_and_read() {
        let check = |entry: Entry, line: &str| {
            assert_eq!(written(&entry), format!("{line}\n"));
            assert_eq!(Entry::read(line.as_bytes()).unwrap(), entry);
        };
        let open = Event::Open {
            peer: "127.0.0.1:51234".into(),
            upstream: "echo".into(),
            framing: Framing::U32LE,
        };
        check(
            entry(7, open),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"open","peer":"127.0.0.1:51234","upstream":"echo","framing":"u32le"}"#,
        );
        check(
            entry(7, message(Direction::Sent, MessageKind::Text, "hello")),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"message","direction":"sent","kind":"text","base64":"aGVsbG8="}"#,
        );
        check(
            entry(
                7,
                message(Direction::Received, MessageKind::Binary, &b"\xff\0"[..]),
            ),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"message","direction":"received","kind":"binary","base64":"/wA="}"#,
        );
        let close = |code, by| Event::Close {
            code,
            reason: String::new(),
            by,
        };
        check(
            entry(7, close(Some(1000), Some(EndedBy::Client))),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"close","code":1000,"reason":"","by":"client"}"#,
        );
        check(
            entry(7, close(None, None)),
            r#"{"time":"2026-11-22T19:42:00.123456Z","session":7,"event":"close","reason":""}"#,
        );
        check(
            entry(None, Event::Dropped { messages: 12 }),
            r#"{"time":"2026-11-22T19:42:00.123456Z","event":"dropped","messages":12}"#,
        );
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let more = r#"{"time":"2026-11-22T19:42:00.123456Z","size":[1],"session":7,"event":"close","code":1000,"reason":"","more":{}}"#;
        let close = Event::Close {
            code: Some(1000),
            reason: String::new(),
            by: None,
        };
        assert_eq!(Entry::read(more.as_bytes()).unwrap(), entry(7, close));
        let other = r#"{"time":"2026-11-22T19:42:00Z","event":"paused","why":{"a":1}}"#;
        assert_eq!(Entry::read(other.as_bytes()).unwrap().event, Event::Unknown);
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |line: &str, expected: &str| {
            let error = Entry::read(line.as_bytes()).unwrap_err().to_string();
            assert_eq!(error, expected, "{line}");
        };
        let with = |rest: &str| format!(r#"{{"time":"2026-11-22T19:42:00Z",{rest}}}"#);
        check("{", "EOF while parsing an object");
        check("{}", "missing field `time`");
        check(
            r#"{"time":"noon","event":"dropped","messages":1}"#,
            r#""noon" is no time such as 2026-11-22T19:42:00.123456Z"#,
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
            "no base64: invalid length at 0",
        );
    }

    proptest! {
        #[test]
        fn any_payload_survives(payload: Vec<u8>) {
            let entry = entry(1, message(Direction::Sent, MessageKind::Binary, payload));
            prop_assert_eq!(Entry::read(written(&entry).as_bytes()).unwrap(), entry);
        }
    }
}
