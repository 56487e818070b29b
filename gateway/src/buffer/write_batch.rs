//! Write batch: frames encoded into the thread's batch buffer, then written in one call.

use std::cell::Cell;
use std::io;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use protocol::Encoder;
use tokio::io::AsyncWrite;
use tokio_util::io::poll_write_buf;

use crate::buffer::sizes::BATCH_SIZE;
use crate::buffer::turn::Turn;

thread_local! {
    static BATCH_BUFFER: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

/// Encoder whose copies go to a buffer that is lent to it.
pub(crate) trait LendBuffer: Buf {
    /// Sets the buffer that copies go to, unless there is one already.
    fn set_buffer(&mut self, buffer: BytesMut);

    /// Takes the buffer back once all bytes are written; returns an empty one until then.
    fn take_buffer(&mut self) -> BytesMut;
}

impl LendBuffer for Encoder {
    fn set_buffer(&mut self, buffer: BytesMut) {
        self.set_buffer(buffer);
    }

    fn take_buffer(&mut self) -> BytesMut {
        self.take_buffer()
    }
}

/// Encoder that has the thread's batch buffer from the first frame on until all is written.
///
/// Its encoder is read through `Deref`, and written to after [`begin`](Self::begin) only.
#[derive(Debug)]
pub(crate) struct WriteBatch<E> {
    encoder: E,
    has_buffer: bool,
    turn: Turn,
}

impl<E: LendBuffer> WriteBatch<E> {
    pub(crate) fn new(encoder: E) -> Self {
        Self {
            encoder,
            has_buffer: false,
            turn: Turn::default(),
        }
    }

    /// Returns true if a batch has begun and is not yet written.
    #[inline]
    pub(crate) fn has_begun(&self) -> bool {
        self.has_buffer
    }

    /// Returns the encoder to push frames to; begins a batch if none has begun.
    #[inline]
    pub(crate) fn begin(&mut self) -> &mut E {
        if !self.has_buffer {
            self.lend_buffer();
        }
        &mut self.encoder
    }

    /// Writes all frames, and returns the buffer; calls `on_write` whenever `stream` takes
    /// some bytes.
    pub(crate) fn poll_write(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
        mut on_write: impl FnMut(),
    ) -> Poll<io::Result<()>> {
        if !self.has_buffer {
            return Poll::Ready(Ok(()));
        }
        while self.encoder.has_remaining() {
            ready!(self.turn.poll_next(cx));
            let stream = Pin::new(&mut *stream);
            let most = self.turn.size();
            let chunk = self.encoder.chunk();
            let count = if chunk.len() < self.encoder.remaining() {
                let turn = &mut (&mut self.encoder).take(most);
                ready!(poll_write_buf(stream, cx, turn))?
            } else {
                let chunk = &chunk[..chunk.len().min(most)];
                // A single slice is cheaper to write than a list of one.
                let count = ready!(stream.poll_write(cx, chunk))?;
                self.encoder.advance(count);
                count
            };
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.turn.count(count, 0);
            on_write();
        }
        self.return_buffer();
        Poll::Ready(Ok(()))
    }

    #[inline]
    fn lend_buffer(&mut self) {
        let buffer = BATCH_BUFFER.take();
        self.encoder
            .set_buffer(buffer.unwrap_or_else(|| BytesMut::with_capacity(BATCH_SIZE)));
        self.has_buffer = true;
    }

    #[inline]
    fn return_buffer(&mut self) {
        self.has_buffer = false;
        let mut buffer = self.encoder.take_buffer();
        // Fails if the buffer is still shared.
        if buffer.try_reclaim(BATCH_SIZE) {
            BATCH_BUFFER.with(|own| own.replace(Some(buffer)));
        }
    }
}

impl<E> Deref for WriteBatch<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.encoder
    }
}
