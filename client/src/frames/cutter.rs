//! Cutting of a byte stream into frames.

use bytes::{Buf, Bytes, BytesMut};
use protocol::{Decoder, FrameError, Framing, Segment, ValueFormat};

use crate::frames::error::FramesError;

/// A frame of a capture.
#[derive(Debug)]
pub(super) struct CutFrame {
    /// The offset of its first byte in the capture.
    pub(super) offset: u64,
    pub(super) wire: Bytes,
    pub(super) message: Bytes,
    /// The roles of its bytes.
    pub(super) segments: Vec<Segment>,
}

/// A decoder that counts frames and bytes.
#[derive(Debug)]
pub(super) struct Cutter {
    decoder: Decoder,
    framing: Framing,
    /// The framing of the first frame, until that was cut.
    first: Option<Framing>,
    count: u64,
    /// The offset of the next frame.
    offset: u64,
}

impl Cutter {
    pub(super) fn new(framing: Framing, first: Option<Framing>, max_len: usize) -> Self {
        Self {
            decoder: Decoder::new(framing, max_len).with_first(first.map(Box::new)),
            framing,
            first,
            count: 0,
            offset: 0,
        }
    }

    /// The number of frames that were cut.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Cuts the next frame off `buffer`; returns `None` while it is incomplete.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if it is broken.
    pub(super) fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<CutFrame>, FramesError> {
        let mut rest = &buffer[..];
        let payload = self.decoder.next_payload(&mut rest);
        let message = payload.map(|payload| payload.map(Bytes::from));
        let used = buffer.len() - rest.len();
        match message {
            Err(source) => {
                self.offset += used as u64;
                Err(self.broken(source))
            }
            Ok(Some(message)) => {
                let wire = buffer.split_to(used).freeze();
                Ok(Some(self.frame(wire, message)))
            }
            Ok(None) => {
                buffer.advance(used);
                self.offset += used as u64;
                Ok(None)
            }
        }
    }

    /// Returns the frame that ends with the capture, whose last bytes are `rest`.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if it is incomplete.
    pub(super) fn finish(&mut self, rest: &[u8]) -> Result<Option<CutFrame>, FramesError> {
        let last = self.decoder.finish(rest);
        let last = last.map_err(|source| self.broken(source))?;
        Ok(last.map(|message| {
            let message = Bytes::copy_from_slice(message);
            self.frame(message.clone(), message)
        }))
    }

    fn frame(&mut self, mut wire: Bytes, message: Bytes) -> CutFrame {
        let framing = self.first.take().unwrap_or(self.framing);
        if framing == Framing::Value(ValueFormat::Json) {
            // White space between two values.
            let blank = wire.len() - wire.trim_ascii_start().len();
            wire.advance(blank);
            self.offset += blank as u64;
        }
        let offset = self.offset;
        self.count += 1;
        self.offset += wire.len() as u64;
        CutFrame {
            offset,
            segments: framing.segments(&wire),
            wire,
            message,
        }
    }

    fn broken(&self, source: FrameError) -> FramesError {
        FramesError::Frame {
            number: self.count + 1,
            offset: self.offset,
            source,
        }
    }
}
