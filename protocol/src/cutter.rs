use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

use crate::decoder::Decoder;
use crate::error::FrameError;
use crate::framing::Framing;
use crate::segment::Segment;
use crate::value::ValueFormat;

/// Frame of a captured stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutFrame {
    /// Offset of its first byte in the stream.
    pub offset: u64,
    /// Bytes of the frame.
    pub wire: Bytes,
    /// Message.
    pub message: Bytes,
    /// Roles of the frame's bytes.
    pub segments: Vec<Segment>,
}

/// Frame that cannot be cut: it is broken or incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("frame {number}, at byte {offset} of the capture: {source}")]
pub struct CutError {
    /// Number of the frame, from 1 on.
    pub number: u64,
    /// Offset of the frame's first byte in the stream.
    pub offset: u64,
    /// Error, whose offsets count from the frame's first byte.
    pub source: FrameError,
}

/// Cutter of one byte stream: a decoder that counts frames and bytes, and keeps those of each
/// frame.
#[derive(Debug, Clone)]
pub struct Cutter {
    decoder: Decoder,
    framing: Framing,
    /// Framing of the first frame, until that was cut.
    first: Option<Framing>,
    count: u64,
    /// Offset of the next frame.
    offset: u64,
}

impl Cutter {
    /// Creates a cutter of messages of at most `max_len` bytes; `first` is the framing of the
    /// first one, if it is another.
    pub fn new(framing: Framing, first: Option<Framing>, max_len: usize) -> Self {
        Self {
            decoder: Decoder::new(framing, max_len).with_first(first.map(Box::new)),
            framing,
            first,
            count: 0,
            offset: 0,
        }
    }

    /// Returns the number of frames that were cut.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Cuts the next frame off `buffer`; returns `None` while it is incomplete.
    ///
    /// # Errors
    /// [`CutError`] if it is broken.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<CutFrame>, CutError> {
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
    /// [`CutError`] if it is incomplete.
    pub fn finish(&mut self, rest: &[u8]) -> Result<Option<CutFrame>, CutError> {
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

    fn broken(&self, source: FrameError) -> CutError {
        CutError {
            number: self.count + 1,
            offset: self.offset,
            source,
        }
    }
}
