use std::io::IoSlice;
use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

use crate::error::FrameError;
use crate::framing::Framing;
use crate::message::Message;
use crate::segment::Piece;
use crate::write_queue::WriteQueue;

/// Encoder of one byte stream: lays frames out for one vectored write.
///
/// Push payloads, then write the encoder: it is a [`Buf`] of the frames pushed and not
/// yet written. Headers and short payloads are copied into one slice; long payloads are
/// shared (zero-copy), if pushed as [`Bytes`].
#[derive(Debug)]
pub struct Encoder {
    /// Framing of the next message.
    framing: Framing,
    /// Framing of all messages after the first, while that has another.
    later: Option<Box<Framing>>,
    /// Payloads shorter than this take the fast path; 0 turns it off.
    fast_path_below: usize,
    queue: WriteQueue,
}

impl Encoder {
    /// Creates an encoder with an empty write queue.
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            later: None,
            fast_path_below: framing.fast_path_below(usize::MAX),
            queue: WriteQueue::default(),
        }
    }

    /// Sets another framing for the stream's first message.
    pub fn with_first(mut self, first: Option<Box<Framing>>) -> Self {
        if let Some(mut first) = first {
            std::mem::swap(&mut *first, &mut self.framing);
            self.later = Some(first);
            self.fast_path_below = 0;
        }
        self
    }

    /// Sets the buffer that copies go to, such as a pooled one, unless there is one already.
    pub fn set_buffer(&mut self, buffer: BytesMut) {
        self.queue.set_buffer(buffer);
    }

    /// Takes the buffer back once all bytes are written; returns an empty one until then.
    pub fn take_buffer(&mut self) -> BytesMut {
        self.queue.take_buffer()
    }

    /// Appends a frame with a copy of its payload, which is `parts` joined.
    ///
    /// # Errors
    /// A [`FrameError`] if the framing cannot carry the message: it is too long or too short,
    /// contains a delimiter, or is not one value. Nothing is appended then.
    #[inline]
    pub fn push_copy(&mut self, parts: &[&[u8]]) -> Result<(), FrameError> {
        if !self.begin_fast_path(parts.iter().map(|part| part.len()).sum()) {
            return self.slow_path(parts);
        }
        for part in parts {
            self.queue.copy(part);
        }
        Ok(())
    }

    /// Appends a frame whose payload is `parts` joined. Long parts are shared, not
    /// copied: those of [`WriteQueue::COPY_BELOW`] bytes or more.
    ///
    /// # Errors
    /// Those of [`push_copy`](Self::push_copy).
    // Not inlined: a loop over short payloads should inline the fast path alone.
    #[inline(never)]
    pub fn push(&mut self, parts: impl AsRef<[Bytes]>) -> Result<(), FrameError> {
        let parts = parts.as_ref();
        if !self.begin_fast_path(parts.iter().map(Bytes::len).sum()) {
            return self.slow_path(parts);
        }
        for part in parts {
            part.append(0..part.len(), &mut self.queue);
        }
        Ok(())
    }

    /// Fast path: appends the `u32le` header if the payload is short, and returns true. No
    /// trailer follows.
    #[inline]
    fn begin_fast_path(&mut self, payload_len: usize) -> bool {
        let fast_path = payload_len < self.fast_path_below;
        if fast_path {
            self.queue.copy(&(payload_len as u32).to_le_bytes());
        }
        fast_path
    }

    /// Slow path: appends a frame of any framing and length.
    #[inline(never)]
    fn slow_path(&mut self, parts: &[impl Part]) -> Result<(), FrameError> {
        let message = Message::new(parts);
        self.framing.write(&message, &mut |piece| match piece {
            Piece::Bytes(_, bytes) => self.queue.copy(bytes),
            Piece::Message(_, range) => {
                for (part, range) in message.ranges(range) {
                    part.append(range, &mut self.queue);
                }
            }
        })?;
        if let Some(later) = self.later.take() {
            self.framing = *later;
            self.fast_path_below = self.framing.fast_path_below(usize::MAX);
        }
        Ok(())
    }
}

