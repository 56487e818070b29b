//! Comparison of replies with the expected ones.

use std::fmt;
use std::rc::Rc;

use net::untrusted::Untrusted;
use protocol::resumable::SessionError;
use thiserror::Error;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::bench::deframer::{Deframer, Part};
use crate::bench::messages::Messages;
use crate::bench::session_replies::SessionReplies;
use crate::connection_error::close_frame_suffix;

/// Checks the bytes that a server sends on one connection.
pub(super) struct ReplyChecker {
    expected: ExpectedReplies,
    /// `None` on a byte stream.
    websocket: Option<Deframer>,
    /// `None` without a resumable session.
    session: Option<SessionReplies>,
}

/// An error in place of a reply.
#[derive(Debug, Error)]
pub(super) enum ReplyError {
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    #[error("invalid WebSocket frame: {}", Untrusted::from(.0.to_string()))]
    WebSocket(#[from] Box<tungstenite::Error>),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("closed by the server{}", close_frame_suffix(.0.as_ref()))]
    Closed(Option<CloseFrame>),
}

/// A reply that differs from the expected one.
#[derive(Debug, Error)]
#[error("expected {expected}, got {got}")]
pub(super) struct Mismatch {
    expected: Excerpt,
    got: Excerpt,
}

/// The first bytes of a reply, and its length if it is known.
#[derive(Debug)]
struct Excerpt {
    start: Vec<u8>,
    len: Option<usize>,
}

impl ReplyChecker {
    /// Checks the replies to the messages from number `first` on.
    pub(super) fn new(
        messages: Rc<Messages>,
        first: usize,
        is_websocket: bool,
        session: Option<SessionReplies>,
    ) -> Self {
        let position = messages.replies.start_of(first);
        Self {
            expected: ExpectedReplies {
                messages,
                position,
                received: 0,
            },
            websocket: is_websocket.then(Deframer::default),
            session,
        }
    }

    /// The resumable session, if there is one.
    pub(super) fn session(&mut self) -> Option<&mut SessionReplies> {
        self.session.as_mut()
    }

    pub(super) fn is_websocket(&self) -> bool {
        self.websocket.is_some()
    }

    /// Compares `bytes` with the expected ones, and returns the number of completed replies.
    /// Appends the payloads of pings to `pings`.
    pub(super) fn check(
        &mut self,
        mut bytes: &[u8],
        pings: &mut Vec<Vec<u8>>,
    ) -> Result<usize, ReplyError> {
        let Some(deframer) = &mut self.websocket else {
            return Ok(self.expected.check_stream(bytes)?);
        };
        let mut completed = 0;
        while let Some(part) = deframer.next(&mut bytes)? {
            match part {
                Part::Data {
                    bytes,
                    ends,
                    is_text,
                } => {
                    let payload = match &mut self.session {
                        Some(session) => session.payload(bytes, ends, is_text)?,
                        None => Some(bytes),
                    };
                    if let Some(payload) = payload {
                        completed += self.expected.check(payload, ends)?;
                    }
                }
                Part::Ping(payload) => pings.push(payload),
                Part::Close(frame) => return Err(ReplyError::Closed(frame)),
            }
        }
        Ok(completed)
    }
}

impl ReplyChecker {
    /// Passes over `bytes` that follow the last reply.
    ///
    /// # Errors
    /// [`ReplyError::Closed`] at a Close frame, or another if a frame is invalid.
    pub(super) fn find_close(&mut self, mut bytes: &[u8]) -> Result<(), ReplyError> {
        let Some(deframer) = &mut self.websocket else {
            return Ok(());
        };
        while let Some(part) = deframer.next(&mut bytes)? {
            if let Part::Close(frame) = part {
                return Err(ReplyError::Closed(frame));
            }
        }
        Ok(())
    }
}

/// The position in the expected replies.
struct ExpectedReplies {
    messages: Rc<Messages>,
    /// In a byte stream, the position of the next byte; with messages, of the current message.
    position: usize,
    /// The number of bytes received of the current message.
    received: usize,
}

impl ExpectedReplies {
    /// Checks the next bytes of a WebSocket message; returns the number of completed replies.
    fn check(&mut self, bytes: &[u8], ends: bool) -> Result<usize, Mismatch> {
        match self.messages.replies_are_messages {
            true => Ok(usize::from(self.check_message(bytes, ends)?)),
            false => self.check_stream(bytes),
        }
    }

    /// Checks the next bytes of a byte stream; returns the number of completed replies.
    fn check_stream(&mut self, mut bytes: &[u8]) -> Result<usize, Mismatch> {
        let ring = &self.messages.replies;
        let received = self.position % ring.message_len();
        let completed = (received + bytes.len()) / ring.message_len();
        while !bytes.is_empty() {
            let expected = ring.from(self.position);
            let (chunk, rest) = bytes.split_at(bytes.len().min(expected.len()));
            if *chunk != expected[..chunk.len()] {
                return Err(self.stream_mismatch(chunk));
            }
            self.position = ring.advance(self.position, chunk.len());
            bytes = rest;
        }
        Ok(completed)
    }

    /// Checks the next bytes of a message; returns true if they end it.
    fn check_message(&mut self, bytes: &[u8], ends: bool) -> Result<bool, Mismatch> {
        let ring = &self.messages.replies;
        let received = self.received + bytes.len();
        let expected = &ring.from(self.position)[..ring.message_len()];
        let is_equal = received <= expected.len()
            && *bytes == expected[self.received..received]
            && (!ends || received == expected.len());
        if !is_equal {
            return Err(Mismatch::new(
                expected,
                &[&expected[..self.received], bytes].concat(),
                ends.then_some(received),
            ));
        }
        self.received = received;
        if ends {
            self.position = ring.advance(self.position, received);
            self.received = 0;
        }
        Ok(ends)
    }

    /// Returns the mismatch of the reply that has the first wrong byte of `bytes`.
    fn stream_mismatch(&self, bytes: &[u8]) -> Mismatch {
        let ring = &self.messages.replies;
        let pairs = bytes.iter().zip(ring.from(self.position));
        let wrong = self.position + pairs.take_while(|(got, wanted)| got == wanted).count();
        let start = wrong - wrong % ring.message_len();
        let expected = &ring.from(start)[..ring.message_len()];
        let got = match self.position.checked_sub(start) {
            // The reply began before `bytes`, and was correct so far.
            Some(received) => [&expected[..received], bytes].concat(),
            None => bytes[start - self.position..].to_vec(),
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
            start: bytes[..bytes.len().min(Self::LEN)].to_vec(),
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
            Some(len) if len <= self.start.len() => "",
            _ => "…",
        };
        write!(f, "\"{}{more}\"", Untrusted::new(&self.start))
    }
}
