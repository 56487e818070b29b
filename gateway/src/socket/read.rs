//! Reading from many connections without a buffer for each, and writing in one call.

use std::cell::RefCell;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use protocol::{Decoder, FrameError, Gather};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::{poll_read_buf, poll_write_buf};

use crate::socket::spare;

/// How much is read at once, in bytes: thousands of short frames, or some long ones, for
/// one system call.
const CHUNK: usize = 256 * 1024;

/// How much more room there is than for a read: what is taken off the front of a buffer is
/// lost to it until it is moved back.
const SLACK: usize = LONG;

/// From this many bytes on, a payload is worth keeping where it is rather than copying:
/// the buffer goes out with it and is used again once it is written.
pub(crate) const LONG: usize = 16 * 1024;

thread_local! {
    /// Where all of a thread's reads land: a connection that waits has no buffer.
    static LANDING: RefCell<BytesMut> = RefCell::default();
}

/// Hands what is ready on `stream` to `take`, behind what was `kept` from before, in a
/// buffer that all connections share. What `take` leaves in it is kept; the second argument
/// is how many bytes are new, and nothing new is the end.
pub(crate) fn poll_land<T>(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    kept: &mut BytesMut,
    take: impl FnOnce(&mut BytesMut, usize) -> T,
) -> Poll<io::Result<T>> {
    if kept.len() >= LONG {
        // The rest of something long: straight to its place.
        spare::reserve(kept, CHUNK, CHUNK);
        let count = ready!(poll_read_buf(Pin::new(stream), cx, kept))?;
        return Poll::Ready(Ok(take(kept, count)));
    }
    LANDING.with_borrow_mut(|landing| {
        landing.clear();
        if !landing.try_reclaim(CHUNK) {
            *landing = spare::buffer(CHUNK + SLACK);
        }
        landing.extend_from_slice(kept);
        let mut room = (&mut *landing).limit(CHUNK);
        let count = ready!(poll_read_buf(Pin::new(stream), cx, &mut room))?;
        let taken = take(landing, count);
        *kept = if landing.is_empty() {
            BytesMut::new()
        } else if landing.len() < LONG {
            BytesMut::from(&landing[..])
        } else {
            // More of it is to come: it stays where it is.
            mem::take(landing)
        };
        Poll::Ready(Ok(taken))
    })
}

/// Reads what is ready on `stream`, and forgets it; returns how many bytes that were.
pub(crate) fn poll_discard(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let forget = |landed: &mut BytesMut, count| {
        landed.clear();
        count
    };
    poll_land(stream, cx, &mut BytesMut::new(), forget)
}

/// The payload of a frame or a message.
#[derive(Debug)]
pub(crate) enum Payload<'a> {
    /// To be copied: it is short, and in a buffer that is used again at once.
    InPlace(&'a [u8]),
    /// To be shared.
    Apart(Bytes),
}

impl AsRef<[u8]> for Payload<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::InPlace(payload) => payload,
            Self::Apart(payload) => payload,
        }
    }
}

/// Takes frames off the front of `input`, at most `most` of them, and hands their payloads
/// to `take`.
///
/// # Errors
/// What `take` fails with, or what is wrong with the frame that comes next.
pub(crate) fn each_payload<E: From<FrameError>>(
    decoder: &mut Decoder,
    input: &mut BytesMut,
    most: u64,
    mut take: impl FnMut(Payload<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if input.len() >= LONG {
        return each_long(decoder, input, most, take);
    }
    let mut rest = &input[..];
    let taken = each_in(decoder, &mut rest, most, |payload| {
        take(Payload::InPlace(payload))
    });
    let used = input.len() - rest.len();
    input.advance(used);
    taken
}

/// The same, where there is something long: what is worth it is shared.
fn each_long<E: From<FrameError>>(
    decoder: &mut Decoder,
    input: &mut BytesMut,
    most: u64,
    mut take: impl FnMut(Payload<'_>) -> Result<(), E>,
) -> Result<(), E> {
    // The beginning of a frame goes on growing where it is.
    if most == 0 || decoder.next_payload(&mut &input[..])?.is_none() {
        return Ok(());
    }
    let whole = spare::share(mem::take(input));
    let mut rest = &whole[..];
    let taken = each_in(decoder, &mut rest, most, |payload| {
        take(if payload.len() < Gather::COPY_BELOW {
            Payload::InPlace(payload)
        } else {
            Payload::Apart(whole.slice_ref(payload))
        })
    });
    input.extend_from_slice(rest);
    taken
}

#[inline]
fn each_in<'a, E: From<FrameError>>(
    decoder: &mut Decoder,
    rest: &mut &'a [u8],
    most: u64,
    mut take: impl FnMut(&'a [u8]) -> Result<(), E>,
) -> Result<(), E> {
    for _ in 0..most {
        match decoder.next_payload(rest)? {
            Some(payload) => take(payload)?,
            None => break,
        }
    }
    Ok(())
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
