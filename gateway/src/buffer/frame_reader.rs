//! What arrives on a stream of frames, between its socket and those who take the frames.

use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use protocol::{Decoder, FrameError, WriteQueue};
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;

use crate::buffer::payload::Payload;
use crate::buffer::pool;
use crate::buffer::read::{poll_read_shared, take_back};
use crate::buffer::sizes::{READ_SIZE, SHARE_FROM};

/// Reads a stream and takes frames off it. While it waits for the next one, it has no buffer.
#[derive(Debug)]
pub(crate) struct FrameReader {
    decoder: Decoder,
    /// No whole frame yet.
    kept: BytesMut,
    /// How long the frame is that has begun, or the next one may be, if it is long.
    expects: usize,
}

/// What one read brought, behind what was kept from before.
#[derive(Debug)]
pub(crate) enum ReadChunk {
    /// Short frames, or the beginning of a long one.
    Owned(BytesMut),
    /// Frames, and long ones among them.
    Shared(Bytes),
}

impl FrameReader {
    pub(crate) fn new(decoder: Decoder) -> Self {
        Self {
            decoder,
            kept: BytesMut::new(),
            expects: 0,
        }
    }

    /// Whether the stream is between two frames.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Judges the end of the stream.
    ///
    /// # Errors
    /// If it is inside a frame.
    pub(crate) fn finish(&self) -> Result<(), FrameError> {
        self.decoder.finish(&self.kept)
    }

    /// Reads what is ready on `stream`. What no frame was made of goes back [to be
    /// kept](Self::keep). `None` is the stream's end.
    pub(crate) fn poll_read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<ReadChunk>>> {
        let landed = match self.kept.len() {
            0..SHARE_FROM => ready!(poll_read_shared(stream, cx, &self.kept, self.expects))?,
            _ => ready!(self.poll_rest(stream, cx))?,
        };
        Poll::Ready(Ok(landed.map(|landed| match landed.len() {
            0..SHARE_FROM => {
                self.expects = 0;
                ReadChunk::Owned(landed)
            }
            _ => self.long(landed),
        })))
    }

    /// Reads more of something long: straight to its place.
    fn poll_rest(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<BytesMut>>> {
        let left = self.expects.checked_sub(self.kept.len());
        let room = left.map_or(READ_SIZE, |left| left.min(READ_SIZE));
        pool::reserve(&mut self.kept, room, left);
        let count = ready!(poll_read_buf(Pin::new(stream), cx, &mut self.kept))?;
        Poll::Ready(Ok((count > 0).then(|| mem::take(&mut self.kept))))
    }

    /// What becomes of a long read: the beginning of a frame goes on growing where it is.
    fn long(&mut self, landed: BytesMut) -> ReadChunk {
        match self.decoder.next_payload(&mut &landed[..]) {
            Ok(Some(_)) => ReadChunk::Shared(pool::share(landed)),
            _ => ReadChunk::Owned(landed),
        }
    }

    /// Takes the next whole frame off `rest` of what landed, and returns its payload.
    ///
    /// # Errors
    /// What is wrong with it.
    #[inline]
    pub(crate) fn next_payload<'a>(
        &mut self,
        rest: &mut &'a [u8],
    ) -> Result<Option<&'a [u8]>, FrameError> {
        // There is no frame in nothing, and most often nothing is left.
        if rest.is_empty() {
            return Ok(None);
        }
        self.decoder.next_payload(rest)
    }

    /// Keeps the last `left` bytes of what `landed`.
    pub(crate) fn keep(&mut self, landed: ReadChunk, left: usize) {
        match landed {
            ReadChunk::Owned(landed) if left < SHARE_FROM => {
                if left > 0 || !self.kept.is_empty() {
                    self.kept = BytesMut::from(&landed[landed.len() - left..]);
                }
                take_back(landed);
            }
            ReadChunk::Owned(mut landed) => {
                landed.advance(landed.len() - left);
                self.keep_long(landed);
            }
            ReadChunk::Shared(landed) => {
                let rest = &landed[landed.len() - left..];
                if left < SHARE_FROM {
                    self.kept = BytesMut::from(rest);
                } else {
                    let mut kept = pool::buffer(left + READ_SIZE);
                    kept.extend_from_slice(rest);
                    self.keep_long(kept);
                }
            }
        }
    }

    fn keep_long(&mut self, rest: BytesMut) {
        self.expects = self.decoder.frame_len(&rest).unwrap_or_default();
        self.kept = rest;
    }
}

impl ReadChunk {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }

    /// What to do with `payload`, which is a part of it.
    #[inline]
    pub(crate) fn payload<'a>(&self, payload: &'a [u8]) -> Payload<'a> {
        match self {
            Self::Shared(bytes) if payload.len() >= WriteQueue::COPY_BELOW => {
                Payload::Shared(bytes.slice_ref(payload))
            }
            _ => Payload::Borrowed(payload),
        }
    }
}
