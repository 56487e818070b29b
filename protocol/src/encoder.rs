use std::io::IoSlice;

use bytes::{Buf, Bytes, BytesMut};

use crate::error::FrameError;
use crate::framing::Framing;
use crate::write_queue::WriteQueue;

/// Frames on their way out, laid out for one vectored write.
///
/// Push frames, then write the encoder: it is a [`Buf`] of all that was pushed and
/// not yet written. Headers and short payloads are gathered into one piece; long
/// payloads stay where they are.
#[derive(Debug)]
pub struct Encoder {
    framing: Framing,
    /// Payloads shorter than this are framed the short way.
    fast_path_below: usize,
    bytes: WriteQueue,
}

impl Encoder {
    /// An encoder with nothing to write.
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            fast_path_below: framing.fast_path_below(usize::MAX),
            bytes: WriteQueue::default(),
        }
    }

    /// Has `buffer` for the copies that follow, if it has no memory for them yet.
    pub fn set_buffer(&mut self, buffer: BytesMut) {
        self.bytes.set_buffer(buffer);
    }

    /// Gives the memory away that copies were in, once all is written.
    pub fn take_buffer(&mut self) -> BytesMut {
        self.bytes.take_buffer()
    }

    /// Appends a frame whose payload is `parts` joined, copying them.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if the framing cannot announce the length, and
    /// [`FrameError::LineBreak`] or [`FrameError::Nul`] if the payload has what would end
    /// it early; nothing is appended then.
    #[inline]
    pub fn push_copy(&mut self, parts: &[&[u8]]) -> Result<(), FrameError> {
        if !self.begin_fast_path(parts.iter().map(|part| part.len()).sum()) {
            return self.push_any(parts);
        }
        for part in parts {
            self.bytes.copy(part);
        }
        Ok(())
    }

    /// Appends a frame whose payload is `parts` joined, sharing the memory of those
    /// that are long.
    ///
    /// # Errors
    /// As [`push_copy`](Self::push_copy).
    // Apart, so that a loop over short payloads has room for the way that those take.
    #[inline(never)]
    pub fn push(&mut self, parts: impl AsRef<[Bytes]>) -> Result<(), FrameError> {
        let parts = parts.as_ref();
        let fast_path = self.begin_fast_path(parts.iter().map(Bytes::len).sum());
        if !fast_path {
            self.begin(parts)?;
        }
        for part in parts {
            if part.len() < WriteQueue::COPY_BELOW {
                self.bytes.copy(part);
            } else {
                self.bytes.share(part.clone());
            }
        }
        if !fast_path {
            self.bytes.copy(self.framing.trailer());
        }
        Ok(())
    }

    /// Writes the header of a payload that is short enough for the short way; its frame
    /// has no trailer.
    #[inline]
    fn begin_fast_path(&mut self, payload_len: usize) -> bool {
        let fast_path = payload_len < self.fast_path_below;
        if fast_path {
            self.bytes.copy(&(payload_len as u32).to_le_bytes());
        }
        fast_path
    }

    /// Appends any frame, copying its payload.
    #[inline(never)]
    fn push_any(&mut self, parts: &[&[u8]]) -> Result<(), FrameError> {
        self.begin(parts)?;
        for part in parts {
            self.bytes.copy(part);
        }
        self.bytes.copy(self.framing.trailer());
        Ok(())
    }

    fn begin(&mut self, parts: &[impl AsRef<[u8]>]) -> Result<(), FrameError> {
        let parts = parts.iter().map(AsRef::as_ref);
        let header = self.framing.header(parts.clone().map(<[u8]>::len).sum())?;
        self.framing.check(parts)?;
        self.bytes.copy(header.as_ref());
        Ok(())
    }
}

/// What was pushed and not yet written.
impl Buf for Encoder {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.bytes.chunks_vectored(slices)
    }

    /// # Panics
    /// If `count` is more than what [remains](Buf::remaining).
    fn advance(&mut self, count: usize) {
        let remaining = self.remaining();
        assert!(count <= remaining, "advanced past the end of the encoder");
        self.bytes.advance(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that `encoder` holds, written `step` bytes at a time.
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
    fn byte_vectors() {
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
    fn a_long_payload_is_not_copied() {
        let long = Bytes::from(vec![b'x'; WriteQueue::COPY_BELOW]);
        let encoder = encode(&["a".into(), long.clone(), "b".into()]);

        let mut slices = [IoSlice::new(&[]); 4];
        assert_eq!(encoder.chunks_vectored(&mut slices), 3);
        assert_eq!(&*slices[0], b"\x01\0\0\0a\0\x10\0\0");
        assert_eq!(slices[1].as_ptr(), long.as_ptr());
        assert_eq!(&*slices[2], b"\x01\0\0\0b");
    }

    #[test]
    fn short_frames_are_one_piece() {
        let encoder = encode(&vec![Bytes::from_static(b"hello"); 100]);
        let mut slices = [IoSlice::new(&[]); 4];
        assert_eq!(encoder.chunks_vectored(&mut slices), 1);
        assert_eq!(slices[0].len(), 900);
    }

    #[test]
    fn written_in_steps_of_any_size_the_bytes_are_the_same() {
        let long = Bytes::from(vec![b'x'; WriteQueue::COPY_BELOW + 1]);
        let payloads = [long.clone(), "a".into(), long.clone(), long, "".into()];
        let whole = drain(encode(&payloads), usize::MAX);
        for step in [1, 2, 3, 5, 4095, 4096, 4097] {
            assert_eq!(drain(encode(&payloads), step), whole, "steps of {step}");
        }
    }

    #[test]
    #[should_panic(expected = "past the end")]
    fn advancing_past_the_end_panics() {
        encode(&["a".into()]).advance(6);
    }
}
