//! Writing a buffer, in one system call where the stream takes all of it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use tokio::io::AsyncWrite;
use tokio_util::io::poll_write_buf;

/// Writes all of `buffer`; calls `wrote` whenever `stream` takes some of it.
pub(crate) fn poll_write_all(
    stream: &mut (impl AsyncWrite + Unpin),
    cx: &mut Context<'_>,
    buffer: &mut impl Buf,
    mut wrote: impl FnMut(),
) -> Poll<io::Result<()>> {
    while buffer.has_remaining() {
        if ready!(poll_write(stream, cx, buffer))? == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        wrote();
    }
    Poll::Ready(Ok(()))
}

/// Writes from `buffer` what `stream` takes, and returns how much that was.
fn poll_write(
    stream: &mut (impl AsyncWrite + Unpin),
    cx: &mut Context<'_>,
    buffer: &mut impl Buf,
) -> Poll<io::Result<usize>> {
    let stream = Pin::new(stream);
    if buffer.chunk().len() < buffer.remaining() {
        return poll_write_buf(stream, cx, buffer);
    }
    // A single piece is cheaper to write than a list of one.
    let count = ready!(stream.poll_write(cx, buffer.chunk()))?;
    buffer.advance(count);
    Poll::Ready(Ok(count))
}
