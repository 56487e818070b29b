//! Bytes written in hexadecimal and Base64, and read back. Pure.

/// Why a text is not the bytes that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputError {
    /// A character that has no place there, and its number, from 1.
    Unexpected {
        /// The character.
        found: char,
        /// Its number.
        place: usize,
    },
    /// The second digit of the last byte is missing.
    HalfByte,
    /// The text ends inside a group of four.
    Incomplete,
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Reads hexadecimal digits. White space, commas, colons and `0x` may stand between bytes.
pub fn hex(text: &str) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    let mut chars = text.chars().zip(1..).peekable();
    while let Some((c, place)) = chars.next() {
        let is_prefix = c == '0'
            && chars
                .peek()
                .is_some_and(|(next, _)| matches!(next, 'x' | 'X'));
        if high.is_none() && is_prefix {
            chars.next();
            continue;
        }
        if c.is_whitespace() || matches!(c, ',' | ':') {
            if high.is_some() {
                return Err(InputError::HalfByte);
            }
            continue;
        }
        let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digit = digit.ok_or(InputError::Unexpected { found: c, place })?;
        match high.take() {
            Some(high) => bytes.push(high << 4 | digit),
            None => high = Some(digit),
        }
    }
    match high {
        Some(_) => Err(InputError::HalfByte),
        None => Ok(bytes),
    }
}

/// Reads Base64, of the usual or the URL alphabet, with padding or without. White space
/// is skipped.
pub fn base64(text: &str) -> Result<Vec<u8>, InputError> {
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
        bits = bits << 6 | digit.ok_or(InputError::Unexpected { found: c, place })?;
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
        _ => return Err(InputError::Incomplete),
    }
    Ok(bytes)
}

/// Writes Base64 with padding.
pub fn to_base64(bytes: &[u8]) -> String {
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

    fn unexpected(found: char, place: usize) -> InputError {
        InputError::Unexpected { found, place }
    }

    #[test]
    fn hexadecimal() {
        let check = |text: &str, expected: Result<&[u8], InputError>| {
            assert_eq!(hex(text), expected.map(<[u8]>::to_vec), "{text}");
        };
        check("", Ok(b""));
        check("68656c6c6f", Ok(b"hello"));
        check("68 65\n6C:6c,6F", Ok(b"hello"));
        check("0x05 0x00", Ok(b"\x05\0"));
        check("00", Ok(b"\0"));
        check("6", Err(InputError::HalfByte));
        check("6 8", Err(InputError::HalfByte));
        check("68 6g", Err(unexpected('g', 5)));
        check("日", Err(unexpected('日', 1)));
    }

    #[test]
    fn base64_in_its_variants() {
        let check = |text: &str, expected: Result<&[u8], InputError>| {
            assert_eq!(base64(text), expected.map(<[u8]>::to_vec), "{text}");
        };
        check("", Ok(b""));
        check("aGVsbG8=", Ok(b"hello"));
        check("aGVs\nbG8", Ok(b"hello"));
        check("aA==", Ok(b"h"));
        check("+/+/", Ok(b"\xfb\xff\xbf"));
        check("-_-_", Ok(b"\xfb\xff\xbf"));
        check("a", Err(InputError::Incomplete));
        check("aGVsb", Err(InputError::Incomplete));
        check("aA==aA", Err(unexpected('a', 5)));
        check("a=", Err(unexpected('=', 2)));
        check("aGVs=", Err(unexpected('=', 5)));
        check("a!", Err(unexpected('!', 2)));
    }

    #[test]
    fn base64_reads_back_what_it_wrote() {
        for len in 0..70 {
            let bytes: Vec<u8> = (0..len).map(|n: u8| n.wrapping_mul(37)).collect();
            assert_eq!(base64(&to_base64(&bytes)), Ok(bytes));
        }
        assert_eq!(to_base64(b"h"), "aA==");
        assert_eq!(to_base64(b"hello"), "aGVsbG8=");
    }
}
