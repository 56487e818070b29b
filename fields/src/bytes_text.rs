//! Bytes as people write them: hexadecimal, and the base64 of JSON.

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes bytes in hexadecimal, with a separator between them.
pub(crate) fn hex(bytes: &[u8], separator: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(3 * bytes.len());
    for (n, byte) in bytes.iter().enumerate() {
        if n > 0 {
            text.push_str(separator);
        }
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads hexadecimal digits, with spaces between bytes or without.
pub(crate) fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut half) = (Vec::new(), None);
    for char in text.chars() {
        let digit = char.to_digit(16).map(|it| it as u8);
        half = match (half, digit) {
            (None, Some(digit)) => Some(digit),
            (Some(first), Some(digit)) => {
                bytes.push(first << 4 | digit);
                None
            }
            (None, None) if char.is_ascii_whitespace() => None,
            _ => return None,
        };
    }
    half.is_none().then_some(bytes)
}

/// Writes base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            text.push(match n <= chunk.len() {
                true => char::from(BASE64[(bits >> (18 - 6 * n) & 63) as usize]),
                false => '=',
            });
        }
    }
    text
}

/// Reads base64 in the usual alphabet or that of URLs, with padding or without.
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for char in text.trim_end_matches('=').bytes() {
        let char = match char {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        let digit = BASE64.iter().position(|it| *it == char)?;
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    (count < 6).then_some(bytes)
}
