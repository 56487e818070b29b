//! Result of reading a frame.

use crate::kind::Kind;

/// Reason why no frame could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// More bytes have to come.
    More,
    Fault(Kind),
}

/// A frame that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub message: Vec<u8>,
    /// Its length on the wire, in bytes.
    pub used: usize,
    /// True if sending the message writes these bytes.
    pub is_shortest: bool,
}
