//! Oracle for tests and fuzz targets: [`MessageDecoder`] has to decode a client's bytes as
//! tungstenite does.

// Public to the fuzz targets, which are outside of this crate.
#![cfg_attr(not(fuzzing), allow(unreachable_pub))]

use std::io::{self, Cursor, Read, Write};

use bytes::{BufMut, BytesMut};
use net::untrusted::Untrusted;
use protocol::MessageKind;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::buffer::sizes::TURN_SIZE;
use crate::websocket::close::CloseFrame;
use crate::websocket::decoder::{Event, MessageDecoder};
use crate::websocket::error::ReceiveError;

/// Events decoded from a client's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Messages: true for text, and the payload.
    pub messages: Vec<(bool, Vec<u8>)>,
    /// Payloads of the Pings.
    pub pings: Vec<Vec<u8>>,
    /// State of the connection afterwards.
    pub outcome: Outcome,
}

/// State of a connection after a client's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// More could follow.
    Open,
    /// A Close came, with its code and reason if it has them.
    Closed(Option<(u16, String)>),
    /// A rule is violated, or a length is over the limit. If both, each decoder may report
    /// either first.
    Refused,
    /// Text is not UTF-8.
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

    /// Returns true if `ours` is correct, given that tungstenite decoded `self`.
    pub fn agrees_with(&self, ours: &Self) -> bool {
        if self == ours {
            return true;
        }
        // tungstenite refuses a frame only once it is complete, and does not know that close
        // code 1014 has been registered.
        let early = self.outcome == Outcome::Open && ours.outcome != Outcome::Open;
        let bad_gateway = matches!(&ours.outcome, Outcome::Closed(Some((1014, _))));
        (early || bad_gateway) && self.messages == ours.messages && self.pings == ours.pings
    }
}

/// Decodes `bytes` with tungstenite, for messages of at most `max_len` bytes.
pub fn theirs(bytes: &[u8], max_len: usize) -> Received {
    let config = WebSocketConfig::default()
        .max_frame_size(Some(max_len))
        .max_message_size(Some(max_len));
    let stream = Stream(Cursor::new(bytes));
    let mut socket = WebSocket::from_raw_socket(stream, Role::Server, Some(config));
    let mut received = Received::new();
    received.outcome = loop {
        match socket.read() {
            Ok(Message::Text(text)) => received.messages.push((true, Bytes::from(text).into())),
            Ok(Message::Binary(bytes)) => received.messages.push((false, bytes.into())),
            Ok(Message::Ping(payload)) => received.pings.push(payload.into()),
            Ok(Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(close)) => {
                let close = close.map(|c| {
                    let reason = Untrusted::from(c.reason.as_str());
                    (c.code.into(), reason.to_string())
                });
                // tungstenite returns its own reply to a Close whose code may not be sent.
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

/// Decodes `bytes` with [`MessageDecoder`], in chunks of the lengths `cuts`.
pub fn ours(mut bytes: &[u8], cuts: impl IntoIterator<Item = usize>, max_len: usize) -> Received {
    let mut decoder = MessageDecoder::new(max_len);
    let mut received = Received::new();
    let mut cuts = cuts.into_iter();
    while !bytes.is_empty() {
        let next = cuts.next().unwrap_or(bytes.len()).clamp(1, bytes.len());
        let mut chunk = BytesMut::from(&bytes[..next]);
        let decoded = match decoder.payload_buffer(TURN_SIZE) {
            None => {
                let decoded = decoder.decode(&mut chunk, |event| received.take(event));
                // The chunk keeps what is for the next turn.
                bytes = &bytes[next - chunk.len()..];
                decoded.map(drop)
            }
            Some(mut buffer) => {
                let count = chunk.len().min(buffer.remaining_mut());
                buffer.put_slice(&chunk[..count]);
                bytes = &bytes[count..];
                decoder.decode_payload(count, |event| received.take(event))
            }
        };
        match decoded {
            Ok(()) => {}
            Err(ReceiveError::Lost) => break,
            Err(ReceiveError::NotUtf8(_)) => received.outcome = Outcome::NotUtf8,
            Err(ReceiveError::Violated(_) | ReceiveError::TooLong { .. }) => {
                received.outcome = Outcome::Refused;
            }
        }
        if decoder.is_finished() {
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
                let close = close.map(|CloseFrame { code, reason }| (code, reason.to_string()));
                self.outcome = Outcome::Closed(close);
            }
        }
        Ok(())
    }
}

/// Stream that delivers bytes, and discards those written.
struct Stream<'a>(Cursor<&'a [u8]>);

impl Read for Stream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
