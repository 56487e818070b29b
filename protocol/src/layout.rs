//! Frame layout, shared by all framings. A leaf: it uses no framing.

use crate::error::FrameError;
use crate::text_hint::TextHint;

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

/// Checks an announced message of `len` bytes against `max`. `field` is the length on the
/// wire, for a hint that it is text.
///
/// # Errors
/// [`FrameError::TooLong`] or [`FrameError::TextLength`].
pub(crate) fn check_len(len: u64, max: usize, field: &[u8]) -> Result<usize, FrameError> {
    match usize::try_from(len) {
        Ok(len) if len <= max => Ok(len),
        _ => Err(match TextHint::of_length(field) {
            Some(text) => FrameError::TextLength { len, max, text },
            None => FrameError::TooLong { len, max },
        }),
    }
}
