//! Frame reader: takes frames off a byte stream, and keeps an incomplete one for later.

use std::io;
use std::mem::take;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use protocol::{Decoder, FrameError, Payload};
use tokio::io::AsyncRead;

use crate::buffer::pool::{Left, PooledBuffer, take_or_allocate};
use crate::buffer::read_buffer::{poll_read, with_read_buffer};
use crate::buffer::sizes::{COPY_BELOW, READ_SIZE, SHARE_FROM, TURN_FRAMES};
use crate::buffer::turn::Turn;

/// Reader of frames. Between two frames, it has no buffer.
#[derive(Debug)]
pub(crate) struct FrameReader {
    decoder: Decoder,
    /// An incomplete frame.
    partial: PooledBuffer,
    /// Length of a long frame that has begun, or else of the last one, as the next may be as
    /// long; 0 after short ones.
    expected_len: usize,
    /// Set if `partial` begins with frames that were left for the next turn.
    has_frames: bool,
    turn: Turn,
}

/// Frames of one read.
#[derive(Debug)]
pub(crate) struct Frames<'a> {
    decoder: &'a mut Decoder,
    rest: &'a [u8],
    /// Number of frames that may still be taken.
    allowed: usize,
    /// All bytes of the read, if they can be shared.
    shared: Option<&'a Bytes>,
}

impl FrameReader {
    pub(crate) fn new(decoder: Decoder) -> Self {
        Self {
            decoder,
            partial: PooledBuffer::default(),
            expected_len: 0,
            has_frames: false,
            turn: Turn::default(),
        }
    }

    /// Returns true if the stream is between two frames.
    pub(crate) fn is_empty(&self) -> bool {
        self.partial.is_empty()
    }

    /// Checks that the stream may end here. Returns the last payload if the end of the stream
    /// ends it.
    ///
    /// # Errors
    /// If it is inside a frame.
    pub(crate) fn finish(&mut self) -> Result<Option<Bytes>, FrameError> {
        let last = self
            .decoder
            .finish(&self.partial)?
            .map(Bytes::copy_from_slice);
        self.partial = PooledBuffer::default();
        Ok(last)
    }

