//! Grammars that are read byte by byte, and their reader. The formats import this file; it
//! imports none of them.

use super::bounds;
use super::levels::MAX_LEVELS;
use crate::error::FrameError;
use crate::scan::{Scan, ScanState};

/// Grammar of a format: a state machine over bytes. Its modes are numbers of its own; a value
/// begins in mode 0.
pub(super) trait Grammar {
    /// Name in error messages.
    const FORMAT: &str;

    /// Mode after a value's last byte.
    const DONE: u8;

    /// Mode in which [plain](Self::is_plain) bytes change nothing, so that a run of them is
    /// skipped at once. By default no mode: none has this number.
    const TEXT: u8 = u8::MAX;

    /// Returns true if the byte changes nothing in a text.
    fn is_plain(_byte: u8) -> bool {
        false
    }

    /// Reads the next byte.
    fn step(state: &mut ScanState, byte: u8) -> Step;

    /// Returns the least number of bytes that the value still needs.
    fn min_rest(state: &ScanState) -> u64;
}

/// Result of reading a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Byte of the value.
    Next,
    /// Byte of the value, and as many more as the state's `len` says.
    Skip,
    /// Byte after the value, which only this byte has ended.
    Ended,
    /// Byte that cannot come next.
    Wrong,
    /// Byte that opens more levels than are allowed.
    TooDeep,
}

/// Returns the number with the decimal digits of `number`, and then `digit`.
pub(super) fn with_digit(number: usize, digit: u8) -> usize {
    number
        .saturating_mul(10)
        .saturating_add((digit - b'0').into())
}

/// Returns the length of the value at the front of `src`, once it is known.
pub(super) fn end<G: Grammar>(
    src: &[u8],
    max: usize,
    scan: &mut Scan,
) -> Result<Option<usize>, FrameError> {
    let mut at = scan.at;
    let state = scan.state();
    while state.mode != G::DONE {
        if state.mode == G::TEXT {
            let text = src.get(at..).unwrap_or_default();
            let plain = text.iter().position(|&byte| !G::is_plain(byte));
            let plain = plain.unwrap_or(text.len());
            // The run ends one byte over the limit, where a check of each byte would fail.
            let least = G::min_rest(state).saturating_add(at as u64);
            let room = (max as u64).saturating_sub(least) as usize;
            at += plain.min(room.saturating_add(1));
            bounds::check(at, G::min_rest(state), max)?;
        }
        let Some(&byte) = src.get(at) else {
            scan.at = at;
            return Ok(None);
        };
        match G::step(state, byte) {
            Step::Next => at += 1,
            Step::Skip => at = (at + 1).saturating_add(state.len),
            Step::Ended => break,
            Step::Wrong => {
                let (format, found) = (G::FORMAT, byte);
                return Err(FrameError::NotAValue { format, at, found });
            }
            Step::TooDeep => {
                let (format, max) = (G::FORMAT, MAX_LEVELS);
                return Err(FrameError::TooDeep { format, max });
            }
        }
        bounds::check(at, G::min_rest(state), max)?;
    }
    scan.at = at;
    Ok(Some(at))
}
