//! Redis serialization protocol: where a value of RESP2 or RESP3 ends.

use super::grammar::{self, Grammar, Step, with_digit};
use crate::error::FrameError;
use crate::scan::{Scan, ScanState};

pub(super) const FORMAT: &str = "RESP";

/// Length of the shortest value, such as a null, in bytes.
const SHORTEST: u64 = 3;

/// Returns the length of the value at the front of `src`, once it has arrived.
pub(super) fn end(src: &[u8], max: usize, scan: &mut Scan) -> Result<Option<usize>, FrameError> {
    if scan.at == 0 {
        scan.state().open = 1;
    }
    grammar::end::<Resp>(src, max, scan)
}

/// Grammar of RESP. The state's `open` is the number of values still to come, and its `then`
/// the type of the value that is being read.
struct Resp;

/// Mode before the type byte of a value.
const TYPE: u8 = 0;
/// Mode in a line of any bytes.
const LINE: u8 = 1;
/// Mode before the sign or first digit of an integer.
const INTEGER: u8 = 2;
/// Mode after the sign of an integer.
const SIGN: u8 = 3;
/// Mode after a digit of an integer.
const DIGIT: u8 = 4;
/// Mode in a floating-point number.
const DOUBLE: u8 = 5;
/// Mode before the letter of a boolean.
const BOOLEAN: u8 = 6;
/// Mode before a length or count.
const COUNT: u8 = 7;
/// Mode after the minus of a length.
const MINUS: u8 = 8;
/// Mode after a digit of a length or count; the state's `len` is its value so far.
const COUNTED: u8 = 9;
/// Mode before a CR.
const CR: u8 = 10;
/// Mode before the LF of a line.
const LF: u8 = 11;
/// Mode before the LF that a string of `len` bytes follows.
const LF_STRING: u8 = 12;
/// Mode before the CR after a string.
const STRING_END: u8 = 13;
/// Mode after the value.
const DONE: u8 = 14;

impl Grammar for Resp {
    const FORMAT: &str = FORMAT;
    const DONE: u8 = DONE;
    const TEXT: u8 = LINE;

    fn is_plain(byte: u8) -> bool {
        !matches!(byte, b'\r' | b'\n')
    }

    fn step(state: &mut ScanState, byte: u8) -> Step {
        state.mode = match (state.mode, byte) {
            (TYPE, _) => match first_mode(byte) {
                Some(mode) => {
                    state.open -= 1;
                    state.then = byte;
                    state.len = 0;
                    mode
                }
                None => return Step::Wrong,
            },
            (INTEGER, b'+' | b'-') => SIGN,
            (INTEGER | SIGN | DIGIT, b'0'..=b'9') => DIGIT,
            (DOUBLE, b'0'..=b'9' | b'+' | b'-' | b'.') => DOUBLE,
            // An exponent, "inf" and "nan".
            (DOUBLE, b'e' | b'E' | b'i' | b'n' | b'f' | b'a') => DOUBLE,
            (BOOLEAN, b't' | b'f') => CR,
            // A null of RESP2.
            (COUNT, b'-') if matches!(state.then, b'$' | b'*') => MINUS,
            (MINUS, b'1') => CR,
            (COUNT | COUNTED, b'0'..=b'9') => {
                state.len = with_digit(state.len, byte);
                COUNTED
            }
            (COUNTED, b'\r') if is_string(state.then) => LF_STRING,
            (COUNTED, b'\r') => {
                state.open = state.open.saturating_add(values(state));
                LF
            }
            (LINE | DIGIT | DOUBLE | CR | STRING_END, b'\r') => LF,
            (LF, b'\n') if state.open == 0 => DONE,
            (LF, b'\n') => TYPE,
            (LF_STRING, b'\n') => {
                state.mode = STRING_END;
                return Step::Skip;
            }
            _ => return Step::Wrong,
        };
        Step::Next
    }

    fn min_rest(state: &ScanState) -> u64 {
        let len = state.len as u64;
        let rest = match state.mode {
            COUNTED if is_string(state.then) => len.saturating_add(4),
            COUNTED => values(state).saturating_mul(SHORTEST).saturating_add(2),
            LF_STRING => len.saturating_add(3),
            INTEGER | SIGN | BOOLEAN | COUNT | MINUS => 3,
            LINE | DIGIT | DOUBLE | CR | STRING_END => 2,
            LF => 1,
            _ => 0,
        };
        state.open.saturating_mul(SHORTEST).saturating_add(rest)
    }
}

/// Returns the mode after a type byte.
const fn first_mode(byte: u8) -> Option<u8> {
    Some(match byte {
        b'+' | b'-' => LINE,
        b':' | b'(' => INTEGER,
        b',' => DOUBLE,
        b'#' => BOOLEAN,
        b'_' => CR,
        b'$' | b'!' | b'=' | b'*' | b'~' | b'>' | b'%' | b'|' => COUNT,
        _ => return None,
    })
}

const fn is_string(kind: u8) -> bool {
    matches!(kind, b'$' | b'!' | b'=')
}

/// Returns the number of values that an aggregate with the state's `len` adds. After the
/// attributes of a value comes the value itself.
const fn values(state: &ScanState) -> u64 {
    let len = state.len as u64;
    match state.then {
        b'%' => len.saturating_mul(2),
        b'|' => len.saturating_mul(2).saturating_add(1),
        _ => len,
    }
}
