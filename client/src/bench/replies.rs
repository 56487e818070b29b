//! Replies, compared with what they should be.

use std::fmt;
use std::rc::Rc;

use thiserror::Error;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::bench::deframer::{Deframer, Part};
use crate::bench::messages::Messages;
use crate::connection::with_code;

/// Reads what a server sends on one connection.
pub(super) struct Replies {
    expected: Expected,
    /// `None` on plain TCP.
    websocket: Option<Deframer>,
}

/// What came instead of a reply.
#[derive(Debug, Error)]
pub(super) enum ReplyError {
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    #[error("no WebSocket frame: {0}")]
    WebSocket(#[from] Box<tungstenite::Error>),
    #[error("closed by the server{}", with_code(.0.as_ref()))]
    Closed(Option<CloseFrame>),
}

/// A reply that is not what it should be.
#[derive(Debug, Error)]
#[error("expected {expected}, got {got}")]
pub(super) struct Mismatch {
    expected: Excerpt,
    got: Excerpt,
}

/// How a reply begins, and how long it is, as far as it is known.
#[derive(Debug)]
struct Excerpt {
    begin: Vec<u8>,
    len: Option<usize>,
}

impl Replies {
    /// Replies to the messages from number `first` on.
    pub(super) fn new(messages: Rc<Messages>, first: usize, is_websocket: bool) -> Self {
        let at = messages.replies.start_of(first);
        Self {
            expected: Expected {
                messages,
                at,
                have: 0,
            },
            websocket: is_websocket.then(Deframer::default),
        }
    }

    pub(super) fn is_websocket(&self) -> bool {
        self.websocket.is_some()
    }

    /// Compares `bytes` with what comes next, and returns how many replies they complete.
    /// Payloads of pings are appended to `pings`.
    pub(super) fn take(
        &mut self,
        mut bytes: &[u8],
        pings: &mut Vec<Vec<u8>>,
    ) -> Result<usize, ReplyError> {
        let Some(deframer) = &mut self.websocket else {
            return Ok(self.expected.take(bytes)?);
        };
        let mut completed = 0;
        while let Some(part) = deframer.next(&mut bytes)? {
            match part {
                Part::Data { bytes, ends } if self.expected.messages.whole => {
                    completed += usize::from(self.expected.take_of_message(bytes, ends)?);
                }
                Part::Data { bytes, .. } => completed += self.expected.take(bytes)?,
                Part::Ping(payload) => pings.push(payload),
                Part::Close(frame) => return Err(ReplyError::Closed(frame)),
            }
        }
        Ok(completed)
    }
}

/// The replies to come.
struct Expected {
    messages: Rc<Messages>,
    /// What comes next; of messages, where the one that has begun begins.
    at: usize,
    /// How much of the message that has begun was there.
    have: usize,
}

impl Expected {
    /// Takes bytes of a stream, whose replies announce their own length.
    fn take(&mut self, mut bytes: &[u8]) -> Result<usize, Mismatch> {
        let ring = &self.messages.replies;
        let begun = self.at % ring.message_len();
        let completed = (begun + bytes.len()) / ring.message_len();
        while !bytes.is_empty() {
            let expected = ring.from(self.at);
            let (now, later) = bytes.split_at(bytes.len().min(expected.len()));
            if *now != expected[..now.len()] {
                return Err(self.stream_mismatch(now));
            }
            self.at = ring.after(self.at, now.len());
            bytes = later;
        }
        Ok(completed)
    }

    /// Takes bytes of a message, which ends with them or goes on; returns whether it ends.
    fn take_of_message(&mut self, bytes: &[u8], ends: bool) -> Result<bool, Mismatch> {
        let ring = &self.messages.replies;
        let have = self.have + bytes.len();
        let expected = &ring.from(self.at)[..ring.message_len()];
        let is_right = have <= expected.len()
            && *bytes == expected[self.have..have]
            && (!ends || have == expected.len());
        if !is_right {
            return Err(Mismatch::new(
                expected,
                &[&expected[..self.have], bytes].concat(),
                ends.then_some(have),
            ));
        }
        self.have = have;
        if ends {
            self.at = ring.after(self.at, have);
            self.have = 0;
        }
        Ok(ends)
    }

    /// Tells of the reply that the first wrong byte of `bytes` belongs to.
    fn stream_mismatch(&self, bytes: &[u8]) -> Mismatch {
        let ring = &self.messages.replies;
        let pairs = bytes.iter().zip(ring.from(self.at));
        let wrong = self.at + pairs.take_while(|(got, wanted)| got == wanted).count();
        let start = wrong - wrong % ring.message_len();
        let expected = &ring.from(start)[..ring.message_len()];
        let got = match self.at.checked_sub(start) {
            // It had begun before `bytes`, and was right.
            Some(begun) => [&expected[..begun], bytes].concat(),
            None => bytes[start - self.at..].to_vec(),
        };
        Mismatch::new(expected, &got, None)
    }
}

impl Mismatch {
    pub(super) fn new(expected: &[u8], got: &[u8], got_len: Option<usize>) -> Self {
        Self {
            expected: Excerpt::of(expected, Some(expected.len())),
            got: Excerpt::of(got, got_len),
        }
    }
}

impl Excerpt {
    const LEN: usize = 48;

    fn of(bytes: &[u8], len: Option<usize>) -> Self {
        Self {
            begin: bytes[..bytes.len().min(Self::LEN)].to_vec(),
            len,
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(len) = self.len {
            write!(f, "{len} bytes, ")?;
        }
        let more = match self.len {
            Some(len) if len <= self.begin.len() => "",
            _ => "…",
        };
        write!(f, "\"{}{more}\"", self.begin.escape_ascii())
    }
}