/// Part of a message to write.
trait Part: AsRef<[u8]> {
    /// Appends a range of the part.
    fn append(&self, range: Range<usize>, queue: &mut WriteQueue);
}

/// Copied.
impl Part for &[u8] {
    fn append(&self, range: Range<usize>, queue: &mut WriteQueue) {
        queue.copy(&self[range]);
    }
}

/// Shared if the range is long, copied otherwise.
impl Part for Bytes {
    fn append(&self, range: Range<usize>, queue: &mut WriteQueue) {
        if range.len() < WriteQueue::COPY_BELOW {
            queue.copy(&self[range]);
        } else {
            queue.share(self.slice(range));
        }
    }
}

/// The frames pushed and not yet written.
impl Buf for Encoder {
    fn remaining(&self) -> usize {
        self.queue.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.queue.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.queue.chunks_vectored(slices)
    }

    /// # Panics
    /// Panics if `count` is more than [`remaining`](Buf::remaining).
    fn advance(&mut self, count: usize) {
        let remaining = self.remaining();
        assert!(count <= remaining, "advanced past the end of the encoder");
        self.queue.advance(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes all of `encoder`, `step` bytes at a time.
    fn drain(mut encoder: Encoder, step: usize) -> Vec<u8> {
        let mut written = Vec::new();
        while encoder.has_remaining() {
            let count = step.min(encoder.chunk().len());
            written.extend_from_slice(&encoder.chunk()[..count]);
            encoder.advance(count);
        }
        written
    }

    fn encode(payloads: &[Bytes]) -> Encoder {
        let mut encoder = Encoder::new(Framing::U32LE);
        for payload in payloads {
            encoder.push([payload.clone()]).unwrap();
        }
        encoder
    }

    #[test]
    fn u32le_frames_are_encoded() {
        let check = |parts: &[&[u8]], expected: &[u8]| {
            let mut encoder = Encoder::new(Framing::U32LE);
            encoder.push_copy(parts).unwrap();
            assert_eq!(drain(encoder, usize::MAX), expected);
        };
        check(&[], b"\0\0\0\0");
        check(&[b""], b"\0\0\0\0");
        check(&[b"hello"], b"\x05\0\0\0hello");
        check(&[b"echo : ", b"hello"], b"\x0c\0\0\0echo : hello");
        check(&["日本".as_bytes()], "\x06\0\0\0日本".as_bytes());
    }

    #[test]
    fn long_payload_is_not_copied() {
        let long = Bytes::from(vec![b'x'; WriteQueue::COPY_BELOW]);
        let encoder = encode(&["a".into(), long.clone(), "b".into()]);

        let mut slices = [IoSlice::new(&[]); 4];
        assert_eq!(encoder.chunks_vectored(&mut slices), 3);
        assert_eq!(&*slices[0], b"\x01\0\0\0a\0\x10\0\0");
        assert_eq!(slices[1].as_ptr(), long.as_ptr());
        assert_eq!(&*slices[2], b"\x01\0\0\0b");
    }

    #[test]
    fn short_frames_are_joined_into_one_slice() {
        let encoder = encode(&vec![Bytes::from_static(b"hello"); 100]);
        let mut slices = [IoSlice::new(&[]); 4];
        assert_eq!(encoder.chunks_vectored(&mut slices), 1);
        assert_eq!(slices[0].len(), 900);
    }

    #[test]
    fn partial_writes_of_any_size_give_the_same_bytes() {
        let long = Bytes::from(vec![b'x'; WriteQueue::COPY_BELOW + 1]);
        let payloads = [long.clone(), "a".into(), long.clone(), long, "".into()];
        let whole = drain(encode(&payloads), usize::MAX);
        for step in [1, 2, 3, 5, 4095, 4096, 4097] {
            assert_eq!(drain(encode(&payloads), step), whole, "steps of {step}");
        }
    }

    #[test]
    #[should_panic(expected = "past the end")]
    fn advance_past_the_end_panics() {
        encode(&["a".into()]).advance(6);
    }
}
