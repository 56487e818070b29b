//! Server side of a WebSocket (RFC 6455).
//!
//! [`MessageDecoder`] turns bytes into events and [`FrameEncoder`] turns messages into bytes;
//! neither does I/O. [`WebSocket`] joins both to a stream. A short message needs no memory of
//! its own: it is unmasked, checked and passed on in the thread's read buffer.

mod close;
mod decoder;
pub(crate) mod deflate;
mod early_close;
mod encoder;
mod error;
mod fast_path;
mod header;
mod mask;
#[cfg(any(test, fuzzing))]
pub(crate) mod oracle;
mod partial_message;

use std::io;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::poll_read_buf;

use crate::buffer::pool::PooledBuffer;
use crate::buffer::read_buffer::{poll_read, take_rest, with_read_buffer};
use crate::buffer::sizes::TURN_SIZE;
use crate::buffer::turn::Turn;
use crate::buffer::write_batch::WriteBatch;
pub(crate) use crate::websocket::close::{CloseFrame, code};
pub(crate) use crate::websocket::decoder::Event;
use crate::websocket::decoder::MessageDecoder;
use crate::websocket::deflate::DeflateParams;
pub(crate) use crate::websocket::encoder::FrameEncoder;
pub(crate) use crate::websocket::error::{ProtocolError, ReceiveError, TextField};
pub(crate) use crate::websocket::partial_message::check_text;

/// WebSocket on a stream, after its handshake.
#[derive(Debug)]
pub(crate) struct WebSocket<S> {
    stream: S,
    /// Bytes that came together with the handshake, or are left for the next turn.
    unread: PooledBuffer,
    turn: Turn,
    decoder: MessageDecoder,
    output: WriteBatch<FrameEncoder>,
    /// Set if the stream may still hold bytes that were written to it.
    is_unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Creates a WebSocket for messages of at most `max_len` bytes. `early` was already read
    /// from `stream`.
    pub(crate) fn new(stream: S, early: &[u8], max_len: usize) -> Self {
        Self {
            stream,
            // Copied: a few bytes, or none, would hold on to the whole buffer.
            unread: BytesMut::from(early).into(),
            turn: Turn::default(),
            decoder: MessageDecoder::new(max_len),
            output: WriteBatch::new(FrameEncoder::default()),
            is_unflushed: false,
        }
    }

    /// Compresses messages, and accepts compressed ones.
    pub(crate) fn compress(&mut self, params: DeflateParams) {
        self.decoder.accept_compressed(params);
        self.output.begin().compress(params);
    }

    pub(crate) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Replaces the stream by what `map` makes of it.
    ///
    /// # Errors
    /// Those of `map`.
    pub(crate) fn try_map_stream(self, map: impl FnOnce(S) -> io::Result<S>) -> io::Result<Self> {
        let stream = map(self.stream)?;
        Ok(Self { stream, ..self })
    }

    /// Frames to send. They leave with the next [flush](Self::poll_flush).
    pub(crate) fn output(&mut self) -> &mut WriteBatch<FrameEncoder> {
        &mut self.output
    }

    /// Returns true if there is something to flush.
    pub(crate) fn needs_flush(&self) -> bool {
        self.is_unflushed || self.output.has_begun()
    }

    /// Reads once, and calls `on_event` with the events of one turn, in order, until it fails.
    pub(crate) fn poll_receive<E: From<ReceiveError>>(
        &mut self,
        cx: &mut Context<'_>,
        mut on_event: impl FnMut(Event<'_>, &mut WriteBatch<FrameEncoder>) -> Result<(), E>,
    ) -> Poll<Result<(), E>> {
        let (decoder, output) = (&mut self.decoder, &mut self.output);
        let on_event = |event: Event<'_>| on_event(event, output);
        if decoder.is_finished() {
            return Poll::Ready(Err(ReceiveError::Lost.into()));
        }
        ready!(self.turn.poll_next(cx));
        if decoder.is_inflating() {
            self.turn.count(TURN_SIZE, 0);
            return Poll::Ready(decoder.inflate(on_event));
        }
        if !self.unread.is_empty() {
            let mut unread = take(&mut self.unread);
            let frames = decoder.decode(&mut unread, on_event)?;
            self.turn.count(0, frames);
            if !unread.is_empty() {
                self.unread = unread;
            }
            return Poll::Ready(Ok(()));
        }
        if let Some(mut buffer) = decoder.payload_buffer(self.turn.size()) {
            let stream = Pin::new(&mut self.stream);
            return Poll::Ready(match ready!(poll_read_buf(stream, cx, &mut buffer)) {
                Ok(count @ 1..) => {
                    self.turn.count(count, 0);
                    decoder.decode_payload(count, on_event)
                }
                Ok(0) | Err(_) => Err(ReceiveError::Lost.into()),
            });
        }
        with_read_buffer(decoder.expected_len(), |buffer| {
            let read = poll_read(&mut self.stream, cx, buffer, self.turn.read_size());
            let Ok(len @ 1..) = ready!(read) else {
                return Poll::Ready(Err(ReceiveError::Lost.into()));
            };
            let frames = decoder.decode(buffer, on_event)?;
            self.turn.count(len - buffer.len(), frames);
            if !buffer.is_empty() {
                self.unread = take_rest(buffer);
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Writes all frames and flushes the stream.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ReceiveError>> {
        let on_write = || self.is_unflushed = true;
        let written = self.output.poll_write(&mut self.stream, cx, on_write);
        ready!(written).map_err(|_| ReceiveError::Lost)?;
        if self.is_unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(|_| ReceiveError::Lost)?;
            self.is_unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
