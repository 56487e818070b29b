use bytes::{Buf, Bytes, BytesMut};

use crate::error::FrameError;
use crate::framing::Framing;
use crate::layout::Layout;

/// Decoder of one byte stream: takes payloads off its front, however it is chunked.
///
/// The caller owns the buffer: it appends the bytes that a socket delivers, and takes
/// payloads until there is `None`. An announced length is checked against the limit, and
/// no memory is reserved for bytes that have not arrived.
///
/// State is kept between calls: a search for a delimiter goes on where it stopped, so
/// that a long frame in many chunks is searched once.
#[derive(Debug, Clone)]
pub struct Decoder {
    framing: Framing,
    max_len: usize,
    /// Bytes at the front of the stream that were searched and hold no delimiter.
    scanned: usize,
    /// Payloads shorter than this take the fast path; 0 turns it off.
    fast_path_below: usize,
}

impl Decoder {
    /// Creates a decoder of payloads of at most `max_len` bytes.
    ///
    /// With [`Framing::Raw`], a payload is all bytes available, up to `max_len`.
    pub fn new(framing: Framing, max_len: usize) -> Self {
        Self {
            framing,
            max_len,
            scanned: 0,
            fast_path_below: framing.fast_path_below(max_len),
        }
    }

    /// Takes the next frame off `src` and returns its payload, borrowed from `src`.
    ///
    /// `src` moves past the frame. Returns `None` and leaves `src` as it is while the
    /// frame is incomplete.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] or [`FrameError::NoDelimiter`] as soon as the payload is
    /// known to be over the limit; [`FrameError::LengthTooShort`] or
    /// [`FrameError::VarintTooLong`] if the length is invalid. `src` stays as it is.
    #[inline]
    pub fn next_payload<'a>(&mut self, src: &mut &'a [u8]) -> Result<Option<&'a [u8]>, FrameError> {
        match self.fast_path(src) {
            Some((payload, rest)) => {
                *src = rest;
                Ok(Some(payload))
            }
            None => self.slow_path(src),
        }
    }

    /// Removes the next frame from `src` and returns its payload, which shares the
    /// buffer's memory (zero-copy).
    ///
    /// Returns `None` while the frame is incomplete.
    ///
    /// # Errors
    /// Those of [`next_payload`](Self::next_payload).
    pub fn split_payload(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        if let Some((payload, _)) = self.fast_path(src) {
            let len = payload.len();
            src.advance(size_of::<u32>());
            return Ok(Some(src.split_to(len).freeze()));
        }
        let Some(layout) = self.complete_frame(src)? else {
            return Ok(None);
        };
        src.advance(layout.header_len);
        let payload = src.split_to(layout.payload_len).freeze();
        src.advance(layout.trailer_len);
        Ok(Some(payload))
    }

    /// Returns the length of the frame at the front of `src` on the wire, in bytes, if known.
    pub fn frame_len(&self, src: &[u8]) -> Option<usize> {
        let layout = self.clone().layout(src).ok()??;
        Some(layout.wire_len())
    }

    /// Checks the end of the stream, `rest` being the bytes after the last frame.
    ///
    /// # Errors
    /// [`FrameError::Truncated`] or [`FrameError::Unterminated`] if the stream ended
    /// inside a frame; an error of [`next_payload`](Self::next_payload) if that frame is
    /// invalid.
    pub fn finish(&self, rest: &[u8]) -> Result<(), FrameError> {
        match self.clone().layout(rest)? {
            Some(layout) if layout.wire_len() > rest.len() => Err(FrameError::Truncated {
                have: rest.len(),
                need: layout.wire_len(),
            }),
            None if rest.is_empty() => Ok(()),
            _ => self.framing.truncated(rest.len()),
        }
    }

    /// Fast path: the payload of a short `u32le` frame, and the bytes after the frame. One
    /// comparison checks framing and length: the bound is 0 for other framings.
    #[inline]
    fn fast_path<'a>(&self, src: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (header, rest) = src.split_first_chunk()?;
        let len = u32::from_le_bytes(*header) as usize;
        if len >= self.fast_path_below {
            return None;
        }
        rest.split_at_checked(len)
    }

    /// Slow path: takes a frame of any framing and length off `src`.
    fn slow_path<'a>(&mut self, src: &mut &'a [u8]) -> Result<Option<&'a [u8]>, FrameError> {
        let Some(layout) = self.complete_frame(src)? else {
            return Ok(None);
        };
        let (frame, rest) = src.split_at(layout.wire_len());
        *src = rest;
        Ok(Some(&frame[layout.header_len..][..layout.payload_len]))
    }

    /// Returns the layout of the frame at the front of `src` once all of it has arrived.
    fn complete_frame(&mut self, src: &[u8]) -> Result<Option<Layout>, FrameError> {
        let layout = self.layout(src)?;
        let frame = layout.filter(|layout| layout.wire_len() <= src.len());
        if frame.is_some() {
            self.scanned = 0;
        }
        Ok(frame)
    }

    fn layout(&mut self, src: &[u8]) -> Result<Option<Layout>, FrameError> {
        self.framing.layout(src, self.max_len, &mut self.scanned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 64;

    fn decoder() -> Decoder {
        Decoder::new(Framing::U32LE, MAX)
    }

    /// Decodes all of `stream`; returns the payloads and the bytes left over.
    fn decode_all(mut stream: &[u8]) -> (Vec<&[u8]>, &[u8]) {
        let (mut decoder, mut payloads) = (decoder(), Vec::new());
        while let Some(payload) = decoder.next_payload(&mut stream).unwrap() {
            payloads.push(payload);
        }
        (payloads, stream)
    }

    #[test]
    fn u32le_frames_are_decoded() {
        let check = |stream: &[u8], payloads: &[&[u8]], rest: &[u8]| {
            assert_eq!(decode_all(stream), (payloads.to_vec(), rest));
        };
        check(b"", &[], b"");
        check(b"\x05\0\0\0hello", &[b"hello"], b"");
        check(b"\0\0\0\0", &[b""], b"");
        check(b"\0\0\0\0\x01\0\0\0a", &[b"", b"a"], b"");
        check("\x06\0\0\0日本".as_bytes(), &["日本".as_bytes()], b"");
        check(b"\x02\0\0\0\xff\xfe", &[b"\xff\xfe"], b"");
        check(b"\x05\0\0\0hell", &[], b"\x05\0\0\0hell");
        check(b"\x01\0\0\0a\x05\0\0", &[b"a"], b"\x05\0\0");
    }

    #[test]
    fn payload_at_the_limit_is_accepted_and_one_byte_more_is_too_long() {
        let mut stream = BytesMut::from(&[MAX as u8, 0, 0, 0][..]);
        stream.resize(4 + MAX, b'x');
        assert_eq!(
            decoder().split_payload(&mut stream).unwrap().unwrap(),
            vec![b'x'; MAX]
        );

        let mut stream = BytesMut::from(&[MAX as u8 + 1, 0, 0, 0][..]);
        assert_eq!(
            decoder().split_payload(&mut stream),
            Err(FrameError::TooLong {
                len: MAX as u64 + 1,
                max: MAX
            })
        );
    }

    #[test]
    fn announced_length_reserves_no_memory() {
        let mut stream = BytesMut::with_capacity(16);
        stream.extend_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        let mut unlimited = Decoder::new(Framing::U32LE, usize::MAX);
        assert_eq!(unlimited.split_payload(&mut stream), Ok(None));
        assert_eq!(stream.capacity(), 16);
    }

    #[test]
    fn decode_error_repeats_and_consumes_nothing() {
        let mut stream: &[u8] = b"\xff\xff\xff\xffmore";
        let error = decoder().next_payload(&mut stream).unwrap_err();
        assert_eq!(decoder().next_payload(&mut stream), Err(error));
        assert_eq!(stream.len(), 8);
    }

    #[test]
    fn eof_between_frames_is_clean_and_inside_a_frame_is_truncated() {
        let truncated = |have, need| Err(FrameError::Truncated { have, need });
        assert_eq!(decoder().finish(b""), Ok(()));
        assert_eq!(decoder().finish(b"\x05"), truncated(1, 4));
        assert_eq!(decoder().finish(b"\x05\0\0\0"), truncated(4, 9));
        assert_eq!(decoder().finish(b"\x05\0\0\0hell"), truncated(8, 9));
    }
}
