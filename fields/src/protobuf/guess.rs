//! Guesses at the types that the wire does not tell.

use crate::row::Data;

/// Longest varint of a packed field that is guessed, in bytes.
const MAX_PACKED: usize = 4;

/// A float if its exponent is that of numbers that people use, else an integer.
pub(super) fn fixed64(bits: u64) -> (Data, &'static str) {
    let number = f64::from_bits(bits);
    match number == 0.0 || (1e-9..1e18).contains(&number.abs()) {
        true if bits != 0 => (Data::F64(number), "double"),
        _ => (Data::Uint(bits), "fixed64"),
    }
}

pub(super) fn fixed32(bits: u32) -> (Data, &'static str) {
    let number = f32::from_bits(bits);
    match number == 0.0 || (1e-9..1e12).contains(&number.abs()) {
        true if bits != 0 => (Data::F32(number), "float"),
        _ => (Data::Uint(u64::from(bits)), "fixed32"),
    }
}

/// Returns true for two numbers or more in their shortest form, of two bytes at most on average:
/// random bytes, such as hashes, hardly are.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    let (mut count, mut len) = (0, 0);
    for byte in bytes {
        len += 1;
        if len > MAX_PACKED || (*byte == 0 && len > 1) {
            return false;
        }
        if *byte < 0x80 {
            count += 1;
            len = 0;
        }
    }
    len == 0 && count >= 2 && bytes.len() <= 2 * count && !matches!(bytes.len(), 16 | 20 | 32)
}
