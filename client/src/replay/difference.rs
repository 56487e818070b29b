//! What came that is not as recorded, as people see it.

use std::fmt;

use protocol::MessageKind;
use recording::EndedBy;

use crate::connection::{LinkError, Reply};
use crate::escape::excerpt;
use crate::replay::script::{End, Recorded, Session};

/// A difference, and where the recording has something else.
pub(super) struct Difference {
    session: u64,
    what: What,
}

enum What {
    /// Message `number` of the session, counted from 1.
    Message {
        number: usize,
        line: usize,
        what: String,
    },
    /// After its last message.
    AtEnd(String),
}

impl Difference {
    /// What `reply` has other than the message at `index`.
    pub(super) fn reply(session: &Session, index: usize, reply: &Reply) -> Option<Self> {
        let recorded = &session.messages[index];
        let bytes = bytes_differ(&recorded.payload, &reply.payload);
        let kind = reply.kind.filter(|kind| *kind != recorded.kind);
        let kind = kind.map(|kind| {
            let (expected, got) = (kind_name(recorded.kind), kind_name(kind));
            format!("expected a {expected} message, got a {got} one")
        });
        match (bytes, kind) {
            (None, None) => None,
            (Some(what), None) | (None, Some(what)) => Some(Self::at(session, index, what)),
            (Some(bytes), Some(kind)) => Some(Self::at(session, index, format!("{bytes}; {kind}"))),
        }
    }

    /// Nothing came where the recording has a reply.
    pub(super) fn missing(session: &Session, index: usize, why: &str) -> Self {
        let Recorded { payload, .. } = &session.messages[index];
        let expected = format!("expected {} bytes, {}", payload.len(), excerpt(payload, 0));
        let later = session.replies_after(index);
        let more = match later {
            0 => String::new(),
            later => format!(", and {later} after it"),
        };
        Self::at(
            session,
            index,
            format!("{expected}{more}; got nothing: {why}"),
        )
    }

    /// A message could not be sent.
    pub(super) fn unsent(session: &Session, index: usize, why: &LinkError) -> Self {
        Self::at(session, index, format!("cannot be sent: {why}"))
    }

    /// How the service `ended` the session, or did not, where it ended otherwise.
    pub(super) fn end(
        session: &Session,
        end: &End,
        ended: Option<&LinkError>,
        is_websocket: bool,
    ) -> Option<Self> {
        let is_same = match ended {
            None => end.by != Some(EndedBy::Upstream),
            Some(LinkError::Closed(Some(close))) => end.code == Some(close.code.into()),
            // Without a code, it says only that it ended.
            Some(_) => !is_websocket && matches!(end.by, None | Some(EndedBy::Upstream)),
        };
        let expected = match end.by {
            None => "it to be ended",
            Some(EndedBy::Client) => "the client to end it",
            Some(EndedBy::Upstream) => "the service to end it",
            Some(EndedBy::Gateway) => "the gateway to end it",
        };
        let code = match (end.code, &*end.reason) {
            (None, _) => String::new(),
            (Some(code), "") => format!(" with {code}"),
            (Some(code), reason) => format!(" with {code}: {reason}"),
        };
        let got = ended.map_or("it goes on".into(), ToString::to_string);
        (!is_same).then(|| Self {
            session: session.id,
            what: What::AtEnd(format!("expected {expected}{code}; got: {got}")),
        })
    }

    /// A message came after the last that was recorded.
    pub(super) fn unasked(session: &Session, reply: &Reply) -> Self {
        let reply = &reply.payload;
        let got = format!("{} bytes, {}", reply.len(), excerpt(reply, 0));
        Self {
            session: session.id,
            what: What::AtEnd(format!("expected nothing more; got {got}")),
        }
    }

    fn at(session: &Session, index: usize, what: String) -> Self {
        Self {
            session: session.id,
            what: What::Message {
                number: index + 1,
                line: session.messages[index].line,
                what,
            },
        }
    }
}

fn bytes_differ(recorded: &[u8], reply: &[u8]) -> Option<String> {
    if recorded == reply {
        return None;
    }
    let same = recorded.iter().zip(reply).take_while(|(a, b)| a == b);
    let at = same.count();
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
        write!(f, "session {}, ", self.session)?;
        match &self.what {
            What::Message { number, line, what } => {
                write!(f, "message {number} (line {line}): {what}")
            }
            What::AtEnd(what) => write!(f, "at its end: {what}"),
        }
    }
}