    /// Reads once, at most about `room` bytes, and calls `take_frames` with the frames, no more than
    /// those of one turn. Keeps the bytes that it leaves. Returns `None` at the end of the stream.
    #[inline]
    pub(crate) fn poll_frames<T>(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
        room: usize,
        take_frames: impl FnOnce(&mut Frames<'_>) -> T,
    ) -> Poll<io::Result<Option<T>>> {
        ready!(self.turn.poll_next(cx));
        if self.has_frames || self.partial.len() >= SHARE_FROM {
            let mut read = 0;
            if !self.has_frames {
                read = ready!(self.poll_read_long(stream, cx))?;
                if read == 0 {
                    return Poll::Ready(Ok(None));
                }
            }
            let mut buffer = take(&mut self.partial);
            let len = buffer.len();
            let taken = self.take(&mut buffer, take_frames);
            if self.partial.len() == len {
                // The same bytes, of a frame that is still incomplete.
                self.partial.resume_move(buffer);
                self.turn.count(read, 0);
            }
            return Poll::Ready(Ok(Some(taken)));
        }
        with_read_buffer(self.expected_len, |buffer| {
            if !self.partial.is_empty() {
                buffer.extend_from_slice(&self.partial);
            }
            let len = self
                .turn
                .read_size()
                .min(buffer.capacity() - buffer.len())
                .min(room);
            Poll::Ready(match ready!(poll_read(stream, cx, buffer, len))? {
                0 => Ok(None),
                _ => Ok(Some(self.take(buffer, take_frames))),
            })
        })
    }

    /// Reads more of a long frame, straight into its buffer; 0 is the end of the stream.
    fn poll_read_long(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let most = self.turn.size();
        let (left, more) = match self.expected_len.checked_sub(self.partial.len()) {
            Some(left) => (Left::Exactly(left), left.min(most)),
            None => (Left::AtMost(usize::MAX), most),
        };
        self.partial.reserve(more, left);
        poll_read(stream, cx, &mut self.partial, most)
    }

    /// Calls `take_frames` with the frames in `buffer`, and keeps the bytes that it leaves.
    #[inline]
    fn take<T>(
        &mut self,
        buffer: &mut BytesMut,
        take_frames: impl FnOnce(&mut Frames<'_>) -> T,
    ) -> T {
        let shared = self.share(buffer);
        let mut frames = Frames {
            decoder: &mut self.decoder,
            rest: shared.as_deref().unwrap_or(buffer),
            allowed: TURN_FRAMES,
            shared: shared.as_ref(),
        };
        let taken = take_frames(&mut frames);
        let rest = frames.rest;
        let (len, allowed) = (
            shared.as_ref().map_or(buffer.len(), Bytes::len),
            frames.allowed,
        );
        self.turn.count(len - rest.len(), TURN_FRAMES - allowed);
        self.has_frames = allowed == 0 && !rest.is_empty();
        if rest.len() >= SHARE_FROM {
            let left = rest.len();
            self.keep_long(buffer, shared, left);
        } else if !rest.is_empty() || !self.partial.is_empty() {
            self.partial = BytesMut::from(rest).into();
        }
        taken
    }

    /// Shares the bytes of a long read, unless they are all of one incomplete frame, which
    /// goes on growing where it is.
    #[inline]
    fn share(&mut self, buffer: &mut BytesMut) -> Option<Bytes> {
        if buffer.len() < SHARE_FROM {
            self.expected_len = 0;
            return None;
        }
        let has_frame = self.decoder.has_contiguous_frame(buffer);
        has_frame.then(|| PooledBuffer::from(take(buffer)).freeze())
    }

    /// Keeps the last `left` bytes of a read, the beginning of a long frame.
    fn keep_long(&mut self, buffer: &mut BytesMut, shared: Option<Bytes>, left: usize) {
        self.partial = match shared {
            None => {
                let taken = buffer.len() - left;
                buffer.advance(taken);
                take(buffer).into()
            }
            Some(bytes) => {
                let mut partial = take_or_allocate(left + READ_SIZE);
                partial.extend_from_slice(&bytes[bytes.len() - left..]);
                partial
            }
        };
        self.expected_len = self.decoder.frame_len(&self.partial).unwrap_or_default();
    }
}

impl<'a> Frames<'a> {
    /// Takes the next complete frame, and returns its payload.
    ///
    /// # Errors
    /// Those of [`Decoder::next_payload`].
    #[inline]
    pub(crate) fn next_payload(&mut self) -> Result<Option<Payload<'a>>, FrameError> {
        // Most often nothing is left, and then there is no need to decode.
        if self.rest.is_empty() || self.allowed == 0 {
            return Ok(None);
        }
        self.allowed -= 1;
        self.decoder.next_payload(&mut self.rest)
    }

    /// Fast path of [`next_payload`](Self::next_payload): takes a frame whose payload is
    /// borrowed and would not be shared. A loop over such payloads has nothing to drop.
    #[inline]
    pub(crate) fn next_short_payload(&mut self) -> Option<&'a [u8]> {
        if self.allowed == 0 {
            return None;
        }
        let mut rest = self.rest;
        let payload = self.decoder.next_simple_payload(&mut rest)?;
        if payload.len() >= COPY_BELOW {
            return None;
        }
        self.rest = rest;
        self.allowed -= 1;
        Some(payload)
    }

    /// Shares one of the payloads, if it is long enough; borrows it otherwise.
    #[inline]
    pub(crate) fn share(&self, payload: Payload<'a>) -> Payload<'a> {
        match payload {
            Payload::Borrowed(payload) => match self.shared {
                Some(bytes) if payload.len() >= COPY_BELOW => {
                    Payload::Shared(bytes.slice_ref(payload))
                }
                _ => Payload::Borrowed(payload),
            },
            shared => shared,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use protocol::Framing;

    use super::*;

    #[tokio::test]
    async fn frames_of_a_long_read_come_in_turns_and_none_is_lost() {
        let long = [&40_000_u32.to_le_bytes()[..], &[7; 40_000]].concat();
        let mut bytes = b"\0\0\0\0\x01\0\0\0a".repeat(20_000);
        bytes.extend_from_slice(&long);
        bytes.extend_from_slice(b"\0\0\0\0".repeat(20_000).as_slice());
        let mut stream = &bytes[..];
        let mut reader = FrameReader::new(Decoder::new(Framing::U32LE, 1 << 20));
        let (mut payloads, mut in_turn) = (Vec::new(), 0);
        loop {
            let read = poll_fn(|cx| {
                let polled = reader.poll_frames(&mut stream, cx, READ_SIZE, |frames| {
                    let before = payloads.len();
                    while let Some(payload) = frames.next_payload().unwrap() {
                        payloads.push(payload.len());
                    }
                    payloads.len() - before
                });
                if polled.is_pending() {
                    in_turn = 0;
                }
                polled
            });
            match read.await.unwrap() {
                Some(count) => in_turn += count,
                None => break,
            }
            assert!(in_turn < 2 * TURN_FRAMES, "{in_turn} frames in a turn");
        }
        reader.finish().unwrap();
        let expected = [0, 1].repeat(20_000);
        assert_eq!(payloads[..40_000], expected);
        assert_eq!(payloads[40_000..], [&[40_000][..], &[0; 20_000]].concat());
    }
}
