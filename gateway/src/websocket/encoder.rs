//! Frames for a client, laid out for writing.

use std::io::IoSlice;

use bytes::{Buf, Bytes, BytesMut};
use protocol::MessageKind;
use protocol::WriteQueue;

use crate::buffer::payload::Payload;
use crate::websocket::CloseFrame;
use crate::websocket::header::{BINARY, CLOSE, FIN, PING, PONG, TEXT};

/// Frames on their way out: what was pushed and not yet written.
///
/// Short payloads are gathered into one piece with the headers; long ones stay where they
/// are.
#[derive(Debug, Default)]
pub(crate) struct FrameEncoder {
    bytes: WriteQueue,
    /// Whether there is a pong among them.
    has_pong: bool,
}

impl FrameEncoder {
    /// Has `buffer` for short frames, if it has no memory for them yet.
    pub(crate) fn set_buffer(&mut self, buffer: BytesMut) {
        self.bytes.set_buffer(buffer);
    }

    /// Gives the memory away that short frames were in, once all is written.
    pub(crate) fn take_buffer(&mut self) -> BytesMut {
        self.bytes.take_buffer()
    }

    /// A message.
    #[inline]
    pub(crate) fn push(&mut self, kind: MessageKind, payload: Payload<'_>) {
        let opcode = match kind {
            MessageKind::Text => TEXT,
            MessageKind::Binary => BINARY,
        };
        match payload {
            Payload::Shared(payload) if payload.len() >= WriteQueue::COPY_BELOW => {
                self.share(opcode, payload);
            }
            payload => self.push_frame(opcode, payload.as_ref()),
        }
    }

    /// A ping, which asks for a sign of life.
    pub(crate) fn push_ping(&mut self) {
        self.push_frame(PING, b"");
    }

    /// The answer to a ping with `payload`.
    pub(crate) fn push_pong(&mut self, payload: &[u8]) {
        self.push_frame(PONG, payload);
        self.has_pong = true;
    }

    /// The last frame of all.
    pub(crate) fn push_close(&mut self, close: Option<&CloseFrame>) {
        let payload = close.map(|close| {
            let code = close.code.to_be_bytes();
            [&code, close.reason.as_bytes()].concat()
        });
        self.push_frame(CLOSE, &payload.unwrap_or_default());
    }

    /// Whether a pong waits to be written.
    pub(crate) fn has_pong(&self) -> bool {
        self.has_pong
    }

    #[inline(never)]
    fn share(&mut self, opcode: u8, payload: Bytes) {
        self.push_header(opcode, payload.len());
        self.bytes.share(payload);
    }

    #[inline]
    fn push_frame(&mut self, opcode: u8, payload: &[u8]) {
        self.push_header(opcode, payload.len());
        self.bytes.copy(payload);
    }

    /// A server's frames are not masked (RFC 6455, section 5.1).
    #[inline]
    fn push_header(&mut self, opcode: u8, len: usize) {
        let first = FIN | opcode;
        match len {
            0..=125 => self.bytes.copy(&[first, len as u8]),
            _ => self.push_long_header(first, len),
        }
    }

    #[inline(never)]
    fn push_long_header(&mut self, first: u8, len: usize) {
        match u16::try_from(len) {
            Ok(len) => {
                let [a, b] = len.to_be_bytes();
                self.bytes.copy(&[first, 126, a, b]);
            }
            Err(_) => {
                self.bytes.copy(&[first, 127]);
                self.bytes.copy(&(len as u64).to_be_bytes());
            }
        }
    }
}

impl Buf for FrameEncoder {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.bytes.chunks_vectored(slices)
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        self.has_pong &= self.has_remaining();
    }
}
