//! Reading from many connections without a buffer for each.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::poll_read_buf;

/// How much is read at once, in bytes: a few thousand short frames, or a part of a long
/// one, for one system call.
const CHUNK: usize = 64 * 1024;

thread_local! {
    /// Where a read lands whose length nobody knows beforehand. A connection waits for
    /// bytes without a buffer, and then takes one as long as they are.
    static LANDING: RefCell<Box<[u8]>> = RefCell::new(vec![0; CHUNK].into_boxed_slice());
}

/// Appends what is ready on `stream` to `buffer`, and returns how many bytes that were; 0
/// is the end.
pub(crate) fn poll_read(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    buffer: &mut BytesMut,
) -> Poll<io::Result<usize>> {
    if !buffer.is_empty() {
        // The rest of something that has begun, and may be long: straight to its place.
        buffer.reserve(CHUNK);
        return poll_read_buf(Pin::new(stream), cx, buffer);
    }
    LANDING.with_borrow_mut(|landing| {
        let mut landed = ReadBuf::new(landing);
        ready!(Pin::new(stream).poll_read(cx, &mut landed))?;
        buffer.extend_from_slice(landed.filled());
        Poll::Ready(Ok(landed.filled().len()))
    })
}

/// Gives the memory of a buffer back that has been used up.
pub(crate) fn release(buffer: &mut BytesMut) {
    if buffer.is_empty() {
        *buffer = BytesMut::new();
    }
}
