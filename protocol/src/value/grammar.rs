//! Grammars that are read byte by byte, and their reader. A leaf: it uses no format.

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

    /// Mode in which [plain](Self::is_plain) bytes change nothing, as in strings.
    const TEXT: u8;

    /// Returns true if the byte changes nothing in a text.
    fn is_plain(byte: u8) -> bool;

    /// Reads the next byte.
    fn step(state: &mut ScanState, byte: u8) -> Step;

    /// Returns the least number of bytes that the value still needs.
    fn rest(state: &ScanState) -> u64;
}

/// Result of reading a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Byte of the value.
    Next,
    /// Byte of the value, and as many more as the state's `len` says.
    Skip,
    /// End of the value before the byte.
    Ended,
    /// Byte that cannot come next.
    Wrong,
    /// Byte that opens more levels than are allowed.
    TooDeep,
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
            // One byte over the limit, as if each were checked.
            let known = G::rest(state).saturating_add(at as u64);
            let room = (max as u64).saturating_sub(known) as usize;
            at += plain.min(room.saturating_add(1));
            bounds::check(at, G::rest(state), max)?;
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
        bounds::check(at, G::rest(state), max)?;
    }
    scan.at = at;
    Ok(Some(at))
}
