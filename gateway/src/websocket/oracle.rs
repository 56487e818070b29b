//! What tungstenite makes of a client's bytes, and what [`MessageDecoder`] does: they have to
//! agree. For tests and fuzz targets.

// The fuzz targets stand outside of this crate.
#![cfg_attr(not(fuzzing), allow(unreachable_pub))]

use std::io::{self, Cursor, Read, Write};

use bytes::{BufMut, BytesMut};
use protocol::MessageKind;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::websocket::{CloseFrame, Event, MessageDecoder, ReceiveError};

/// What a client's bytes come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Whether each is text, and its payload.
    pub messages: Vec<(bool, Vec<u8>)>,
    /// Their payloads.
    pub pings: Vec<Vec<u8>>,
    /// What becomes of the connection.
    pub outcome: Outcome,
}

/// How a client's bytes end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There could be more.
    Open,
    /// By a Close, with its code and reason if it has them.
    Closed(Option<(u16, String)>),
    /// For a broken rule, or for a length over the limit: which of them is told first is
    /// for each to decide.
    Refused,
    /// For a text that is none.
    NotUtf8,
}

impl Received {
    fn new() -> Self {
        Self {
            messages: Vec::new(),
            pings: Vec::new(),
            outcome: Outcome::Open,
        }
    }

    /// Whether `ours` is what it should be where tungstenite has come to `self`.
    pub fn agrees_with(&self, ours: &Self) -> bool {
        if self == ours {
            return true;
        }
        // tungstenite waits for all of a frame before it refuses it, and does not know that
        // close code 1014 has been registered.
        let early = self.outcome == Outcome::Open && ours.outcome != Outcome::Open;
        let bad_gateway = matches!(&ours.outcome, Outcome::Closed(Some((1014, _))));
        (early || bad_gateway) && self.messages == ours.messages && self.pings == ours.pings
    }
}

/// What tungstenite makes of `bytes`, for messages of at most `max` bytes.
pub fn theirs(bytes: &[u8], max: usize) -> Received {
    let config = WebSocketConfig::default()
        .max_frame_size(Some(max))
        .max_message_size(Some(max));
    let stream = Sent(Cursor::new(bytes));
    let mut socket = WebSocket::from_raw_socket(stream, Role::Server, Some(config));
    let mut received = Received::new();
    received.outcome = loop {
        match socket.read() {
            Ok(Message::Text(text)) => received.messages.push((true, Bytes::from(text).into())),
            Ok(Message::Binary(bytes)) => received.messages.push((false, bytes.into())),
            Ok(Message::Ping(payload)) => received.pings.push(payload.into()),
            Ok(Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(close)) => {
                let close = close.map(|c| (c.code.into(), c.reason.to_string()));
                // It passes a Close with a code that may not be sent on as its own answer.
                break match close {
                    Some((1002, reason)) if reason == "Protocol violation" => Outcome::Refused,
                    close => Outcome::Closed(close),
                };
            }
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                break Outcome::Open;
            }
            Err(Error::Capacity(_) | Error::Protocol(_)) => break Outcome::Refused,
            Err(Error::Utf8(_)) => break Outcome::NotUtf8,
            Err(error) => panic!("{error}"),
        }
    };
    received
}

/// What [`MessageDecoder`] makes of `bytes`, which come in pieces as long as `cuts` says.
pub fn ours(mut bytes: &[u8], cuts: impl IntoIterator<Item = usize>, max: usize) -> Received {
    let mut receiver = MessageDecoder::new(max);
    let mut received = Received::new();
    let mut cuts = cuts.into_iter();
    while !bytes.is_empty() {
        let next = cuts.next().unwrap_or(bytes.len()).clamp(1, bytes.len());
        let (mut piece, rest) = (BytesMut::from(&bytes[..next]), &bytes[next..]);
        let done = match receiver.room() {
            None => {
                bytes = rest;
                receiver.receive(&mut piece, |event| received.take(event))
            }
            Some(mut room) => {
                let count = piece.len().min(room.remaining_mut());
                room.put_slice(&piece[..count]);
                bytes = &bytes[count..];
                receiver.received(count, |event| received.take(event))
            }
        };
        match done {
            Ok(()) => {}
            Err(ReceiveError::Lost) => break,
            Err(ReceiveError::NotUtf8(_)) => received.outcome = Outcome::NotUtf8,
            Err(ReceiveError::Violated(_) | ReceiveError::TooLong { .. }) => {
                received.outcome = Outcome::Refused;
            }
        }
        if receiver.is_over() {
            break;
        }
    }
    received
}

impl Received {
    fn take(&mut self, event: Event<'_>) -> Result<(), ReceiveError> {
        match event {
            Event::Message(kind, payload) => {
                let payload = payload.as_ref().to_vec();
                self.messages.push((kind == MessageKind::Text, payload));
            }
            Event::Ping(payload) => self.pings.push(payload.into()),
            Event::Pong => {}
            Event::Close(close) => {
                let close = close.map(|CloseFrame { code, reason }| (code, reason));
                self.outcome = Outcome::Closed(close);
            }
        }
        Ok(())
    }
}

/// A connection that brings bytes and takes any.
struct Sent<'a>(Cursor<&'a [u8]>);

impl Read for Sent<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl Write for Sent<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
