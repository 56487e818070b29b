//! Captures as people paste them: hexadecimal, a hex dump, or text with escapes.

use std::str::Utf8Chunk;

use bytes::BytesMut;
use protocol::{HexError, HexReader, is_hex};

use crate::file_text::{UTF8_MARK, decode_marked_utf16};

/// Most bytes of a capture that are looked at.
pub const MAX_LEN: usize = 64 << 10;
/// Most bytes of a file that are read. Dumps have up to six characters for a byte, and UTF-16 has two
/// bytes for each.
pub const MAX_FILE: usize = 16 * MAX_LEN;

/// Format of a pasted capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureFormat {
    /// Hexadecimal digits, or a dump of xxd or hexdump -C.
    Hex,
    /// Text, with escapes such as `\n` and `\x00`.
    Text,
}

/// Pasted capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Format that it was read in.
    pub format: CaptureFormat,
    /// Bytes, at most [`MAX_LEN`].
    pub bytes: Vec<u8>,
    /// True if more bytes follow.
    pub is_cut: bool,
}

impl CaptureFormat {
    /// All formats.
    pub const ALL: [Self; 2] = [Self::Hex, Self::Text];

    /// Returns the name of the choice.
    pub fn key(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Text => "text",
        }
    }

    /// Returns the format of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.key() == key)
    }
}

/// Reads a capture; without a format, as hexadecimal if it is that.
///
/// # Errors
/// [`HexError`] if it is not hexadecimal.
pub fn read(text: &str, format: Option<CaptureFormat>) -> Result<Capture, HexError> {
    let text = text.trim_start_matches('\u{feff}');
    let format = format.unwrap_or_else(|| match is_hex(text.as_bytes(), false) {
        true => CaptureFormat::Hex,
        false => CaptureFormat::Text,
    });
    let mut bytes = match format {
        CaptureFormat::Hex => read_hex(text)?,
        CaptureFormat::Text => read_text(text),
    };
    let is_cut = bytes.len() > MAX_LEN;
    bytes.truncate(MAX_LEN);
    Ok(Capture {
        format,
        bytes,
        is_cut,
    })
}

fn read_hex(text: &str) -> Result<Vec<u8>, HexError> {
    let (mut reader, mut buffer) = (HexReader::default(), BytesMut::new());
    for line in text.split('\n') {
        reader.read(line.as_bytes(), &mut buffer)?;
        if buffer.len() > MAX_LEN {
            break;
        }
    }
    Ok(buffer.into())
}

