//! Values as people type them.

use crate::floats::Floats;

/// Reads an integer of 65 bits in decimal.
pub(crate) fn decimal(text: &str) -> Option<i128> {
    let (digits, is_negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let magnitude = match digits {
        "18446744073709551616" => 1 << 64,
        digits => i128::from(digits.parse::<u64>().ok()?),
    };
    Some(if is_negative { -magnitude } else { magnitude })
}

/// Reads an integer in decimal or, behind `0x`, in hexadecimal.
pub(crate) fn integer(text: &str) -> Option<i128> {
    let text = text.trim();
    match text.strip_prefix("0x") {
        Some(digits) if digits.bytes().all(|it| it.is_ascii_hexdigit()) => {
            u64::from_str_radix(digits, 16).ok().map(i128::from)
        }
        _ => decimal(text),
    }
}

/// Reads a floating-point number, as JSON and people write them.
pub(crate) fn float(text: &str, floats: Floats) -> Option<f64> {
    let is_digit = |it| matches!(it, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    match text.trim() {
        "NaN" => Some(f64::NAN),
        "Infinity" | "inf" => Some(f64::INFINITY),
        "-Infinity" | "-inf" => Some(f64::NEG_INFINITY),
        text if text.bytes().all(is_digit) => (floats.read)(text),
        _ => None,
    }
}

/// Reads `true` or `false`.
pub(crate) fn bool(text: &str) -> Option<bool> {
    match text.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
