//! Limit on a value's length. A leaf: it uses no format.

use crate::error::FrameError;
use crate::integer::{self, ByteOrder};

/// Longest length that is counted, in bytes, without a limit. It keeps counters from
/// overflowing; no buffer is that long.
const MAX_COUNTED: u64 = 1 << 60;

/// Checks a value that has `read` bytes and at least `rest` more.
///
/// # Errors
/// [`FrameError::TooLong`] if that is more than `max`.
pub(super) fn check(read: usize, rest: u64, max: usize) -> Result<(), FrameError> {
    let len = (read as u64).saturating_add(rest);
    match len > MAX_COUNTED.min(max as u64) {
        true => Err(FrameError::TooLong { len, max }),
        false => Ok(()),
    }
}

/// Reads the big-endian number of `width` bytes at `at`; `None` while it is incomplete.
pub(super) fn number(src: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = src.get(at..)?.get(..width)?;
    Some(integer::read(bytes, ByteOrder::Big))
}