/// Reads a text with its escapes. What is no escape is a backslash.
fn read_text(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find('\\').filter(|_| bytes.len() <= MAX_LEN) {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        let (byte, len) = escape(rest.as_bytes()).unwrap_or((b'\\', 1));
        bytes.push(byte);
        rest = &rest[len..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Returns the byte of the escape at the front of `text`, and its length in characters.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let byte = match text.get(1)? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'0' => 0,
        b'\\' => b'\\',
        b'x' => {
            let digits = str::from_utf8(text.get(2..4)?).ok()?;
            let is_hex = digits.bytes().all(|it| it.is_ascii_hexdigit());
            let byte = u8::from_str_radix(digits, 16).ok()?;
            return is_hex.then_some((byte, 4));
        }
        _ => return None,
    };
    Some((byte, 2))
}

/// Returns the capture in a file, of whose bytes at most [`MAX_FILE`] are given: a text as it is,
/// without a byte order mark, anything else in hexadecimal.
pub fn of_file(beginning: &[u8]) -> String {
    let is_cut = beginning.len() == MAX_FILE;
    let is_binary = |c: char| c.is_control() && !c.is_whitespace();
    let is_text =
        |it: &Utf8Chunk<'_>| (is_cut || it.invalid().is_empty()) && !it.valid().contains(is_binary);
    let decoded = decode_marked_utf16(beginning, is_cut);
    let unmarked = beginning.strip_prefix(UTF8_MARK).unwrap_or(beginning);
    let mut chunks = decoded
        .as_deref()
        .map_or(unmarked, str::as_bytes)
        .utf8_chunks();
    match (chunks.next().filter(is_text), chunks.next()) {
        (Some(text), None) if is_cut => whole_lines(text.valid()).into(),
        (Some(text), None) => text.valid().into(),
        // A byte more tells that more follow.
        _ => write_hex(&beginning[..beginning.len().min(MAX_LEN + 1)]),
    }
}

/// Returns the whole lines of a text that is cut, of a single line the whole words: half a byte at the
/// end would be no hexadecimal.
fn whole_lines(text: &str) -> &str {
    let end = text.rfind('\n');
    let end = end.or_else(|| text.rfind(char::is_whitespace));
    &text[..end.unwrap_or(text.len())]
}

/// Writes bytes as hexadecimal, sixteen in a line.
pub fn write_hex(bytes: &[u8]) -> String {
    let lines: Vec<_> = bytes.chunks(16).map(web_core::format::hex).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_dumps_and_text_are_told_apart() {
        let check = |text: &str, format, bytes: &[u8]| {
            let capture = read(text, None).unwrap();
            assert_eq!((capture.format, &*capture.bytes), (format, bytes), "{text}");
        };
        let dump = "00000000  51 00 00 00 04                                    |Q....|\n00000005";
        check("51 00 00 00 04", CaptureFormat::Hex, b"Q\0\0\0\x04");
        check(dump, CaptureFormat::Hex, b"Q\0\0\0\x04");
        check("0x51, 0x00", CaptureFormat::Hex, b"Q\0");
        check("\u{feff}51 00", CaptureFormat::Hex, b"Q\0");
        check(
            r"GET /\r\n\x00\0\\ \q",
            CaptureFormat::Text,
            b"GET /\r\n\0\0\\ \\q",
        );
        check("日本\\n", CaptureFormat::Text, "日本\n".as_bytes());
        check(r"end\", CaptureFormat::Text, b"end\\");
        check(r"\x5 \x日", CaptureFormat::Text, r"\x5 \x日".as_bytes());
        let text = read("5100", Some(CaptureFormat::Text)).unwrap();
        assert_eq!(text.bytes, b"5100");
        let error = read("51\n5g", Some(CaptureFormat::Hex)).unwrap_err();
        assert_eq!(error.line, 2);
    }

    #[test]
    fn a_file_is_a_dump_or_bytes() {
        assert_eq!(of_file(b"01 00\n"), "01 00\n");
        assert_eq!(of_file(b"\x02\0hi"), "02 00 68 69");
        assert_eq!(of_file(b"hi\xff"), "68 69 ff");
        assert_eq!(of_file(b"\xef\xbb\xbf01 00\n"), "01 00\n");
        assert_eq!(of_file(b"\xef\xbb\xbf\x01"), "ef bb bf 01");
        assert_eq!(of_file(b"\xff\xfe0\x001\0\n\0"), "01\n");
        assert_eq!(of_file(b"\xfe\xff\x000\x001"), "01");
        assert_eq!(of_file(b"\xff\xfe0\0\0\0"), "ff fe 30 00 00 00");
    }

    #[test]
    fn the_beginning_of_a_long_file_is_a_whole_capture() {
        let line = |at: usize| {
            let bytes = "41 42 43 44 45 46 47 48  41 42 43 44 45 46 47 48";
            format!("{at:08x}  {bytes}  |ABCDEFGHABCDEFGH|\n")
        };
        let dump: String = (0..2 * MAX_LEN).step_by(16).map(line).collect();
        let list = "0x41, 0x42, ".repeat(2 * MAX_LEN);
        let text = "日本".repeat(MAX_LEN * 4);
        let in_utf16: Vec<u8> = format!("\u{feff}{dump}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (file, format) in [
            (dump.as_bytes(), CaptureFormat::Hex),
            (list.as_bytes(), CaptureFormat::Hex),
            (&in_utf16, CaptureFormat::Hex),
            (text.as_bytes(), CaptureFormat::Text),
            (&[1; 2 * MAX_LEN], CaptureFormat::Hex),
        ] {
            let beginning = &file[..file.len().min(MAX_FILE)];
            let capture = read(&of_file(beginning), None).unwrap();
            let facts = (capture.format, capture.bytes.len(), capture.is_cut);
            assert_eq!(facts, (format, MAX_LEN, true));
        }
    }

    #[test]
    fn a_long_capture_is_cut() {
        for text in ["00 ".repeat(MAX_LEN + 1), "xy".repeat(MAX_LEN)] {
            let capture = read(&text, None).unwrap();
            assert_eq!((capture.bytes.len(), capture.is_cut), (MAX_LEN, true));
        }
        let whole = read(&write_hex(&vec![7; MAX_LEN]), None).unwrap();
        assert_eq!((whole.bytes.len(), whole.is_cut), (MAX_LEN, false));
    }
}
