use bytes::{BufMut, BytesMut};
use thiserror::Error;

/// Reader of hexadecimal as people write it, line by line: `51 00`, `5100`, `0x51, 0x00`, and
/// the dumps of xxd and hexdump -C.
#[derive(Debug, Clone, Default)]
pub struct HexReader {
    /// Number of lines read.
    line: u64,
    /// Set if the line before had an offset of a dump.
    in_dump: bool,
}

/// Line that is not hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line} of the capture: {problem}")]
pub struct HexError {
    /// Number of the line, from 1 on.
    pub line: u64,
    /// Problem.
    pub problem: HexProblem,
}

/// Problem of a line of hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HexProblem {
    /// One digit where a byte has two.
    #[error("half a byte, expected two hexadecimal digits for each")]
    HalfByte,
    /// Byte that is neither a digit nor a separator.
    #[error("'{}' is no hexadecimal digit", .0.escape_ascii())]
    NotADigit(u8),
    /// Dump in which a `*` stands for repeated lines.
    #[error("the dump leaves repeated lines out: use hexdump -Cv")]
    LinesLeftOut,
}

impl HexReader {
    /// Appends the bytes of `line` to `buffer`.
    ///
    /// # Errors
    /// [`HexError`] if it is not hexadecimal.
    pub fn read(&mut self, line: &[u8], buffer: &mut BytesMut) -> Result<(), HexError> {
        self.line += 1;
        let line = line.trim_ascii();
        if line == b"*" && self.in_dump {
            return Err(self.refused(HexProblem::LinesLeftOut));
        }
        let digits = self.digits(line);
        let mut high = None;
        let mut bytes = digits.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match (char::from(byte).to_digit(16), high) {
                (Some(0), None) if bytes.next_if(|it| matches!(it, b'x' | b'X')).is_some() => {}
                (Some(digit), None) => high = Some(digit as u8),
                (Some(digit), Some(first)) => {
                    buffer.put_u8(first << 4 | digit as u8);
                    high = None;
                }
                (None, Some(_)) => return Err(self.refused(HexProblem::HalfByte)),
                (None, None) if is_separator(byte) => {}
                // The escape of strings: \x51.
                (None, None) if byte == b'x' => {}
                (None, None) => return Err(self.refused(HexProblem::NotADigit(byte))),
            }
        }
        match high {
            None => Ok(()),
            Some(_) => Err(self.refused(HexProblem::HalfByte)),
        }
    }

    /// Returns the part of `line` that has the bytes: not the offset and the text of a dump.
    fn digits<'a>(&mut self, line: &'a [u8]) -> &'a [u8] {
        let digits = line.iter().take_while(|it| it.is_ascii_hexdigit()).count();
        let (offset, rest) = line.split_at(digits);
        let is_offset = offset.len() >= 7;
        let was_in_dump = std::mem::replace(&mut self.in_dump, true);
        match rest {
            // xxd: the text follows after two spaces.
            [b':', b' ', rest @ ..] if is_offset => {
                let end = rest.windows(2).position(|it| it == b"  ");
                &rest[..end.unwrap_or(rest.len())]
            }
            // hexdump -C: the text is between bars.
            [b' ', b' ', rest @ ..] if is_offset && rest.contains(&b'|') => {
                let end = rest.iter().position(|&it| it == b'|');
                &rest[..end.unwrap_or(rest.len())]
            }
            // The length of the dump, as its last line.
            [] if is_offset && was_in_dump => &[],
            _ => {
                self.in_dump = false;
                line
            }
        }
    }

    fn refused(&self, problem: HexProblem) -> HexError {
        let line = self.line;
        HexError { line, problem }
    }
}

/// Returns true if `beginning`, of a file, is hexadecimal; if `is_cut`, as far as its last
/// white space.
pub fn is_hex(beginning: &[u8], is_cut: bool) -> bool {
    let last_space = beginning.iter().rposition(u8::is_ascii_whitespace);
    let end = last_space.filter(|_| is_cut).unwrap_or(beginning.len());
    let (mut reader, mut buffer) = (HexReader::default(), BytesMut::new());
    let mut lines = beginning[..end].split(|&byte| byte == b'\n');
    lines.all(|line| reader.read(line, &mut buffer).is_ok()) && !buffer.is_empty()
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b':' | b'\\' | b'{' | b'}' | b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u8>, String> {
        let (mut reader, mut buffer) = (HexReader::default(), BytesMut::new());
        for line in text.split('\n') {
            let read = reader.read(line.as_bytes(), &mut buffer);
            read.map_err(|error| error.to_string())?;
        }
        Ok(buffer.to_vec())
    }

    #[test]
    fn notations_of_people_and_dumps_are_read() {
        let bytes = b"Q\0\0\0\x0dSELECT 1\0|".to_vec();
        for text in [
            "51 00 00 00 0d 53454c454354 20 31 00 7C",
            "510000000d53454c4543542031007c\n",
            "{0x51, 0x00, 0x00, 0x00, 0x0D, 0x53, 0x45, 0x4c,\n 0x45,0x43,0x54,0x20,0x31,0,0x7c}",
            r"\x51\x00\x00\x00\x0d\x53\x45\x4c\x45\x43\x54\x20\x31\x00\x7c",
            "51:00:00:00:0d:53:45:4c:45:43:54:20:31:00:7c",
            "00000000: 5100 0000 0d53 454c  Q....SEL\n00000008: 4543 5420 3100 7c    ECT 1.|\n",
            "00000000  51 00 00 00 0d 53 45 4c  45 43 54 20 31 00 7c     |Q....SELECT 1.||\n0000000f\n",
        ] {
            let text = text.replace(",0,", ",0x00,");
            assert_eq!(read(&text).as_ref(), Ok(&bytes), "{text}");
            assert!(is_hex(text.as_bytes(), false), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused_with_its_line() {
        let error = |text| read(text).unwrap_err();
        assert_eq!(
            error("51\n5g"),
            "line 2 of the capture: half a byte, expected two hexadecimal digits for each"
        );
        assert_eq!(
            error("GET / HTTP/1.1"),
            "line 1 of the capture: 'G' is no hexadecimal digit"
        );
        assert!(error("00000000  00 00  |..|\n*\n00000020").contains("hexdump -Cv"));
        for raw in [&b"hello\n"[..], b"", b"\0\0"] {
            assert!(!is_hex(raw, false));
        }
        assert!(is_hex(b"51 00 0", true) && !is_hex(b"51 00 0", false));
    }
}
