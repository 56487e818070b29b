//! Requests and expected replies, prepared before the load.

use std::io::IoSlice;

use bytes::Bytes;
use protocol::resumable::client_head;
use protocol::{FrameError, Framing, MessageKind};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::bench::error::BenchError;
use crate::bench::sized::{self, encode};

/// The length of all prepared messages, about, in bytes: they fit the L2 cache, so that the
/// load does not wait for memory.
const PREPARED_LEN: usize = 64 * 1024;

/// The format of messages on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct MessageFormat {
    pub(super) payload_len: usize,
    pub(super) framing: Framing,
    pub(super) transport: Transport,
    /// Set for a resumable session, in which a message has a head.
    pub(super) resumable: bool,
}

/// The transport of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// A frame on a byte stream.
    Stream,
    /// One WebSocket message.
    WebSocketMessage(MessageKind),
    /// A frame on a byte stream, of which WebSocket messages are chunks.
    WebSocketStream,
}

/// Messages that differ from each other, and the replies to them. Both repeat in a ring.
pub(super) struct Messages {
    pub(super) requests: MessageRing,
    /// Frames if the transport is a byte stream, payloads if it is WebSocket messages.
    pub(super) replies: MessageRing,
    /// Set if each reply has to be one WebSocket message.
    pub(super) replies_are_messages: bool,
}

/// Messages of one length, back to back; after the last, the first follows.
pub(super) struct MessageRing {
    bytes: Vec<u8>,
    message_len: usize,
    count: usize,
}

impl Messages {
    /// Prepares messages whose replies have `prefix` before the payload.
    ///
    /// # Errors
    /// [`BenchError`] if the framing cannot carry a request or a reply.
    pub(super) fn prepare(format: MessageFormat, prefix: &[u8]) -> Result<Self, BenchError> {
        let count = count(format.payload_len);
        let payload = |index| sized::message(format.framing, index, format.payload_len);
        let payloads = (0..count).map(payload).collect::<Result<Vec<Bytes>, _>>()?;
        let requests: Result<Vec<_>, _> = (0..count)
            .map(|index| format.request(index, payloads[index].clone()))
            .collect();
        let replies_are_messages = matches!(format.transport, Transport::WebSocketMessage(_));
        let reply = |payload: Bytes| {
            let reply = [prefix, &payload].concat();
            if replies_are_messages {
                Ok(reply)
            } else {
                encode(format.framing, reply.into())
            }
        };
        let replies: Result<Vec<_>, _> = payloads.into_iter().map(reply).collect();
        Ok(Self {
            requests: MessageRing::new(&requests?),
            replies: MessageRing::new(&replies?),
            replies_are_messages,
        })
    }
}

impl MessageFormat {
    /// Returns the bytes of the request at `index`.
    fn request(self, index: usize, payload: Bytes) -> Result<Vec<u8>, FrameError> {
        let message = |payload: Bytes, data| {
            let (payload, data) = match self.resumable {
                true => (with_head(&payload, data), Data::Binary),
                false => (payload, data),
            };
            masked_frame(Frame::message(payload, OpCode::Data(data), true), index)
        };
        Ok(match self.transport {
            Transport::Stream => encode(self.framing, payload)?,
            Transport::WebSocketStream => {
                message(encode(self.framing, payload)?.into(), Data::Binary)
            }
            Transport::WebSocketMessage(MessageKind::Text) => message(payload, Data::Text),
            Transport::WebSocketMessage(MessageKind::Binary) => message(payload, Data::Binary),
        })
    }
}

impl MessageRing {
    fn new(messages: &[Vec<u8>]) -> Self {
        Self {
            bytes: messages.concat(),
            message_len: messages[0].len(),
            count: messages.len(),
        }
    }

    pub(super) fn message_len(&self) -> usize {
        self.message_len
    }

    /// The position of a message, whose number may be past the last.
    pub(super) fn start_of(&self, message: usize) -> usize {
        message % self.count * self.message_len
    }

    /// The bytes from `position` to the end of the last message.
    pub(super) fn from(&self, position: usize) -> &[u8] {
        &self.bytes[position..]
    }

    /// The next `len` bytes from `position` on, or as many as the ring has.
    pub(super) fn slices(&self, position: usize, len: usize) -> [IoSlice<'_>; 2] {
        let to_end = &self.bytes[position..];
        let front = &to_end[..len.min(to_end.len())];
        let back = &self.bytes[..(len - front.len()).min(position)];
        [IoSlice::new(front), IoSlice::new(back)]
    }

    /// The position `count` bytes after `position`.
    pub(super) fn advance(&self, position: usize, count: usize) -> usize {
        let next = position + count;
        if next < self.bytes.len() {
            next
        } else {
            next - self.bytes.len()
        }
    }
}

/// Returns a message of a resumable session.
pub(super) fn with_head(payload: &[u8], data: Data) -> Bytes {
    let kind = match data {
        Data::Text => MessageKind::Text,
        _ => MessageKind::Binary,
    };
    [&client_head(kind)[..], payload].concat().into()
}

/// The number of messages: at least two, so that replies in the wrong order are detected.
fn count(payload_len: usize) -> usize {
    (PREPARED_LEN / payload_len.max(1)).clamp(2, 1024)
}

/// Returns the bytes of a client's frame, with a masking key by `index` (RFC 6455, section 5.3).
pub(super) fn masked_frame(mut frame: Frame, index: usize) -> Vec<u8> {
    let key = (index as u32).wrapping_add(1).wrapping_mul(0x9e37_79b9);
    frame.header_mut().mask = Some(key.to_ne_bytes());
    let mut bytes = Vec::with_capacity(frame.len());
    frame
        .format(&mut bytes)
        .expect("writing to a Vec cannot fail");
    bytes
}
