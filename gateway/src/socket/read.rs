//! Reading from many connections without a buffer for each, and writing in one call.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use protocol::{Decoder, FrameError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::{poll_read_buf, poll_write_buf};

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
        kept.reserve(CHUNK);
        let count = ready!(poll_read_buf(Pin::new(stream), cx, kept))?;
        let taken = take(kept, count);
        if kept.len() < LONG {
            // What was long is gone, and its memory shall go with it.
            *kept = keep(kept);
        }
        return Poll::Ready(Ok(taken));
    }
    LANDING.with_borrow_mut(|landing| {
        landing.clear();
        if landing.capacity() < CHUNK {
            landing.reserve(CHUNK + SLACK);
        }
        landing.extend_from_slice(kept);
        let count = ready!(poll_read_buf(Pin::new(stream), cx, landing))?;
        let taken = take(landing, count);
        *kept = keep(landing);
        Poll::Ready(Ok(taken))
    })
}

/// A buffer of its own for the beginning of a frame, with room for more if that is long.
fn keep(bytes: &[u8]) -> BytesMut {
    if bytes.len() < LONG {
        return BytesMut::from(bytes);
    }
    let mut kept = BytesMut::with_capacity(bytes.len() + CHUNK);
    kept.extend_from_slice(bytes);
    kept
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
        for _ in 0..most {
            match decoder.split_payload(input)? {
                Some(payload) => take(Payload::Apart(payload))?,
                None => break,
            }
        }
        return Ok(());
    }
    let mut rest = &input[..];
    let mut taken = Ok(());
    for _ in 0..most {
        taken = match decoder.next_payload(&mut rest) {
            Ok(Some(payload)) => take(Payload::InPlace(payload)),
            Ok(None) => break,
            Err(error) => Err(error.into()),
        };
        if taken.is_err() {
            break;
        }
    }
    let used = input.len() - rest.len();
    input.advance(used);
    taken
}

/// Writes from `buffer` what `stream` takes, and returns how much that was.
pub(crate) fn poll_write(
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
