//! Read buffer: one for all connections of a thread, lent for the time of one read.

use std::cell::Cell;
use std::io;
use std::mem::take;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut, BytesMut};
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;

use crate::buffer::pool::{PooledBuffer, take_or_allocate, take_pooled};
use crate::buffer::sizes::{READ_SIZE, SHARE_FROM};

thread_local! {
    static READ_BUFFER: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

/// The thread's read buffer, or a pooled one; returned when it is dropped.
#[derive(Debug)]
pub(crate) struct ReadBuffer(BytesMut);

impl ReadBuffer {
    /// Reads up to `read_size` bytes into the thread's read buffer, after a copy of `partial`.
    /// If more than [`READ_SIZE`] bytes are expected, reads into a pooled buffer for all of
    /// them if there is one. Returns `None` at the end of the stream.
    pub(crate) fn poll_read(
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
        partial: &[u8],
        expected_len: usize,
        read_size: usize,
    ) -> Poll<io::Result<Option<Self>>> {
        let for_all = match expected_len {
            0..=READ_SIZE => None,
            _ => take_pooled(expected_len).map(PooledBuffer::into_inner),
        };
        let buffer = for_all.or_else(|| READ_BUFFER.take());
        let mut buffer = Self(buffer.unwrap_or_else(|| take_or_allocate(READ_SIZE).into_inner()));
        buffer.extend_from_slice(partial);
        let mut free = (&mut *buffer).limit(read_size.min(READ_SIZE - partial.len()));
        let read = poll_read_buf(Pin::new(stream), cx, &mut free);
        read.map_ok(|count| (count > 0).then_some(buffer))
    }

    /// Takes the bytes that are left, without a copy if they are many.
    #[cold]
    pub(crate) fn take_rest(&mut self) -> PooledBuffer {
        match self.0.len() {
            0..SHARE_FROM => PooledBuffer::from(BytesMut::from(&self.0[..])),
            _ => take(&mut self.0).into(),
        }
    }
}

impl From<PooledBuffer> for ReadBuffer {
    fn from(buffer: PooledBuffer) -> Self {
        Self(buffer.into_inner())
    }
}

impl Deref for ReadBuffer {
    type Target = BytesMut;

    fn deref(&self) -> &BytesMut {
        &self.0
    }
}

impl DerefMut for ReadBuffer {
    fn deref_mut(&mut self) -> &mut BytesMut {
        &mut self.0
    }
}

impl Drop for ReadBuffer {
    #[inline]
    fn drop(&mut self) {
        self.0.clear();
        // Fails while payloads share the memory, which is theirs then.
        if self.0.try_reclaim(READ_SIZE) {
            let buffer = take(&mut self.0);
            let second = READ_BUFFER.with(|own| own.replace(Some(buffer)));
            // The pool takes what a thread has no use for.
            drop(second.map(PooledBuffer::from));
        }
    }
}
