use bytes::{Buf, Bytes, BytesMut};

use crate::error::FrameError;
use crate::framing::Framing;
use crate::layout::Layout;

/// Takes payloads off the front of a byte stream, however it was chunked.
///
/// The caller owns the buffer: it appends what a socket delivered and asks for
/// payloads until there are none. A length is checked before anything is made of it,
/// and nothing is ever reserved for bytes that have not arrived.
///
/// A decoder is for one stream: where a delimiter ends the frame, it remembers how far
/// it has looked for one, so that a long frame in many chunks is looked through once.
#[derive(Debug, Clone)]
pub struct Decoder {
    framing: Framing,
    max_len: usize,
    /// How many bytes at the front of the stream hold no delimiter.
    scanned: usize,
    /// Payloads shorter than this are taken the short way.
    fast_path_below: usize,
}

impl Decoder {
    /// A decoder for frames whose payload is at most `max_len` bytes long.
    ///
    /// With [`Framing::Raw`] a payload is what there is, up to `max_len` bytes of it.
    pub fn new(framing: Framing, max_len: usize) -> Self {
        Self {
            framing,
            max_len,
            scanned: 0,
            fast_path_below: framing.fast_path_below(max_len),
        }
    }

    /// Takes the next complete frame off `src` and returns its payload, in place.
    ///
    /// `src` moves past the frame. Returns `None`, and leaves `src` as it is, until
    /// all of the frame is there.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] or [`FrameError::NoDelimiter`] as soon as the payload is
    /// known to be over the limit; [`FrameError::LengthTooShort`] and
    /// [`FrameError::VarintTooLong`] for a length that is none.
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

    /// Removes the next complete frame from `src` and returns its payload, which
    /// shares the buffer's memory instead of being copied.
    ///
    /// Returns `None` until all of the frame is there.
    ///
    /// # Errors
    /// As [`next_payload`](Self::next_payload).
    pub fn split_payload(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        if let Some((payload, _)) = self.fast_path(src) {
            let len = payload.len();
            src.advance(size_of::<u32>());
            return Ok(Some(src.split_to(len).freeze()));
        }
        let Some(layout) = self.frame(src)? else {
            return Ok(None);
        };
        src.advance(layout.header_len);
        let payload = src.split_to(layout.payload_len).freeze();
        src.advance(layout.trailer_len);
        Ok(Some(payload))
    }

    /// How long the frame at the front of `src` is, in bytes, as far as it tells that.
    pub fn frame_len(&self, src: &[u8]) -> Option<usize> {
        let layout = self.clone().layout(src).ok()??;
        Some(layout.wire_len())
    }

    /// Judges the end of the stream, `rest` being what no frame was made of.
    ///
    /// # Errors
    /// [`FrameError::Truncated`] or [`FrameError::Unterminated`] if the stream ended
    /// inside a frame, and an error of [`next_payload`](Self::next_payload) if that frame
    /// could not have been accepted either.
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

    /// The payload of a short frame at the front of `src`, and what comes after it. That
    /// the framing is `u32le` costs no comparison of its own here.
    #[inline]
    fn fast_path<'a>(&self, src: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (header, rest) = src.split_first_chunk()?;
        let len = u32::from_le_bytes(*header) as usize;
        if len >= self.fast_path_below {
            return None;
        }
        rest.split_at_checked(len)
    }

    /// Takes any frame off `src`.
    fn slow_path<'a>(&mut self, src: &mut &'a [u8]) -> Result<Option<&'a [u8]>, FrameError> {
        let Some(layout) = self.frame(src)? else {
            return Ok(None);
        };
        let (frame, rest) = src.split_at(layout.wire_len());
        *src = rest;
        Ok(Some(&frame[layout.header_len..][..layout.payload_len]))
    }

    /// The frame at the front of `src`, once all of it is there.
    fn frame(&mut self, src: &[u8]) -> Result<Option<Layout>, FrameError> {
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

    /// Decodes all of `stream`; returns the payloads and what was left.
    fn decode_all(mut stream: &[u8]) -> (Vec<&[u8]>, &[u8]) {
        let (mut decoder, mut payloads) = (decoder(), Vec::new());
        while let Some(payload) = decoder.next_payload(&mut stream).unwrap() {
            payloads.push(payload);
        }
        (payloads, stream)
    }

    #[test]
    fn byte_vectors() {
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
    fn the_limit_itself_is_accepted_and_one_above_is_not() {
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
    fn an_announced_length_reserves_nothing() {
        let mut stream = BytesMut::with_capacity(16);
        stream.extend_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        let mut unlimited = Decoder::new(Framing::U32LE, usize::MAX);
        assert_eq!(unlimited.split_payload(&mut stream), Ok(None));
        assert_eq!(stream.capacity(), 16);
    }

    #[test]
    fn an_error_stands_however_often_one_asks() {
        let mut stream: &[u8] = b"\xff\xff\xff\xffmore";
        let error = decoder().next_payload(&mut stream).unwrap_err();
        assert_eq!(decoder().next_payload(&mut stream), Err(error));
        assert_eq!(stream.len(), 8);
    }

    #[test]
    fn the_end_between_frames_is_clean_and_inside_one_is_not() {
        let truncated = |have, need| Err(FrameError::Truncated { have, need });
        assert_eq!(decoder().finish(b""), Ok(()));
        assert_eq!(decoder().finish(b"\x05"), truncated(1, 4));
        assert_eq!(decoder().finish(b"\x05\0\0\0"), truncated(4, 9));
        assert_eq!(decoder().finish(b"\x05\0\0\0hell"), truncated(8, 9));
    }
}
