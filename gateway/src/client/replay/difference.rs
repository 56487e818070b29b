//! What came that is not as recorded, as people see it.

use std::fmt;

use bytes::Bytes;

use super::script::{Recorded, Session};
use crate::client::link::LinkError;
use crate::client::shown::excerpt;

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
    /// A reply other than `recorded`.
    pub(super) fn reply(session: &Session, index: usize, reply: &Bytes) -> Self {
        let recorded = &session.messages[index].payload;
        let same = recorded.iter().zip(reply).take_while(|(a, b)| a == b);
        let at = same.count();
        let what = format!(
            "expected {} bytes, {}; got {} bytes, {}; different from byte {at} on",
            recorded.len(),
            excerpt(recorded, at),
            reply.len(),
            excerpt(reply, at),
        );
        Self::at(session, index, what)
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

    /// A message came after the last that was recorded.
    pub(super) fn unasked(session: &Session, reply: &Bytes) -> Self {
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
