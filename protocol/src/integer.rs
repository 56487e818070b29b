//! Unsigned integers of one to eight bytes, in either byte order.

/// Byte order of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl ByteOrder {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Little => Self::Big,
            Self::Big => Self::Little,
        }
    }
}

/// Returns the largest integer of `width` bytes.
pub(crate) const fn max(width: usize) -> u64 {
    u64::MAX >> (u64::BITS as usize - 8 * width)
}

/// Reads an integer from all of `bytes`, at most eight.
pub(crate) fn read(bytes: &[u8], order: ByteOrder) -> u64 {
    let mut padded = [0; 8];
    match order {
        ByteOrder::Big => {
            padded[8 - bytes.len()..].copy_from_slice(bytes);
            u64::from_be_bytes(padded)
        }
        ByteOrder::Little => {
            padded[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(padded)
        }
    }
}

/// Writes `value` to all of `bytes`, at most eight; higher bytes of the value are cut off.
pub(crate) fn write(value: u64, bytes: &mut [u8], order: ByteOrder) {
    let width = bytes.len();
    match order {
        ByteOrder::Big => bytes.copy_from_slice(&value.to_be_bytes()[8 - width..]),
        ByteOrder::Little => bytes.copy_from_slice(&value.to_le_bytes()[..width]),
    }
}
