use bytes::{Buf, Bytes, BytesMut};

use crate::framing::Layout;
use crate::{FrameError, Framing};

/// Takes payloads off the front of a byte stream, however it was chunked.
///
/// The caller owns the buffer: it appends what a socket delivered and asks for
/// payloads until there are none. An announced length is checked before anything
/// is made of it, and nothing is ever reserved for bytes that have not arrived.
#[derive(Debug, Clone, Copy)]
pub struct Decoder {
    framing: Framing,
    max_len: usize,
}

impl Decoder {
    /// A decoder for frames whose payload is at most `max_len` bytes long.
    pub fn new(framing: Framing, max_len: usize) -> Self {
        Self { framing, max_len }
    }

    /// Takes the next complete frame off `src` and returns its payload, in place.
    ///
    /// `src` moves past the frame. Returns `None`, and leaves `src` as it is, until
    /// header and payload are both there.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] as soon as a header claims more than the limit.
    #[inline]
    pub fn next_payload<'a>(&self, src: &mut &'a [u8]) -> Result<Option<&'a [u8]>, FrameError> {
        let Some(layout) = self.layout(src)? else {
            return Ok(None);
        };
        let Some((frame, rest)) = src.split_at_checked(layout.wire_len()) else {
            return Ok(None);
        };
        *src = rest;
        Ok(Some(&frame[layout.header_len..]))
    }

    /// Removes the next complete frame from `src` and returns its payload, which
    /// shares the buffer's memory instead of being copied.
    ///
    /// Returns `None` until header and payload are both there.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] as soon as a header claims more than the limit.
    pub fn split_payload(&self, src: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let Some(layout) = self.layout(src)? else {
            return Ok(None);
        };
        if src.len() < layout.wire_len() {
            return Ok(None);
        }
        src.advance(layout.header_len);
        Ok(Some(src.split_to(layout.payload_len).freeze()))
    }

    /// Judges the end of the stream, `rest` being what no frame was made of.
    ///
    /// # Errors
    /// [`FrameError::Truncated`] if the stream ended inside a frame, and
    /// [`FrameError::TooLong`] if that frame could not have been accepted either.
    pub fn finish(&self, rest: &[u8]) -> Result<(), FrameError> {
        let need = match self.layout(rest)? {
            Some(layout) => layout.wire_len(),
            None if rest.is_empty() => return Ok(()),
            None => self.framing.min_header_len(),
        };
        Err(FrameError::Truncated {
            have: rest.len(),
            need,
        })
    }

    #[inline]
    fn layout(&self, src: &[u8]) -> Result<Option<Layout>, FrameError> {
        match self.framing.layout(src) {
            Some(Layout { payload_len, .. }) if payload_len > self.max_len => {
                Err(FrameError::TooLong {
                    len: payload_len,
                    max: self.max_len,
                })
            }
            layout => Ok(layout),
        }
    }
}

impl Layout {
    /// Saturates on 32-bit targets: no buffer is ever that long, so the frame stays
    /// incomplete.
    const fn wire_len(self) -> usize {
        self.header_len.saturating_add(self.payload_len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 64;

    fn decoder() -> Decoder {
        Decoder::new(Framing::U32Le, MAX)
    }

    /// Decodes all of `stream`; returns the payloads and what was left.
    fn decode_all(mut stream: &[u8]) -> (Vec<&[u8]>, &[u8]) {
        let mut payloads = Vec::new();
        while let Some(payload) = decoder().next_payload(&mut stream).unwrap() {
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
                len: MAX + 1,
                max: MAX
            })
        );
    }

    #[test]
    fn an_announced_length_reserves_nothing() {
        let mut stream = BytesMut::with_capacity(16);
        stream.extend_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        let unlimited = Decoder::new(Framing::U32Le, usize::MAX);
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
