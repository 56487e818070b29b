//! Guessed framing, and the strength of the evidence for it.

use crate::framing::Framing;

/// Framing that a capture may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    /// Framing.
    pub framing: Framing,
    /// Number of whole frames, in the bytes that were looked at.
    pub frames: usize,
    /// Number of bytes in these frames.
    pub bytes: usize,
    /// True if the capture ends where a frame does.
    pub complete: bool,
    /// Strength of the evidence.
    pub evidence: Evidence,
}

/// Strength of the evidence for a framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// As likely to be chance: too few bytes, or bytes without a pattern.
    Weak,
    /// Unlikely to be chance.
    Fair,
    /// Hardly chance.
    Strong,
}
