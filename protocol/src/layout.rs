//! Positions of a frame's parts, and header bytes.

use crate::error::FrameError;

/// Where the parts of the frame at the front of a buffer lie, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) header_len: usize,
    pub(crate) payload_len: usize,
    pub(crate) trailer_len: usize,
}

impl Layout {
    /// Saturates on 32-bit targets: no buffer is ever that long, so the frame stays
    /// incomplete.
    pub(crate) const fn wire_len(self) -> usize {
        (self.header_len + self.trailer_len).saturating_add(self.payload_len)
    }
}

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParsedHeader {
    pub(crate) header_len: usize,
    /// As wide as the wire has it, whatever the machine can hold.
    pub(crate) payload_len: u64,
}

impl ParsedHeader {
    pub(crate) fn within(self, max: usize) -> Result<Layout, FrameError> {
        match usize::try_from(self.payload_len) {
            Ok(payload_len) if payload_len <= max => Ok(Layout {
                header_len: self.header_len,
                payload_len,
                trailer_len: 0,
            }),
            _ => Err(FrameError::TooLong {
                len: self.payload_len,
                max,
            }),
        }
    }
}

/// The bytes that stand before a payload on the wire, if there are any.
///
/// Held in place: writing a frame allocates nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl Header {
    /// The bytes that the longest one takes up: 64 bits, seven in each.
    pub(crate) const MAX_LEN: usize = 10;

    /// # Panics
    /// If `header` is longer than the longest there is, ten bytes.
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
