//! Hexadecimal and Base64.

/// An error in hexadecimal or Base64 input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// An invalid character.
    Unexpected {
        /// The character.
        found: char,
        /// Its place, counted from 1.
        place: usize,
    },
    /// A byte with one digit only.
    HalfByte,
    /// An end inside a group of four characters.
    Incomplete,
    /// The late part, which reads the input, is not loaded.
    Loading,
    /// A sentence of the late part.
    Explained(String),
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Decodes hexadecimal. Bytes may be separated by white space, commas or colons, and
/// prefixed by `0x`.
///
/// # Errors
/// [`DecodeError::Unexpected`] or [`DecodeError::HalfByte`].
pub fn decode_hex(text: &str) -> Result<Vec<u8>, DecodeError> {
    decode_hex_with(text, |c| matches!(c, ',' | ':'), |c| c == '0')
}

/// Decodes hexadecimal of a wider syntax: `is_separator` tells what may stand between bytes besides
/// white space, and `is_prefix` what is a prefix before an `x`.
///
/// # Errors
/// [`DecodeError::Unexpected`] or [`DecodeError::HalfByte`].
pub fn decode_hex_with(
    text: &str,
    is_separator: impl Fn(char) -> bool,
    is_prefix: impl Fn(char) -> bool,
) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    let mut chars = text.chars().zip(1..).peekable();
    while let Some((c, place)) = chars.next() {
        let is_prefix = is_prefix(c)
            && chars
                .peek()
                .is_some_and(|(next, _)| matches!(next, 'x' | 'X'));
        if high.is_none() && is_prefix {
            chars.next();
            continue;
        }
        if c.is_whitespace() || is_separator(c) {
            if high.is_some() {
                return Err(DecodeError::HalfByte);
            }
            continue;
        }
        let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digit = digit.ok_or(DecodeError::Unexpected { found: c, place })?;
        match high.take() {
            Some(high) => bytes.push(high << 4 | digit),
            None => high = Some(digit),
        }
    }
    match high {
        Some(_) => Err(DecodeError::HalfByte),
        None => Ok(bytes),
    }
}

/// Decodes Base64 (RFC 4648), of the standard or the URL alphabet, with or without padding.
/// White space is skipped.
///
/// # Errors
/// [`DecodeError::Unexpected`] or [`DecodeError::Incomplete`].
pub fn decode_base64(text: &str) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut digits, mut padding) = (0u32, 0usize, 0usize);
    for (c, place) in text.chars().zip(1..) {
        if c.is_whitespace() {
            continue;
        }
        if c == '=' && digits % 4 >= 2 && padding < 4 - digits % 4 {
            padding += 1;
            continue;
        }
        let digit = base64_digit(c).filter(|_| padding == 0);
        bits = bits << 6 | digit.ok_or(DecodeError::Unexpected { found: c, place })?;
        digits += 1;
        if digits % 4 == 0 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    match digits % 4 {
        0 => {}
        2 => bytes.push((bits >> 4) as u8),
        3 => bytes.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => return Err(DecodeError::Incomplete),
    }
    Ok(bytes)
}

/// Encodes Base64 (RFC 4648), with padding.
pub fn encode_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bits);
        for place in 0..4 {
            let digit = BASE64[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > group.len() {
                '='
            } else {
                digit.into()
            });
        }
    }
    text
}

fn base64_digit(c: char) -> Option<u32> {
    let c = match c {
        '-' => b'+',
        '_' => b'/',
        c => u8::try_from(c).ok()?,
    };
    let digit = BASE64.iter().position(|&digit| digit == c)?;
    u32::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unexpected(found: char, place: usize) -> DecodeError {
        DecodeError::Unexpected { found, place }
    }

    #[test]
    fn hex_is_decoded_with_separators() {
        let check = |text: &str, expected: Result<&[u8], DecodeError>| {
            assert_eq!(decode_hex(text), expected.map(<[u8]>::to_vec), "{text}");
        };
        check("", Ok(b""));
        check("68656c6c6f", Ok(b"hello"));
        check("68 65\n6C:6c,6F", Ok(b"hello"));
        check("0x05 0x00", Ok(b"\x05\0"));
        check("00", Ok(b"\0"));
        check("6", Err(DecodeError::HalfByte));
        check("6 8", Err(DecodeError::HalfByte));
        check("68 6g", Err(unexpected('g', 5)));
        check("日", Err(unexpected('日', 1)));
    }

    #[test]
    fn base64_is_decoded_in_every_variant() {
        let check = |text: &str, expected: Result<&[u8], DecodeError>| {
            assert_eq!(decode_base64(text), expected.map(<[u8]>::to_vec), "{text}");
        };
        check("", Ok(b""));
        check("aGVsbG8=", Ok(b"hello"));
        check("aGVs\nbG8", Ok(b"hello"));
        check("aA==", Ok(b"h"));
        check("+/+/", Ok(b"\xfb\xff\xbf"));
        check("-_-_", Ok(b"\xfb\xff\xbf"));
        check("a", Err(DecodeError::Incomplete));
        check("aGVsb", Err(DecodeError::Incomplete));
        check("aA==aA", Err(unexpected('a', 5)));
        check("a=", Err(unexpected('=', 2)));
        check("aGVs=", Err(unexpected('=', 5)));
        check("a!", Err(unexpected('!', 2)));
    }

    #[test]
    fn encoded_base64_decodes_to_its_bytes() {
        for len in 0..70 {
            let bytes: Vec<u8> = (0..len).map(|n: u8| n.wrapping_mul(37)).collect();
            assert_eq!(decode_base64(&encode_base64(&bytes)), Ok(bytes));
        }
        assert_eq!(encode_base64(b"h"), "aA==");
        assert_eq!(encode_base64(b"hello"), "aGVsbG8=");
    }
}
