//! Reading from many connections without a buffer for each, and writing in one call.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::{poll_read_buf, poll_write_buf};

use crate::socket::spare;

/// How much is read at once, in bytes: thousands of short frames, or some long ones, for
/// one system call.
pub(crate) const CHUNK: usize = 256 * 1024;

/// From this many bytes on, a payload is worth keeping where it is rather than copying:
/// the buffer goes out with it and is used again once it is written.
pub(crate) const LONG: usize = 16 * 1024;

thread_local! {
    /// Where all of a thread's reads land: a connection that waits has no buffer.
    static LANDING: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

/// Reads what is ready on `stream`, behind `kept`, to a buffer that all connections share,
/// and that is to be [given back](take_back); or to spare memory, where so many bytes are
/// expected that they don't fit that. `None` is the stream's end.
pub(crate) fn poll_land(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    kept: &[u8],
    expects: usize,
) -> Poll<io::Result<Option<BytesMut>>> {
    let mut landing = landing(expects);
    landing.extend_from_slice(kept);
    let mut room = (&mut landing).limit(CHUNK - kept.len());
    match poll_read_buf(Pin::new(stream), cx, &mut room) {
        Poll::Ready(Ok(1..)) => Poll::Ready(Ok(Some(landing))),
        nothing => {
            take_back(landing);
            nothing.map_ok(|_| None)
        }
    }
}

fn landing(expects: usize) -> BytesMut {
    let for_all = match expects {
        0..=CHUNK => None,
        _ => spare::fitting(expects),
    };
    for_all
        .or_else(|| LANDING.take())
        .unwrap_or_else(|| spare::buffer(CHUNK))
}

/// Takes a buffer back that was read to.
pub(crate) fn take_back(mut landed: BytesMut) {
    landed.clear();
    // Memory of which others have a part is theirs.
    if !landed.try_reclaim(CHUNK) {
        return;
    }
    match LANDING.take() {
        None => LANDING.set(Some(landed)),
        there => {
            LANDING.set(there);
            spare::keep(landed);
        }
    }
}

/// Reads what is ready on `stream`, and forgets it; returns whether that was the end.
pub(crate) fn poll_discard(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
) -> Poll<io::Result<bool>> {
    let landed = ready!(poll_land(stream, cx, &[], 0))?;
    Poll::Ready(Ok(landed.map(take_back).is_none()))
}

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
