//! Text of a file: UTF-8 or UTF-16, as editors and spreadsheets save it, with or without a byte
//! order mark.

/// Decodes a file; `None` if it is no text.
pub fn decode(file: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks();
        let units: Vec<_> = pairs.iter().map(|&pair| unit(pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    match file {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // The first character of every format is ASCII.
        [_, 0, ..] => utf16(file, u16::from_le_bytes),
        [0, _, ..] => utf16(file, u16::from_be_bytes),
        _ => String::from_utf8(file.to_vec()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_unicode_is_decoded() {
        let text = "{日本🦀}";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let check = |parts: &[&[u8]], expected: Option<&str>| {
            assert_eq!(decode(&parts.concat()).as_deref(), expected, "{parts:?}");
        };
        check(&[text.as_bytes()], Some(text));
        check(&[b"\xef\xbb\xbf", text.as_bytes()], Some(text));
        check(&[b"\xff\xfe", &little], Some(text));
        check(&[b"\xfe\xff", &big], Some(text));
        check(&[&little], Some(text));
        check(&[&big], Some(text));
        check(&[b""], Some(""));
        check(&[b"{\xff}"], None);
        check(&[b"\xff\xfe", &little, b"x"], None);
        check(&[b"\xff\xfe\x00\xd8"], None);
    }
}
