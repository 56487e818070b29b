//! Length as bytes of a frame, shared by its notations. A leaf.

/// Length as it was read: its value, and its width on the wire, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadNumber {
    pub(crate) value: u64,
    pub(crate) width: usize,
}

/// Bytes of a written length, stored inline.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NumberBytes {
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl NumberBytes {
    /// Longest notation: the decimal digits of 64 bits.
    pub(crate) const MAX_LEN: usize = 20;

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let len = usize::from(self.len);
        self.bytes[len..len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len() as u8;
    }
}

impl AsRef<[u8]> for NumberBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.len.into()]
    }
}
