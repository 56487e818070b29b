use bytes::Bytes;

use crate::{FrameError, Framing, Header};

/// One frame: a header and its payload.
///
/// A frame that exists fits its framing, so writing it cannot fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    header: Header,
    payload: Bytes,
}

impl Frame {
    /// Frames `payload`, which is kept as it is and not copied.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if `framing` cannot announce the payload's length.
    pub fn new(framing: Framing, payload: impl Into<Bytes>) -> Result<Self, FrameError> {
        let payload = payload.into();
        let header = framing.header(payload.len())?;
        Ok(Self { header, payload })
    }

    /// The bytes on the wire before the payload.
    pub fn header(&self) -> &[u8] {
        self.header.as_ref()
    }

    /// The message.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The frame's length on the wire in bytes, header included.
    pub fn wire_len(&self) -> usize {
        self.header().len() + self.payload.len()
    }
}
