//! Reading from many connections without a buffer for each, and writing in one call.

use std::cell::Cell;
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

/// From this many bytes on, a payload is worth keeping where it is rather than copying:
/// the buffer goes out with it and is used again once it is written.
pub(crate) const LONG: usize = 16 * 1024;

thread_local! {
    /// Where all of a thread's reads land: a connection that waits has no buffer.
    static LANDING: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

/// The bytes of a stream of frames that were read and are no whole frame yet.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    kept: BytesMut,
    /// How long the frame is that has begun, or the next one may be, if it is long.
    expects: usize,
}

impl Inbox {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.kept
    }

    /// Reads what is ready on `stream`, behind what was kept. What is left of it goes back
    /// [to be kept](Self::keep). `None` is the stream's end.
    pub(crate) fn poll_read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<BytesMut>>> {
        if self.kept.len() >= LONG {
            return self.poll_rest(stream, cx);
        }
        let landed = ready!(poll_land(stream, cx, &self.kept, self.expects))?;
        if landed.as_ref().is_some_and(|landed| landed.len() < LONG) {
            self.expects = 0;
        }
        Poll::Ready(Ok(landed))
    }

    /// Reads more of something long: straight to its place.
    fn poll_rest(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<BytesMut>>> {
        let left = self.expects.saturating_sub(self.kept.len());
        let room = if left == 0 { CHUNK } else { left.min(CHUNK) };
        spare::reserve(&mut self.kept, room, left.max(CHUNK));
        let count = ready!(poll_read_buf(Pin::new(stream), cx, &mut self.kept))?;
        Poll::Ready(Ok((count > 0).then(|| mem::take(&mut self.kept))))
    }

    /// Keeps the `rest` of what was read, from which `decoder` has taken all whole frames.
    pub(crate) fn keep(&mut self, rest: BytesMut, decoder: &Decoder) {
        if rest.len() < LONG {
            self.kept = BytesMut::from(&rest[..]);
            take_back(rest);
        } else {
            // More of it is to come: it stays where it is.
            self.expects = decoder.frame_len(&rest).unwrap_or_default();
            self.kept = rest;
        }
    }
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
    if used == input.len() {
        // All of its memory is free again, from the front.
        input.clear();
    } else {
        input.advance(used);
    }
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
        // There is no frame in nothing.
        if rest.is_empty() {
            break;
        }
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
