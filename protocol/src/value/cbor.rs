//! CBOR (RFC 8949): where a well-formed value ends.

use super::bounds;
use crate::error::FrameError;
use crate::scan::{Scan, ScanState};

pub(super) const FORMAT: &str = "CBOR";

/// Deepest level of strings, arrays and maps of indefinite length. Those with a count need no
/// level of their own.
const MAX_LEVELS: usize = 1024;

// Major types.
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;

const BREAK: u8 = 0xff;
/// Additional information of an indefinite length.
const INDEFINITE: u8 = 31;

/// Returns the length of the value at the front of `src`, once it is known.
///
/// The state's `mode` is the major type of the innermost level of indefinite length, 0 outside
/// of any; `open` the number of values that have to come before that level can end, and
/// `levels` both of the levels around it. `len` is the least number of bytes still to come.
pub(super) fn end(src: &[u8], max: usize, scan: &mut Scan) -> Result<Option<usize>, FrameError> {
    if scan.at == 0 {
        let state = scan.state();
        (state.open, state.len) = (1, 1);
    }
    while scan.state().open > 0 || scan.state().mode > 0 {
        let at = scan.at;
        match item(src, at, max, scan.state())? {
            Some(next) => scan.at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(scan.at))
}

/// Reads an item's head, and skips a string; returns the offset after it.
fn item(
    src: &[u8],
    at: usize,
    max: usize,
    state: &mut ScanState,
) -> Result<Option<usize>, FrameError> {
    let Some(&first) = src.get(at) else {
        return Ok(None);
    };
    let (major, info) = (first >> 5, first & 31);
    let wrong = |at, found| {
        let format = FORMAT;
        Err(FrameError::NotAValue { format, at, found })
    };
    if first == BREAK {
        return match end_level(state) {
            true => Ok(Some(at + 1)),
            false => wrong(at, first),
        };
    }
    let in_string = matches!(state.mode, BYTES | TEXT);
    let width = match info {
        // A string of indefinite length has chunks of its own type, and of definite length.
        _ if in_string && (major != state.mode || info == INDEFINITE) => return wrong(at, first),
        0..24 => 0,
        24..=27 => 1 << (info - 24),
        INDEFINITE if matches!(major, BYTES..=MAP) => {
            take_item(state);
            begin_level(state, major)?;
            bounds::check(at + 1, state.len as u64, max)?;
            return Ok(Some(at + 1));
        }
        _ => return wrong(at, first),
    };
    let head_end = at + 1 + width;
    let rest = match state.open {
        // A key: its value has to come before the level can end.
        0 => state.len + usize::from(state.mode == MAP),
        _ => state.len - 1,
    };
    bounds::check(head_end, rest as u64, max)?;
    let argument = match width {
        0 => u64::from(info),
        _ => match bounds::number(src, at + 1, width) {
            Some(argument) => argument,
            None => return Ok(None),
        },
    };
    let (bytes, values) = match major {
        BYTES | TEXT => (argument, 0),
        ARRAY => (0, argument),
        MAP => (0, argument.saturating_mul(2)),
        TAG => (0, 1),
        // Simple values below 32 have no second byte (section 3.3).
        SIMPLE if width == 1 && argument < 32 => return wrong(at + 1, argument as u8),
        _ => (0, 0),
    };
    take_item(state);
    let rest = (state.len as u64).saturating_add(values);
    bounds::check(head_end, rest.saturating_add(bytes), max)?;
    state.open += values;
    state.len = rest as usize;
    Ok(Some(head_end + bytes as usize))
}

/// Counts an item that begins.
fn take_item(state: &mut ScanState) {
    if state.open > 0 {
        state.open -= 1;
        state.len -= 1;
    } else if state.mode == MAP {
        // A key: its value has to come before the level can end.
        state.open = 1;
        state.len += 1;
    }
}

/// Opens a level of indefinite length.
fn begin_level(state: &mut ScanState, major: u8) -> Result<(), FrameError> {
    if state.levels.len() == MAX_LEVELS {
        let (format, max) = (FORMAT, MAX_LEVELS);
        return Err(FrameError::TooDeep { format, max });
    }
    state.levels.push(state.open << 3 | u64::from(state.mode));
    (state.open, state.mode) = (0, major);
    state.len += 1;
    Ok(())
}

/// Closes the innermost level; returns false if it cannot end here.
fn end_level(state: &mut ScanState) -> bool {
    if state.open > 0 {
        return false;
    }
    let Some(outer) = state.levels.pop() else {
        return false;
    };
    (state.open, state.mode) = (outer >> 3, (outer & 7) as u8);
    state.len -= 1;
    true
}
