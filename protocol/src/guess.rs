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
mod evidence;
mod fields;
mod fixed_bytes;
mod formats;
mod ranking;
mod text;
mod texts;

pub use self::evidence::{Evidence, Guess};
pub use self::text::is_text;

use self::capture::Capture;
use self::ranking::Ranking;

/// Number of bytes at the front of a capture that a guess looks at.
pub const GUESSED_LEN: usize = 64 << 10;

/// Returns at most `max` framings that `capture` may have, the likeliest first.
///
/// The capture is the beginning of one direction of a connection, from its first byte on; it
/// may end inside a frame. Its first [`GUESSED_LEN`] bytes are looked at. If no framing has more than
/// [weak](Evidence::Weak) evidence, `raw` comes first: the bytes are too few, or have no
/// framing that is known. An empty capture has no guesses.
pub fn guess(capture: &[u8], max: usize) -> Vec<Guess> {
    if capture.is_empty() {
        return Vec::new();
    }
    let is_cut = capture.len() > GUESSED_LEN;
    let capture = Capture::new(&capture[..capture.len().min(GUESSED_LEN)], is_cut);
    let mut ranking = Ranking::new(&capture);
    fields::add(&mut ranking);
    texts::add(&mut ranking);
    formats::add(&mut ranking);
    ranking.best(max)
}
