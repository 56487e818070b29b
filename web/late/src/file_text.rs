//! Text of a file: UTF-8 or UTF-16, as editors and spreadsheets save it, with or without a byte
//! order mark.

/// Byte order mark of UTF-8.
pub const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Decodes a file; `None` if it is no text.
pub fn decode(file: &[u8]) -> Option<String> {
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

/// Decodes the beginning of a file in UTF-16 with a byte order mark, as `PowerShell` writes it.
/// Returns `None` unless the text begins with an ASCII character: the mark alone may be data, such
/// as two bytes of Telnet. If the beginning is cut, half a character at its end is left out.
pub fn decode_marked_utf16(beginning: &[u8], is_cut: bool) -> Option<String> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match beginning {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    let is_half = |pair: &[u8; 2]| (0xd800..0xdc00).contains(&unit(*pair));
    let rest = match rest.split_last_chunk() {
        Some((before, last)) if is_cut && is_half(last) => before,
        _ => rest,
    };
    utf16(rest, unit).filter(|text| text.starts_with(|c: char| c.is_ascii()))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks();
    let units: Vec<_> = pairs.iter().map(|&pair| unit(pair)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text in UTF-16, in both byte orders.
    fn encode(text: &str) -> [Vec<u8>; 2] {
        let units = || text.encode_utf16();
        [
            units().flat_map(u16::to_le_bytes).collect(),
            units().flat_map(u16::to_be_bytes).collect(),
        ]
    }

    #[test]
    fn every_encoding_of_unicode_is_decoded() {
        let text = "{日本🦀}";
        let [little, big] = encode(text);
        let check = |parts: &[&[u8]], expected: Option<&str>| {
            assert_eq!(decode(&parts.concat()).as_deref(), expected, "{parts:?}");
        };
        check(&[text.as_bytes()], Some(text));
        check(&[UTF8_MARK, text.as_bytes()], Some(text));
        check(&[b"\xff\xfe", &little], Some(text));
        check(&[b"\xfe\xff", &big], Some(text));
        check(&[&little], Some(text));
        check(&[&big], Some(text));
        check(&[b""], Some(""));
        check(&[b"{\xff}"], None);
        check(&[b"\xff\xfe", &little, b"x"], None);
        check(&[b"\xff\xfe\x00\xd8"], None);
    }

    #[test]
    fn the_beginning_of_a_marked_file_is_decoded() {
        let check = |bytes: &[u8], is_cut, expected: Option<&str>| {
            let decoded = decode_marked_utf16(bytes, is_cut);
            assert_eq!(decoded.as_deref(), expected, "{bytes:?}");
        };
        for text in ["\u{feff}51 00\r\n", "\u{feff}a🦀"] {
            for encoded in encode(text) {
                check(&encoded, false, text.strip_prefix('\u{feff}'));
            }
        }
        for encoded in encode("\u{feff}a🦀") {
            let cut = &encoded[..encoded.len() - 2];
            check(cut, true, Some("a"));
            check(cut, false, None);
        }
        // Telnet's IAC DONT ECHO, IAC WILL SUPPRESS-GO-AHEAD.
        check(b"\xff\xfe\x01\xff\xfb\x03", false, None);
        check(b"\xff\xfe\x41\0\x42", false, None);
        check(b"51 00", false, None);
        check(b"\xff\xfe", false, None);
    }
}
