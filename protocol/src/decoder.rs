use bytes::{Buf, Bytes, BytesMut};

use crate::error::FrameError;
use crate::framing::Framing;
use crate::layout::Layout;
use crate::payload::Payload;
use crate::scan::Scan;

/// Decoder of one byte stream: takes payloads off its front, however it is chunked.
///
/// The caller owns the buffer: it appends the bytes that a socket delivers, and takes
/// payloads until there is `None`. An announced length is checked against the limit, and
/// no memory is reserved for bytes that have not arrived.
///
/// State is kept between calls: a search goes on where it stopped, so that each byte of a
/// long frame in many chunks is read once.
#[derive(Debug, Clone)]
pub struct Decoder {
    /// Framing of the frame at the front of the stream.
    framing: Framing,
    /// Framing of all messages after the first, while that has another.
    later: Option<Box<Framing>>,
    max_len: usize,
    /// Progress through the frame at the front of the stream.
    scan: Scan,
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
            later: None,
            max_len,
            scan: Scan::default(),
            fast_path_below: framing.fast_path_below(max_len),
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

    /// Takes the next frame off `src` and returns its payload, borrowed from `src` if it
    /// lies in one piece.
    ///
    /// `src` moves past the frame. Returns `None` while the frame is incomplete; then `src`
    /// moves past bytes between two frames alone, such as white space between JSON values.
    ///
    /// # Errors
    /// A [`FrameError`] as soon as the bytes cannot be a frame, or its payload is known to be
    /// over the limit. `src` stays at the frame.
    #[inline]
    pub fn next_payload<'a>(
        &mut self,
        src: &mut &'a [u8],
    ) -> Result<Option<Payload<'a>>, FrameError> {
        match self.next_simple_payload(src) {
            Some(payload) => Ok(Some(Payload::Borrowed(payload))),
            None => self.slow_path(src),
        }
    }

    /// Fast path of [`next_payload`](Self::next_payload): takes a frame that is complete and has
    /// a `u32le` header alone. Leaves any other frame, and returns `None`.
    #[inline]
    pub fn next_simple_payload<'a>(&self, src: &mut &'a [u8]) -> Option<&'a [u8]> {
        let (payload, rest) = self.fast_path(src)?;
        *src = rest;
        Some(payload)
    }

    /// Removes the next frame from `src` and returns its payload, which shares the buffer's
    /// memory (zero-copy) if it lies in one piece.
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
        src.advance(self.skip(src));
        let Some(layout) = self.complete_frame(src)? else {
            return Ok(None);
        };
        let mut frame = src.split_to(layout.wire_len());
        let payload = match self.framing.is_contiguous() {
            true => {
                frame.advance(layout.header_len);
                frame.truncate(layout.payload_len);
                frame.freeze()
            }
            false => self.framing.assemble(&frame, layout).into(),
        };
        self.next_frame();
        Ok(Some(payload))
    }

    /// Returns true if the payload of a whole frame lies in one piece at the front of `src`.
    pub fn has_contiguous_frame(&mut self, src: &[u8]) -> bool {
        if self.fast_path(src).is_some() {
            return true;
        }
        self.framing.is_contiguous()
            && self.skip(src) == 0
            && matches!(self.complete_frame(src), Ok(Some(_)))
    }

    /// Returns the length of the incomplete frame at the front of `src` on the wire, in bytes,
    /// if known.
    pub fn frame_len(&mut self, src: &[u8]) -> Option<usize> {
        if self.skip(src) > 0 {
            return None;
        }
        let layout = self.layout(src).ok()??;
        Some(layout.wire_len())
    }

    /// Checks the end of the stream, `rest` being the bytes after the last frame. Returns the
    /// last payload if the end of the stream is what ends it, as with a JSON number.
    ///
    /// # Errors
    /// [`FrameError::Truncated`] or [`FrameError::Unterminated`] if the stream ended
    /// inside a frame; an error of [`next_payload`](Self::next_payload) if that frame is
    /// invalid.
    pub fn finish<'a>(&mut self, rest: &'a [u8]) -> Result<Option<&'a [u8]>, FrameError> {
        let rest = &rest[self.skip(rest)..];
        if rest.is_empty() {
            return Ok(None);
        }
        if let Framing::Value(format) = self.framing {
            let end = format.end(rest, self.max_len, true, &mut self.scan)?;
            if end == Some(rest.len()) {
                return Ok(Some(rest));
            }
        }
        match self.layout(rest)? {
            Some(layout) if layout.wire_len() > rest.len() => Err(FrameError::Truncated {
                have: rest.len(),
                need: layout.wire_len(),
            }),
            _ => self.framing.truncated(rest.len()).map(|()| None),
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
    #[inline(never)]
    fn slow_path<'a>(&mut self, src: &mut &'a [u8]) -> Result<Option<Payload<'a>>, FrameError> {
        *src = &src[self.skip(src)..];
        let Some(layout) = self.complete_frame(src)? else {
            return Ok(None);
        };
        let (frame, rest) = src.split_at(layout.wire_len());
        *src = rest;
        let payload = match self.framing.is_contiguous() {
            true => Payload::Borrowed(&frame[layout.header_len..][..layout.payload_len]),
            false => Payload::Shared(self.framing.assemble(frame, layout).into()),
        };
        self.next_frame();
        Ok(Some(payload))
    }

    /// Returns the layout of the frame at the front of `src` once all of it has arrived.
    fn complete_frame(&mut self, src: &[u8]) -> Result<Option<Layout>, FrameError> {
        if let Some(found) = self.scan.state.as_ref().and_then(|state| state.found) {
            return Ok(Some(found));
        }
        let layout = self.layout(src)?;
        let layout = layout.filter(|layout| layout.wire_len() <= src.len());
        if let Some(state) = &mut self.scan.state {
            state.found = layout;
        }
        Ok(layout)
    }

    fn layout(&mut self, src: &[u8]) -> Result<Option<Layout>, FrameError> {
        self.framing.layout(src, self.max_len, &mut self.scan)
    }

    /// Returns the number of bytes at the front of `src` that are between two frames.
    fn skip(&mut self, src: &[u8]) -> usize {
        if self.scan.at > 0 {
            return 0;
        }
        self.framing.skip(src, &mut self.scan)
    }

    /// Begins the next frame.
    fn next_frame(&mut self) {
        self.scan.reset();
        if let Some(later) = self.later.take() {
            self.scan = Scan::default();
            self.framing = *later;
            self.fast_path_below = self.framing.fast_path_below(self.max_len);
        }
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
    fn decode_all(mut stream: &[u8]) -> (Vec<Bytes>, &[u8]) {
        let (mut decoder, mut payloads) = (decoder(), Vec::new());
        while let Some(payload) = decoder.next_payload(&mut stream).unwrap() {
            payloads.push(payload.into());
        }
        (payloads, stream)
    }

    #[test]
    fn u32le_frames_are_decoded() {
        let check = |stream: &[u8], payloads: &[&[u8]], rest: &[u8]| {
            let payloads = payloads.iter().map(|it| Bytes::copy_from_slice(it));
            assert_eq!(decode_all(stream), (payloads.collect(), rest));
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
        assert_eq!(decoder().finish(b""), Ok(None));
        assert_eq!(decoder().finish(b"\x05"), truncated(1, 4));
        assert_eq!(decoder().finish(b"\x05\0\0\0"), truncated(4, 9));
        assert_eq!(decoder().finish(b"\x05\0\0\0hell"), truncated(8, 9));
    }
}
