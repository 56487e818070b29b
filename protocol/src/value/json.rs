//! JSON text (RFC 8259): where a value ends, by the whole grammar.

use super::grammar::{self, Grammar, Step};
use super::levels;
use crate::error::FrameError;
use crate::scan::{Scan, ScanState};

pub(super) const FORMAT: &str = "JSON";

/// Returns the number of bytes of white space at the front of `src`.
pub(super) fn white_space(src: &[u8]) -> usize {
    let value = src.iter().position(|&byte| !is_white_space(byte));
    value.unwrap_or(src.len())
}

/// Returns the length of the value at the front of `src`, once it has arrived. A number ends
/// before the byte after it, or at the end of the stream.
pub(super) fn end(
    src: &[u8],
    max: usize,
    at_end_of_stream: bool,
    scan: &mut Scan,
) -> Result<Option<usize>, FrameError> {
    let end = grammar::end::<Json>(src, max, scan)?;
    let state = scan.state();
    let is_number = state.open == 0 && is_whole_number(state.mode);
    Ok(end.or((at_end_of_stream && is_number).then_some(src.len())))
}

/// Grammar of JSON. The state's `open` is the number of levels.
struct Json;

/// Mode before a value.
const VALUE: u8 = 0;
/// Mode after `[`: a value or `]`.
const ARRAY: u8 = 1;
/// Mode after `{`: a key or `}`.
const OBJECT: u8 = 2;
/// Mode after a comma in an object.
const KEY: u8 = 3;
/// Mode between a key and its colon.
const COLON: u8 = 4;
/// Mode after a value: a comma, or the end of the level.
const AFTER: u8 = 5;
/// Mode after the value.
const DONE: u8 = 6;
/// Mode in a string; with one to four added, before so many hexadecimal digits. The state's
/// `then` is the mode after it: `COLON` after a key.
const STRING: u8 = 10;
const UNICODE: u8 = STRING + 4;
/// Mode after a backslash.
const ESCAPE: u8 = 15;
/// Mode in a literal; the state's `len` is the offset in `LITERALS` of its next byte.
const LITERAL: u8 = 16;
/// Mode after the minus of a number.
const MINUS: u8 = 20;
/// Mode after a zero that a number begins with.
const ZERO: u8 = 21;
/// Mode after a digit before the decimal point.
const INTEGER: u8 = 22;
/// Mode after the decimal point.
const POINT: u8 = 23;
/// Mode after a digit of the fraction.
const FRACTION: u8 = 24;
/// Mode after the `e` before an exponent.
const E: u8 = 25;
/// Mode after the sign of an exponent.
const SIGN: u8 = 26;
/// Mode after a digit of the exponent.
const EXPONENT: u8 = 27;

/// Literals without their first letters, a space after each.
const LITERALS: &[u8; 13] = b"rue alse ull ";

impl Grammar for Json {
    const FORMAT: &str = FORMAT;
    const DONE: u8 = DONE;
    const TEXT: u8 = STRING;

    fn is_plain(byte: u8) -> bool {
        !matches!(byte, b'"' | b'\\' | ..b' ')
    }

    fn step(state: &mut ScanState, byte: u8) -> Step {
        let mode = state.mode;
        match mode {
            VALUE..=AFTER if is_white_space(byte) => return Step::Next,
            VALUE | ARRAY => return begin(state, byte),
            AFTER => return after(state, byte),
            MINUS.. => return number(state, byte),
            _ => {}
        }
        state.mode = match (mode, byte) {
            (OBJECT | KEY, b'"') => {
                state.then = COLON;
                STRING
            }
            (OBJECT, b'}') => return close(state),
            (COLON, b':') => VALUE,
            (STRING, b'"') if state.then == COLON => COLON,
            (STRING, b'"') => after_value(state),
            (STRING, b'\\') => ESCAPE,
            (ESCAPE, b'u') => UNICODE,
            (ESCAPE, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => STRING,
            (STRING..=UNICODE, _) if mode > STRING && byte.is_ascii_hexdigit() => mode - 1,
            (LITERAL, _) if LITERALS.get(state.len) == Some(&byte) => {
                state.len += 1;
                match LITERALS.get(state.len) {
                    Some(b' ') => after_value(state),
                    _ => LITERAL,
                }
            }
            _ => return Step::Wrong,
        };
        Step::Next
    }

    fn min_rest(state: &ScanState) -> u64 {
        let key = if state.then == COLON { 2 } else { 0 };
        let rest = match state.mode {
            VALUE | MINUS | POINT | E | SIGN => 1,
            COLON => 2,
            KEY => 4,
            STRING..=UNICODE => key + 1 + u64::from(state.mode - STRING),
            ESCAPE => key + 2,
            LITERAL => {
                let rest = LITERALS.iter().skip(state.len);
                rest.take_while(|&&byte| byte != b' ').count() as u64
            }
            _ => 0,
        };
        state.open + rest
    }
}

/// Reads the first byte of a value.
fn begin(state: &mut ScanState, byte: u8) -> Step {
    let literal = |state: &mut ScanState, offset| {
        state.len = offset;
        LITERAL
    };
    state.mode = match byte {
        b'"' => {
            state.then = AFTER;
            STRING
        }
        b'[' | b'{' => {
            let is_object = byte == b'{';
            if !levels::push(state, is_object) {
                return Step::TooDeep;
            }
            if is_object { OBJECT } else { ARRAY }
        }
        b']' if state.mode == ARRAY => return close(state),
        b't' => literal(state, 0),
        b'f' => literal(state, 4),
        b'n' => literal(state, 9),
        b'-' => MINUS,
        b'0' => ZERO,
        b'1'..=b'9' => INTEGER,
        _ => return Step::Wrong,
    };
    Step::Next
}

/// Reads a byte after a value in an array or object.
fn after(state: &mut ScanState, byte: u8) -> Step {
    state.mode = match (byte, levels::has_keys(state)) {
        (b']', false) | (b'}', true) => return close(state),
        (b',', false) => VALUE,
        (b',', true) => KEY,
        _ if is_white_space(byte) => AFTER,
        _ => return Step::Wrong,
    };
    Step::Next
}

fn close(state: &mut ScanState) -> Step {
    levels::pop(state);
    state.mode = after_value(state);
    Step::Next
}

/// Returns the mode after a value.
const fn after_value(state: &ScanState) -> u8 {
    if state.open == 0 { DONE } else { AFTER }
}

/// Reads a byte in or after a number.
fn number(state: &mut ScanState, byte: u8) -> Step {
    state.mode = match (state.mode, byte) {
        (MINUS, b'0') => ZERO,
        (MINUS, b'1'..=b'9') | (INTEGER, b'0'..=b'9') => INTEGER,
        (ZERO | INTEGER, b'.') => POINT,
        (POINT | FRACTION, b'0'..=b'9') => FRACTION,
        (ZERO | INTEGER | FRACTION, b'e' | b'E') => E,
        (E, b'+' | b'-') => SIGN,
        (E | SIGN | EXPONENT, b'0'..=b'9') => EXPONENT,
        (mode, _) if !is_whole_number(mode) => return Step::Wrong,
        _ if state.open > 0 => return after(state, byte),
        // Other bytes, as in 01 or 1-2, are more likely a broken number than a value.
        (_, b'"' | b'[' | b'{') => return Step::Ended,
        _ if is_white_space(byte) => return Step::Ended,
        _ => return Step::Wrong,
    };
    Step::Next
}

const fn is_whole_number(mode: u8) -> bool {
    matches!(mode, ZERO | INTEGER | FRACTION | EXPONENT)
}

const fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
