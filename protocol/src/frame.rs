use bytes::Bytes;

use crate::error::FrameError;
use crate::framing::Framing;
use crate::layout::Header;

/// Frame: a payload, with the header and trailer that delimit it on the wire.
///
/// A frame is checked when it is made, so writing it cannot fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    header: Header,
    payload: Bytes,
    trailer: &'static [u8],
}

impl Frame {
    /// Frames `payload` without copying it.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if `framing` cannot announce the payload's length;
    /// [`FrameError::LineBreak`] or [`FrameError::Nul`] if the payload contains a
    /// delimiter.
    pub fn new(framing: Framing, payload: impl Into<Bytes>) -> Result<Self, FrameError> {
        let payload = payload.into();
        framing.check([&payload[..]].into_iter())?;
        Ok(Self {
            header: framing.header(payload.len())?,
            payload,
            trailer: framing.trailer(),
        })
    }

    /// Returns the bytes before the payload on the wire.
    pub fn header(&self) -> &[u8] {
        self.header.as_ref()
    }

    /// Returns the payload: one message.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Returns the bytes after the payload on the wire.
    pub fn trailer(&self) -> &'static [u8] {
        self.trailer
    }

    /// Returns the frame's length on the wire, in bytes, header and trailer included.
    pub fn wire_len(&self) -> usize {
        self.header().len() + self.payload.len() + self.trailer.len()
    }
}
