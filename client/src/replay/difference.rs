//! Differences between a recording and its replay, as they are printed.

use std::fmt;

use protocol::MessageKind;
use recording::EndedBy;

use crate::connection_error::{ConnectionError, close_suffix};
use crate::escape::excerpt;
use crate::message_socket::Reply;
use crate::replay::script::{RecordedEnd, RecordedMessage, RecordedSession};

/// The close codes of a normal end.
const NORMAL_CODES: [u16; 2] = [1000, 1001];

/// A difference, and its place in the recording.
pub(super) struct Difference {
    session: u64,
    place: Place,
    text: String,
}

enum Place {
    /// Message `number` of the session, counted from 1, and its line.
    Message { number: usize, line: usize },
    /// The end of the session.
    End,
}

impl Difference {
    /// Compares `reply` with the message at `index`.
    pub(super) fn of_reply(session: &RecordedSession, index: usize, reply: &Reply) -> Option<Self> {
        let recorded = &session.messages[index];
        let bytes = compare_bytes(&recorded.payload, &reply.payload);
        let kind = reply.kind.filter(|kind| *kind != recorded.kind);
        let kind = kind.map(|kind| {
            let (expected, got) = (kind_name(recorded.kind), kind_name(kind));
            format!("expected a {expected} message, got a {got} one")
        });
        match (bytes, kind) {
            (None, None) => None,
            (Some(text), None) | (None, Some(text)) => Some(Self::at(session, index, text)),
            (Some(bytes), Some(kind)) => Some(Self::at(session, index, format!("{bytes}; {kind}"))),
        }
    }

    /// The reply at `index` did not arrive.
    pub(super) fn missing_reply(session: &RecordedSession, index: usize, cause: &str) -> Self {
        let RecordedMessage { payload, .. } = &session.messages[index];
        let expected = format!("expected {} bytes, {}", payload.len(), excerpt(payload, 0));
        let more = match session.replies_after(index) {
            0 => String::new(),
            later => format!(", and {later} after it"),
        };
        let text = format!("{expected}{more}; got nothing: {cause}");
        Self::at(session, index, text)
    }

    /// The message at `index` could not be sent.
    pub(super) fn unsent(session: &RecordedSession, index: usize, cause: &str) -> Self {
        Self::at(session, index, format!("cannot be sent: {cause}"))
    }

    /// Compares the recorded end with the replayed one: `closed` is the error by which the
    /// service ended it, or `None` if it did not.
    pub(super) fn of_end(
        session: &RecordedSession,
        end: &RecordedEnd,
        closed: Option<&ConnectionError>,
        is_websocket: bool,
    ) -> Option<Self> {
        let is_equal = match closed {
            None => end.by != Some(EndedBy::Upstream),
            Some(ConnectionError::Closed(Some(close))) => end.code == Some(close.code.into()),
            // Without a close code, only the side that ended it can be compared.
            Some(_) => !is_websocket && matches!(end.by, None | Some(EndedBy::Upstream)),
        };
        let expected = match end.by {
            None => "it to be ended",
            Some(EndedBy::Client) => "the client to end it",
            Some(EndedBy::Upstream) => "the service to end it",
            Some(EndedBy::Gateway) => "the gateway to end it",
        };
        let code = end.code.map(|code| close_suffix(code, &end.reason));
        let code = code.unwrap_or_default();
        let got = closed.map_or("it goes on".into(), ToString::to_string);
        let text = format!("expected {expected}{code}; got: {got}");
        (!is_equal).then(|| Self::at_end(session, text))
    }

    /// The end of the session is abnormal, by the error `end`, and not as recorded.
    pub(super) fn abnormal_end(session: &RecordedSession, end: &ConnectionError) -> Option<Self> {
        let code = session.end.as_ref().and_then(|end| end.code);
        let is_recorded = match end {
            ConnectionError::Closed(Some(close)) => code == Some(close.code.into()),
            // Without a close code, only that it was abnormal can be compared.
            _ => code.is_some_and(|code| !NORMAL_CODES.contains(&code)),
        };
        let text = format!("expected a normal end; got: {end}");
        (!end.is_normal_end() && !is_recorded).then(|| Self::at_end(session, text))
    }

    /// A message arrived after the last recorded one.
    pub(super) fn unexpected_reply(session: &RecordedSession, reply: &Reply) -> Self {
        let reply = &reply.payload;
        let got = format!("{} bytes, {}", reply.len(), excerpt(reply, 0));
        Self::at_end(session, format!("expected nothing more; got {got}"))
    }

    fn at(session: &RecordedSession, index: usize, text: String) -> Self {
        Self {
            session: session.id,
            place: Place::Message {
                number: index + 1,
                line: session.messages[index].line,
            },
            text,
        }
    }

    fn at_end(session: &RecordedSession, text: String) -> Self {
        Self {
            session: session.id,
            place: Place::End,
            text,
        }
    }
}

fn compare_bytes(recorded: &[u8], reply: &[u8]) -> Option<String> {
    if recorded == reply {
        return None;
    }
    let equal = recorded.iter().zip(reply).take_while(|(a, b)| a == b);
    let at = equal.count();
    Some(format!(
        "expected {} bytes, {}; got {} bytes, {}; different from byte {at} on",
        recorded.len(),
        excerpt(recorded, at),
        reply.len(),
        excerpt(reply, at),
    ))
}

fn kind_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "text",
        MessageKind::Binary => "binary",
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (session, text) = (self.session, &self.text);
        match self.place {
            Place::Message { number, line } => {
                write!(
                    f,
                    "session {session}, message {number} (line {line}): {text}"
                )
            }
            Place::End => write!(f, "session {session}, at its end: {text}"),
        }
    }
}
