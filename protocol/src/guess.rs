//! Guess of a framing: ranks the framings that a captured stream may have.
//!
//! A framing divides a stream; the guess measures how unlikely that division is by chance,
//! in bits. A right one puts bytes of a kind under each other, such as types, versions and
//! the zeros of a length, and ends with the capture's last byte; a wrong one lands anywhere.
//! The sum, less the bits that it takes to pick the notation among all others, is the
//! evidence: a `u8` that fits twice says little, fixed bytes and many frames say much.

mod bits;
mod capture;
mod division;
mod fields;
mod fixed_bytes;
mod formats;
mod ranking;
mod texts;

use crate::framing::Framing;

use self::capture::Capture;
use self::ranking::Ranking;

/// Number of bytes at the front of a capture that a guess looks at.
const LOOKED_AT: usize = 64 << 10;

/// Framing that a capture may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    /// Framing.
    pub framing: Framing,
    /// Number of whole frames, in the first 64 KiB of the capture.
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

/// Returns at most `max` framings that `capture` may have, the likeliest first.
///
/// The capture is the beginning of one direction of a connection, from its first byte on; it
/// may end inside a frame. Its first 64 KiB are looked at. If no framing has more than
/// [weak](Evidence::Weak) evidence, `raw` comes first: the bytes are too few, or have no
/// framing that is known. An empty capture has no guesses.
pub fn guess(capture: &[u8], max: usize) -> Vec<Guess> {
    if capture.is_empty() {
        return Vec::new();
    }
    let is_cut = capture.len() > LOOKED_AT;
    let capture = Capture::new(&capture[..capture.len().min(LOOKED_AT)], is_cut);
    let mut ranking = Ranking::new(&capture);
    fields::add(&mut ranking);
    texts::add(&mut ranking);
    formats::add(&mut ranking);
    ranking.best(max)
}

/// Returns true if `capture` reads as text: UTF-8 without control characters, but for tabs
/// and line breaks. Its last character may be incomplete.
pub fn is_text(capture: &[u8]) -> bool {
    let text = match str::from_utf8(capture) {
        Ok(text) => text,
        Err(error) if error.error_len().is_some() => return false,
        Err(error) => str::from_utf8(&capture[..error.valid_up_to()]).unwrap_or_default(),
    };
    let is_shown = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    !text.is_empty() && text.chars().all(is_shown)
}
