//! Frame encoder: lays out frames for a client.

use std::io::IoSlice;

use bytes::{Buf, Bytes, BytesMut};
use protocol::{MessageKind, Payload, WriteQueue};

use crate::buffer::sizes::COPY_BELOW;
use crate::buffer::write_batch::LendBuffer;
use crate::websocket::close::CloseFrame;
use crate::websocket::deflate::{DeflateParams, Deflater};
use crate::websocket::header::{BINARY, CLOSE, COMPRESSED, FIN, PING, PONG, TEXT};

/// Encoder of frames: a [`Buf`] of those pushed and not yet written.
///
/// Headers and short payloads are copied into one slice; long payloads are shared.
#[derive(Debug, Default)]
pub(crate) struct FrameEncoder {
    queue: WriteQueue,
    /// Set if there is a Pong among the frames.
    has_pong: bool,
    /// Compressor, if both sides agreed on compression.
    deflater: Option<Box<Deflater>>,
}

impl FrameEncoder {
    /// Compresses messages from now on.
    pub(crate) fn compress(&mut self, params: DeflateParams) {
        self.deflater = Some(Box::new(Deflater::new(params)));
    }

    /// Appends a message with a copy of its payload.
    #[inline]
    pub(crate) fn push_copy(&mut self, kind: MessageKind, payload: &[u8]) {
        if self.deflater.is_none() || !self.push_compressed(opcode(kind), &[payload]) {
            self.push_frame(opcode(kind), payload);
        }
    }

    /// Appends a message. A long payload is shared, not copied.
    // Not inlined: a loop over short payloads should inline the copy alone.
    #[inline(never)]
    pub(crate) fn push(&mut self, kind: MessageKind, payload: Payload<'_>) {
        if self.deflater.is_some() && self.push_compressed(opcode(kind), &[&payload]) {
            return;
        }
        match payload {
            Payload::Shared(payload) if payload.len() >= COPY_BELOW => {
                self.push_header(opcode(kind), payload.len());
                self.queue.share(payload);
            }
            payload => self.push_frame(opcode(kind), &payload),
        }
    }

    /// Appends a binary message of two parts: `copied`, and then `shared`, which is long.
    #[inline]
    pub(crate) fn push_parts(&mut self, copied: &[u8], shared: Option<Bytes>) {
        if self.deflater.is_some() {
            let shared = shared.as_deref().unwrap_or_default();
            if self.push_compressed(BINARY, &[copied, shared]) {
                return;
            }
        }
        let len = copied.len() + shared.as_ref().map_or(0, Bytes::len);
        self.push_header(BINARY, len);
        self.queue.copy(copied);
        if let Some(shared) = shared {
            self.queue.share(shared);
        }
    }

    /// Appends a binary message: `head`, and a copy of `payload`.
    // Always inlined: a copy of a head, whose length is known, then needs no call.
    #[inline(always)]
    pub(crate) fn push_with_head<const HEAD: usize>(&mut self, head: &[u8; HEAD], payload: &[u8]) {
        if self.deflater.is_none() || !self.push_compressed(BINARY, &[head, payload]) {
            self.push_header(BINARY, HEAD + payload.len());
            self.queue.copy(head);
            self.queue.copy(payload);
        }
    }

    /// Appends a keep-alive ping.
    pub(crate) fn push_ping(&mut self) {
        self.push_frame(PING, b"");
    }

    /// Appends the reply to a Ping with `payload`.
    pub(crate) fn push_pong(&mut self, payload: &[u8]) {
        self.push_frame(PONG, payload);
        self.has_pong = true;
    }

    /// Appends a Close, the last frame of all.
    pub(crate) fn push_close(&mut self, close: Option<&CloseFrame>) {
        let payload = close.map(|close| {
            let code = close.code.to_be_bytes();
            [&code, close.reason_text().as_bytes()].concat()
        });
        self.push_frame(CLOSE, &payload.unwrap_or_default());
    }

    /// Returns true if a Pong is not yet written.
    pub(crate) fn has_pong(&self) -> bool {
        self.has_pong
    }

    #[inline]
    fn push_frame(&mut self, opcode: u8, payload: &[u8]) {
        self.push_header(opcode, payload.len());
        self.queue.copy(payload);
    }

    /// Appends a message in compressed form. Returns false if it is to be sent as it is.
    #[inline(never)]
    fn push_compressed(&mut self, opcode: u8, parts: &[&[u8]]) -> bool {
        let Some(mut deflater) = self.deflater.take() else {
            return false;
        };
        let is_pushed = deflater.compress(parts, |compressed| {
            self.push_frame(COMPRESSED | opcode, compressed);
        });
        self.deflater = Some(deflater);
        is_pushed
    }

    /// Appends a header without a mask (RFC 6455, section 5.1).
    #[inline]
    fn push_header(&mut self, opcode: u8, len: usize) {
        let first = FIN | opcode;
        match len {
            0..=125 => self.queue.copy(&[first, len as u8]),
            _ => self.push_long_header(first, len),
        }
    }

    #[inline(never)]
    fn push_long_header(&mut self, first: u8, len: usize) {
        match u16::try_from(len) {
            Ok(len) => {
                let [a, b] = len.to_be_bytes();
                self.queue.copy(&[first, 126, a, b]);
            }
            Err(_) => {
                self.queue.copy(&[first, 127]);
                self.queue.copy(&(len as u64).to_be_bytes());
            }
        }
    }
}

fn opcode(kind: MessageKind) -> u8 {
    match kind {
        MessageKind::Text => TEXT,
        MessageKind::Binary => BINARY,
    }
}

impl LendBuffer for FrameEncoder {
    fn set_buffer(&mut self, buffer: BytesMut) {
        self.queue.set_buffer(buffer);
    }

    fn take_buffer(&mut self) -> BytesMut {
        self.queue.take_buffer()
    }
}

/// The frames pushed and not yet written.
impl Buf for FrameEncoder {
    fn remaining(&self) -> usize {
        self.queue.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.queue.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.queue.chunks_vectored(slices)
    }

    fn advance(&mut self, count: usize) {
        self.queue.advance(count);
        self.has_pong &= self.has_remaining();
    }
}
