//! Sizes that decide when bytes are copied, shared, pooled and kept.

/// How much is read at once, in bytes: thousands of short frames, or some long ones, for
/// one system call.
pub(crate) const READ_SIZE: usize = 256 * 1024;

/// From this many bytes on, a payload is worth keeping where it is rather than copying:
/// the buffer goes out with it and is used again once it is written.
pub(crate) const SHARE_FROM: usize = 16 * 1024;
