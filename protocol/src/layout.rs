//! Frame layout and header bytes, shared by all framings. A leaf: it uses no framing.

use crate::error::FrameError;

/// Layout of the frame at the front of a buffer: the lengths of its parts, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) header_len: usize,
    pub(crate) payload_len: usize,
    pub(crate) trailer_len: usize,
}

impl Layout {
    /// Returns the frame's length on the wire, in bytes. Saturates on 32-bit targets: no
    /// buffer is that long, so the frame stays incomplete.
    pub(crate) const fn wire_len(self) -> usize {
        (self.header_len + self.trailer_len).saturating_add(self.payload_len)
    }
}

/// Header that announces a payload's length, as read from the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParsedHeader {
    pub(crate) header_len: usize,
    /// Length as announced: 64 bits wide on 32-bit targets too.
    pub(crate) payload_len: u64,
}

impl ParsedHeader {
    /// Checks the announced length against `max`, in bytes.
    pub(crate) fn layout(self, max: usize) -> Result<Layout, FrameError> {
        let len = self.payload_len;
        match usize::try_from(len) {
            Ok(payload_len) if payload_len <= max => Ok(Layout {
                header_len: self.header_len,
                payload_len,
                trailer_len: 0,
            }),
            _ => Err(FrameError::TooLong { len, max }),
        }
    }
}

/// Header: the bytes before a payload on the wire; empty if the framing has none.
///
/// Stored inline, so that writing a frame allocates nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl Header {
    /// Length of the longest header, in bytes: a varint of 64 bits, seven in each byte.
    pub(crate) const MAX_LEN: usize = 10;

    /// # Panics
    /// Panics if `header` is longer than [`MAX_LEN`](Self::MAX_LEN).
    pub(crate) fn new(header: &[u8]) -> Self {
        let mut bytes = [0; _];
        bytes[..header.len()].copy_from_slice(header);
        Self {
            bytes,
            len: header.len() as u8,
        }
    }
}

impl AsRef<[u8]> for Header {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.len.into()]
    }
}
