//! Byte order hint: a length that is plausible in the other byte order, a sign of a wrong framing.

use std::fmt;

use crate::integer::ByteOrder;

/// Length that was read in the wrong byte order, it seems.
///
/// Displayed with the notation of the other: "as u32le it has 5 bytes". A length of 5 that is
/// little-endian is 83,886,080 to `u32be`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByteOrderHint {
    /// Length of the payload in the other byte order, in bytes.
    pub len: usize,
    /// Width of the integer, in bytes.
    pub width: u8,
    /// The other byte order.
    pub order: ByteOrder,
}

impl ByteOrderHint {
    /// Returns the notation of the integer: `u32le`.
    pub fn notation(&self) -> String {
        let order = match self.order {
            ByteOrder::Little => "le",
            ByteOrder::Big => "be",
        };
        format!("u{}{order}", 8 * u32::from(self.width))
    }
}

impl fmt::Display for ByteOrderHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.len == 1 { "" } else { "s" };
        write!(f, "as {} it has {} byte{plural}", self.notation(), self.len)
    }
}
