//! Read buffer: one for all connections of a thread, lent for the time of one read.

use std::cell::RefCell;
use std::io;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut, BytesMut};
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;

use crate::buffer::pool::{PooledBuffer, take_or_allocate, take_pooled};
use crate::buffer::sizes::{READ_SIZE, SHARE_FROM};

thread_local! {
    static READ_BUFFER: RefCell<Option<BytesMut>> = const { RefCell::new(None) };
}

/// Calls `read` with an empty buffer: the thread's, or a pooled one for `expected_len` bytes if
/// they are more than [`READ_SIZE`].
///
/// `read` takes the bytes that it keeps, or copies them: the buffer is then used again. It must
/// not call this function.
#[inline]
pub(crate) fn with_read_buffer<T>(expected_len: usize, read: impl FnOnce(&mut BytesMut) -> T) -> T {
    READ_BUFFER.with_borrow_mut(|own| {
        let mut pooled = match expected_len {
            0..=READ_SIZE => None,
            _ => take_pooled(expected_len),
        };
        let buffer = match &mut pooled {
            Some(pooled) => pooled,
            None => usable(own),
        };
        read(buffer)
    })
}

/// Reads up to `len` bytes to the end of `buffer`; 0 is the end of the stream.
#[inline]
pub(crate) fn poll_read(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    buffer: &mut BytesMut,
    len: usize,
) -> Poll<io::Result<usize>> {
    poll_read_buf(Pin::new(stream), cx, &mut buffer.limit(len))
}

/// Takes the bytes that are left in `buffer`, without a copy if they are many.
#[cold]
pub(crate) fn take_rest(buffer: &mut BytesMut) -> PooledBuffer {
    match buffer.len() {
        0..SHARE_FROM => BytesMut::from(&buffer[..]).into(),
        _ => take(buffer).into(),
    }
}

/// Returns the thread's buffer with memory for one read, and without bytes.
#[inline]
fn usable(own: &mut Option<BytesMut>) -> &mut BytesMut {
    let buffer = own.get_or_insert_default();
    buffer.clear();
    if buffer.capacity() < READ_SIZE {
        renew(buffer);
    }
    buffer
}

/// Makes memory for one read usable again, or replaces it while payloads share it, whose it is
/// then.
#[cold]
fn renew(buffer: &mut BytesMut) {
    if !buffer.try_reclaim(READ_SIZE) {
        *buffer = take_or_allocate(READ_SIZE).into_inner();
    }
}
