//! Input of the composer that takes more to read: text with escapes, and hexadecimal as dumps and
//! programming languages have it.

use web_core::encoding::{DecodeError, decode_hex_with};
use web_core::language::Language;

/// Reads input in a format: `escaped`, or hexadecimal.
///
/// # Errors
/// The fault and its place, as a sentence in the language of the page.
pub fn read(format: &str, text: &str, t: Language) -> Result<Vec<u8>, String> {
    let read = match format {
        "escaped" => read_escapes(text),
        _ => read_dump(text).map_or_else(|| read_hex(text), Ok),
    };
    read.map_err(|error| t.input_error(error))
}

/// Reads text with escapes.
fn read_escapes(text: &str) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = Chars { text, place: 0 };
    while let Some(c) = chars.next() {
        match c {
            '\\' => read_escape(&mut chars, &mut bytes)?,
            c => push(c, &mut bytes),
        }
    }
    Ok(bytes)
}

/// Reads an escape after its backslash.
fn read_escape(chars: &mut Chars<'_>, bytes: &mut Vec<u8>) -> Result<(), DecodeError> {
    let place = chars.place;
    let unexpected = |found| DecodeError::Unexpected { found, place };
    let c = chars.next().ok_or(unexpected('\\'))?;
    bytes.push(match c {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        '0' => 0,
        'a' => 7,
        'b' => 8,
        'e' => 0x1b,
        'f' => 0x0c,
        'v' => 0x0b,
        '\\' | '"' | '\'' => c as u8,
        'x' => {
            let byte = chars.digits(2).and_then(|it| u8::try_from(it).ok());
            byte.ok_or(unexpected('\\'))?
        }
        'u' => {
            let code = match chars.text.strip_prefix('{') {
                Some(rest) => {
                    let len = rest.find('}').ok_or(unexpected('\\'))?;
                    chars.next();
                    let code = chars.digits(len);
                    chars.next();
                    code
                }
                None => chars.digits(4),
            };
            let c = code.and_then(char::from_u32).ok_or(unexpected('\\'))?;
            push(c, bytes);
            return Ok(());
        }
        found => {
            let place = chars.place;
            return Err(DecodeError::Unexpected { found, place });
        }
    });
    Ok(())
}

fn push(c: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Characters that count themselves.
struct Chars<'a> {
    text: &'a str,
    /// The place of the last character, counted from 1.
    place: usize,
}

impl Chars<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.text.chars().next()?;
        self.text = &self.text[c.len_utf8()..];
        self.place += 1;
        Some(c)
    }

    /// Takes a number of `count` hexadecimal digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let digits = self.text.get(..count)?;
        let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        self.text = &self.text[count..];
        self.place += count;
        u32::from_str_radix(digits, 16).ok().filter(|_| is_number)
    }
}

/// Reads a dump with columns: offset, bytes and text. `None` if it is none.
fn read_dump(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        bytes.extend(read_hex(columns(line)?).ok()?);
    }
    Some(bytes).filter(|bytes| !bytes.is_empty())
}

/// Returns the bytes of a line of a dump: after an offset of at least four digits, before the
/// text. xxd has a colon and two spaces around them; hexdump and Wireshark have space, that is
/// wider before the text than within the bytes.
fn columns(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    if line.len() - rest.len() < 4 {
        return None;
    }
    if let Some(bytes) = rest.strip_prefix(": ") {
        return bytes.split("  ").next();
    }
    let bytes = match rest {
        "" => rest,
        _ => rest.strip_prefix("  ")?.trim_start(),
    };
    let bytes = bytes.split('|').next()?;
    bytes.split("   ").next()
}

/// Reads hexadecimal between separators of many kinds, with the prefixes `0x` and `\x`.
fn read_hex(text: &str) -> Result<Vec<u8>, DecodeError> {
    let is_separator = |c| ",;:-_{}[]()\"'".contains(c);
    decode_hex_with(text, is_separator, |c| matches!(c, '0' | '\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use web_core::language::Language::English;

    #[test]
    fn escapes_are_bytes_and_characters() {
        let check = |text: &str, expected: &[u8]| {
            let read = read("escaped", text, English);
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
        };
        check("", b"");
        check(r"PING\r\n", b"PING\r\n");
        check(r"\x02a\x03\xFF", b"\x02a\x03\xff");
        check(r"\u{1f980}\u65e5\u{0}", "🦀日\0".as_bytes());
        check(
            r#"\\n\"\'\0\e\a\b\f\v\t"#,
            b"\\n\"'\0\x1b\x07\x08\x0c\x0b\t",
        );
        check("日\n本", "日\n本".as_bytes());
    }

    #[test]
    fn a_wrong_escape_is_told_with_its_place() {
        let check = |text: &str, place: usize, found: char| {
            let error = DecodeError::Unexpected { found, place };
            let expected = Err(English.input_error(error));
            assert_eq!(read("escaped", text, English), expected, "{text}");
        };
        check(r"日\q", 3, 'q');
        check(r"a\", 2, '\\');
        check(r"\x5", 1, '\\');
        check(r"ab\xzz", 3, '\\');
        check(r"\u{d800}", 1, '\\');
        check(r"\u{12", 1, '\\');
    }

    #[test]
    fn hexadecimal_is_read_as_others_write_it() {
        let dump_c =
            "00000000  68 65 6c 6c 6f 0a 61 62  63                       |hello.abc|\n00000009\n";
        let xxd = "00000000: 6865 6c6c 6f0a 6162 63                   hello.abc\n";
        let wireshark = "0000   68 65 6c 6c 6f 0a 61 62 63                        hello.abc\n";
        for text in [
            "68-65-6c-6c-6f-0a-61-62-63",
            "68:65:6c:6c:6f:0a:61:62:63",
            r"\x68\x65\x6c\x6c\x6f\x0a\x61\x62\x63",
            r#""\x68\x65\x6c\x6c\x6f\x0a\x61\x62\x63""#,
            "{0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x0a, 0x61, 0x62, 0x63}",
            "[0x68, 0x65,\n 0x6C, 0x6C, 0x6F, 0x0A, 0x61, 0x62, 0x63]",
            "68 65 6c 6c  6f 0a 61 62  63",
            dump_c,
            xxd,
            wireshark,
        ] {
            let read = read("hex", text, English);
            assert_eq!(read.as_deref(), Ok(&b"hello\nabc"[..]), "{text}");
        }
        let two = "00000000: 6162 6364 6566 6768 696a 6b6c 6d6e 6f70  abcdefghijklmnop\n\
                   00000010: 6162                                     ab\n";
        assert_eq!(
            read("hex", two, English).as_deref(),
            Ok(&b"abcdefghijklmnopab"[..])
        );
    }

    #[test]
    fn a_wrong_digit_is_told_with_its_place() {
        let check = |text: &str, expected: DecodeError| {
            let expected = Err(English.input_error(expected));
            assert_eq!(read("hex", text, English), expected, "{text}");
        };
        let unexpected = |found, place| DecodeError::Unexpected { found, place };
        check("{0x68, 0x6g}", unexpected('g', 11));
        check("68-6", DecodeError::HalfByte);
        check("6-8", DecodeError::HalfByte);
        check("日-68", unexpected('日', 1));
    }
}
