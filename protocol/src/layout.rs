//! Frame layout, shared by all framings. A leaf: it uses no framing.

use crate::byte_order_hint::ByteOrderHint;
use crate::error::FrameError;
use crate::integer::{self, ByteOrder};
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

/// Binary length on the wire, for hints if it is over the limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LengthOnWire<'a> {
    pub(crate) bytes: &'a [u8],
    /// `None` if the length is no integer in a byte order.
    pub(crate) order: Option<ByteOrder>,
    /// Bytes that the length counts and that are not in the message, and the reverse.
    pub(crate) counted: usize,
    pub(crate) besides: usize,
}

/// Checks an announced message of `len` bytes against `max`. `wire` is its length on the wire if
/// that is binary.
///
/// # Errors
/// [`FrameError::TooLong`]; with a hint, [`FrameError::TextLength`] or
/// [`FrameError::SwappedLength`].
#[inline]
pub(crate) fn check_len(
    len: u64,
    max: usize,
    wire: Option<LengthOnWire<'_>>,
) -> Result<usize, FrameError> {
    match usize::try_from(len) {
        Ok(len) if len <= max => Ok(len),
        _ => Err(too_long(len, max, wire)),
    }
}

#[cold]
fn too_long(len: u64, max: usize, wire: Option<LengthOnWire<'_>>) -> FrameError {
    let text = wire.and_then(|wire| TextHint::of_length(wire.bytes));
    let other = wire.and_then(|wire| wire.in_other_order(max));
    match (text, other) {
        (Some(text), _) => FrameError::TextLength { len, max, text },
        (None, Some(other)) => FrameError::SwappedLength { len, max, other },
        (None, None) => FrameError::TooLong { len, max },
    }
}

impl LengthOnWire<'_> {
    /// Returns the length in the other byte order, if that is a message of at most `max` bytes. It
    /// begins with a zero, as most lengths of more than two bytes do: others are chance.
    fn in_other_order(self, max: usize) -> Option<ByteOrderHint> {
        let order = self.order?.other();
        let value = usize::try_from(integer::read(self.bytes, order)).ok()?;
        let width = self.bytes.len();
        if width > 2 && value as u64 > integer::max(width - 1) {
            return None;
        }
        let len = value.checked_sub(self.counted)?.checked_add(self.besides)?;
        (len <= max).then_some(ByteOrderHint {
            len,
            width: width as u8,
            order,
        })
    }
}
