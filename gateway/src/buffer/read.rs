//! Reading from many connections without a buffer for each, and writing in one call.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, BytesMut};
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;

use crate::buffer::pool;
use crate::buffer::sizes::READ_SIZE;

thread_local! {
    /// Where all of a thread's reads land: a connection that waits has no buffer.
    static LANDING: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

/// Reads what is ready on `stream`, behind `kept`, to a buffer that all connections share,
/// and that is to be [given back](take_back); or to spare memory, where so many bytes are
/// expected that they don't fit that. `None` is the stream's end.
pub(crate) fn poll_read_shared(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    kept: &[u8],
    expects: usize,
) -> Poll<io::Result<Option<BytesMut>>> {
    let mut landing = landing(expects);
    landing.extend_from_slice(kept);
    let mut room = (&mut landing).limit(READ_SIZE - kept.len());
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
        0..=READ_SIZE => None,
        _ => pool::fitting(expects),
    };
    for_all
        .or_else(|| LANDING.take())
        .unwrap_or_else(|| pool::buffer(READ_SIZE))
}

/// Takes a buffer back that was read to.
pub(crate) fn take_back(mut landed: BytesMut) {
    landed.clear();
    // Memory of which others have a part is theirs.
    if !landed.try_reclaim(READ_SIZE) {
        return;
    }
    match LANDING.take() {
        None => LANDING.set(Some(landed)),
        there => {
            LANDING.set(there);
            pool::keep(landed);
        }
    }
}

/// Reads what is ready on `stream`, and forgets it; returns whether that was the end.
pub(crate) fn poll_discard(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
) -> Poll<io::Result<bool>> {
    let landed = ready!(poll_read_shared(stream, cx, &[], 0))?;
    Poll::Ready(Ok(landed.map(take_back).is_none()))
}
