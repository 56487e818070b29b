//! Bencode (BEP 3): where a value ends.

use super::grammar::{self, Grammar, Step, with_digit};
use super::levels;
use crate::error::FrameError;
use crate::scan::{Scan, ScanState};

pub(super) const FORMAT: &str = "bencode";

/// Returns the length of the value at the front of `src`, once it is known.
pub(super) fn end(src: &[u8], max: usize, scan: &mut Scan) -> Result<Option<usize>, FrameError> {
    grammar::end::<Bencode>(src, max, scan)
}

/// Grammar of bencode. The state's `open` is the number of levels.
struct Bencode;

/// Mode before an item of a list, or the value itself.
const ITEM: u8 = 0;
/// Mode before a key of a dictionary.
const KEY: u8 = 1;
/// Mode between a key and its value.
const VALUE: u8 = 2;
/// Mode after the `i` of an integer.
const INTEGER: u8 = 3;
/// Mode after the minus of an integer.
const MINUS: u8 = 4;
/// Mode after a digit of an integer.
const DIGIT: u8 = 5;
/// Mode in the length of a string; the state's `len` is its value so far, and `then` the mode
/// after the string.
const LENGTH: u8 = 6;
/// Mode after the value.
const DONE: u8 = 7;

/// Length of the shortest value, the empty string `0:`, in bytes.
const SHORTEST: u64 = 2;

impl Grammar for Bencode {
    const FORMAT: &str = FORMAT;
    const DONE: u8 = DONE;

    fn step(state: &mut ScanState, byte: u8) -> Step {
        let mode = state.mode;
        state.mode = match (mode, byte) {
            (ITEM | KEY | VALUE, b'0'..=b'9') => {
                state.then = match mode {
                    KEY => VALUE,
                    _ => after_value(state),
                };
                state.len = usize::from(byte - b'0');
                LENGTH
            }
            (ITEM | VALUE, b'i') => INTEGER,
            (ITEM | VALUE, b'l' | b'd') => {
                let is_dictionary = byte == b'd';
                if !levels::push(state, is_dictionary) {
                    return Step::TooDeep;
                }
                if is_dictionary { KEY } else { ITEM }
            }
            (ITEM | KEY, b'e') if state.open > 0 => {
                levels::pop(state);
                after_value(state)
            }
            (INTEGER, b'-') => MINUS,
            (INTEGER | MINUS | DIGIT, b'0'..=b'9') => DIGIT,
            (DIGIT, b'e') => after_value(state),
            (LENGTH, b'0'..=b'9') => {
                state.len = with_digit(state.len, byte);
                LENGTH
            }
            (LENGTH, b':') => {
                state.mode = state.then;
                return Step::Skip;
            }
            _ => return Step::Wrong,
        };
        Step::Next
    }

    fn min_rest(state: &ScanState) -> u64 {
        let rest = match state.mode {
            VALUE => SHORTEST,
            // A digit and the `e`.
            INTEGER | MINUS => 2,
            DIGIT => 1,
            // The colon, the string, and after a key its value.
            LENGTH => {
                let value = if state.then == VALUE { SHORTEST } else { 0 };
                (state.len as u64).saturating_add(1 + value)
            }
            _ => 0,
        };
        rest.saturating_add(state.open)
    }
}

/// Returns the mode after a value.
fn after_value(state: &ScanState) -> u8 {
    match (state.open, levels::has_keys(state)) {
        (0, _) => DONE,
        (_, true) => KEY,
        (_, false) => ITEM,
    }
}
