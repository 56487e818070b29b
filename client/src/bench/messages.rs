//! What is sent and what has to come back, laid out beforehand.

use std::io::IoSlice;

use bytes::{Buf, Bytes};
use protocol::MessageKind;
use protocol::{Encoder, FrameError, Framing};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// About how many bytes of different messages are prepared: what a processor's second
/// cache holds, so that the load does not wait for memory.
const PREPARED_LEN: usize = 64 * 1024;

/// How messages look on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) payload_len: usize,
    pub(super) framing: Framing,
    pub(super) carriage: Carriage,
}

/// What carries a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carriage {
    /// A frame on a byte stream.
    Frames,
    /// A WebSocket message.
    Message(MessageKind),
    /// A frame, on a byte stream that is cut into WebSocket messages anywhere.
    Stream,
}

/// Messages that differ from each other, and the replies to them; both are sent and
/// expected over and over in the same order.
pub(super) struct Messages {
    pub(super) requests: Ring,
    /// With frames, if a byte stream carries them; the payloads alone, if a WebSocket
    /// message is a message.
    pub(super) replies: Ring,
    /// Whether a reply has to be a WebSocket message.
    pub(super) whole: bool,
}

/// Messages of one length, joined.
pub(super) struct Ring {
    bytes: Vec<u8>,
    message_len: usize,
    count: usize,
}

impl Messages {
    /// Lays out messages whose replies have `prefix` before the payload.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if the framing cannot announce their length.
    pub(super) fn prepare(shape: Shape, prefix: &[u8]) -> Result<Self, FrameError> {
        let count = count(shape.payload_len);
        let payloads = || (0..count).map(|index| payload(index, shape.payload_len));
        let requests: Result<Vec<_>, _> = payloads()
            .enumerate()
            .map(|(index, payload)| shape.request(index, payload))
            .collect();
        let whole = shape.is_whole();
        let reply = |payload: Bytes| {
            let reply = [prefix, &payload].concat();
            if whole {
                Ok(reply)
            } else {
                frame(shape.framing, reply.into())
            }
        };
        let replies: Result<Vec<_>, _> = payloads().map(reply).collect();
        Ok(Self {
            requests: Ring::of(&requests?),
            replies: Ring::of(&replies?),
            whole,
        })
    }
}

impl Shape {
    /// Whether a reply is a WebSocket message.
    fn is_whole(self) -> bool {
        matches!(self.carriage, Carriage::Message(_))
    }

    fn request(self, index: usize, payload: Bytes) -> Result<Vec<u8>, FrameError> {
        let message = |payload: Bytes, kind| masked(Frame::message(payload, kind, true), index);
        Ok(match self.carriage {
            Carriage::Frames => frame(self.framing, payload)?,
            Carriage::Stream => {
                let frame = frame(self.framing, payload)?;
                message(frame.into(), OpCode::Data(Data::Binary))
            }
            Carriage::Message(MessageKind::Text) => message(payload, OpCode::Data(Data::Text)),
            Carriage::Message(MessageKind::Binary) => message(payload, OpCode::Data(Data::Binary)),
        })
    }
}

impl Ring {
    fn of(messages: &[Vec<u8>]) -> Self {
        Self {
            bytes: messages.concat(),
            message_len: messages[0].len(),
            count: messages.len(),
        }
    }

    pub(super) fn message_len(&self) -> usize {
        self.message_len
    }

    /// Where the message of this number begins, counted on past the last.
    pub(super) fn start_of(&self, message: usize) -> usize {
        message % self.count * self.message_len
    }

    /// What comes at `at`, up to the end of the ring.
    pub(super) fn from(&self, at: usize) -> &[u8] {
        &self.bytes[at..]
    }

    /// The `len` bytes that come at `at`, or as many of them as a round has.
    pub(super) fn slices(&self, at: usize, len: usize) -> [IoSlice<'_>; 2] {
        let to_end = &self.bytes[at..];
        let front = &to_end[..len.min(to_end.len())];
        let back = &self.bytes[..(len - front.len()).min(at)];
        [IoSlice::new(front), IoSlice::new(back)]
    }

    /// Where one is, `count` bytes after `at`.
    pub(super) fn after(&self, at: usize, count: usize) -> usize {
        let next = at + count;
        if next < self.bytes.len() {
            next
        } else {
            next - self.bytes.len()
        }
    }
}

/// Two at least, so that a reply in the wrong place can be told from one in its own.
fn count(payload_len: usize) -> usize {
    (PREPARED_LEN / payload_len.max(1)).clamp(2, 1024)
}

/// Letters and digits that look like chance, and are the same each time.
pub(super) fn payload(index: usize, len: usize) -> Bytes {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";
    let mut state = index as u64;
    let letters = std::iter::repeat_with(|| {
        // Knuth's MMIX generator; its upper bits are the good ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        LETTERS[(state >> 59) as usize]
    });
    letters.take(len).collect()
}

fn frame(framing: Framing, payload: Bytes) -> Result<Vec<u8>, FrameError> {
    let mut encoder = Encoder::new(framing);
    encoder.push([payload])?;
    let mut frame = vec![0; encoder.remaining()];
    encoder.copy_to_slice(&mut frame);
    Ok(frame)
}

/// A client's frame, under a mask of its own (RFC 6455, section 5.3).
pub(super) fn masked(mut frame: Frame, index: usize) -> Vec<u8> {
    let scattered = (index as u32).wrapping_add(1).wrapping_mul(0x9e37_79b9);
    frame.header_mut().mask = Some(scattered.to_ne_bytes());
    let mut bytes = Vec::with_capacity(frame.len());
    frame
        .format(&mut bytes)
        .expect("memory takes what is written");
    bytes
}
