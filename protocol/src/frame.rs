use bytes::Bytes;

use crate::error::FrameError;
use crate::framing::Framing;
use crate::layout::Header;

/// One frame: a payload, and what tells where it ends.
///
/// A frame that exists fits its framing, so writing it cannot fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    header: Header,
    payload: Bytes,
    trailer: &'static [u8],
}

impl Frame {
    /// Frames `payload`, which is kept as it is and not copied.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if `framing` cannot announce the payload's length, and
    /// [`FrameError::LineBreak`] or [`FrameError::Nul`] if the payload has what would end
    /// it early.
    pub fn new(framing: Framing, payload: impl Into<Bytes>) -> Result<Self, FrameError> {
        let payload = payload.into();
        framing.check([&payload[..]].into_iter())?;
        Ok(Self {
            header: framing.header(payload.len())?,
            payload,
            trailer: framing.trailer(),
        })
    }

    /// The bytes on the wire before the payload.
    pub fn header(&self) -> &[u8] {
        self.header.as_ref()
    }

    /// The message.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The bytes on the wire after the payload.
    pub fn trailer(&self) -> &'static [u8] {
        self.trailer
    }

    /// The frame's length on the wire in bytes, header and trailer included.
    pub fn wire_len(&self) -> usize {
        self.header().len() + self.payload.len() + self.trailer.len()
    }
}
