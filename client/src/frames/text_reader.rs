//! Text files in Unicode: reads UTF-16, as PowerShell saves what a program prints, as UTF-8.

use std::io::{self, BufReader, Chain, Cursor, Read};

/// Function that reads a unit of UTF-16.
type Unit = fn([u8; 2]) -> u16;

/// Reader of a file whose beginning was read before.
type File = BufReader<Chain<Cursor<Vec<u8>>, Box<dyn Read>>>;

/// Returns a reader of the text of a file, whose `beginning` was read before: without a byte order
/// mark, and UTF-16 with a mark as UTF-8. Bytes without a mark are read as they are.
pub(super) fn text_reader(beginning: Vec<u8>, file: Box<dyn Read>) -> Box<dyn Read> {
    let (mark_len, unit): (_, Option<Unit>) = match &beginning[..] {
        [0xef, 0xbb, 0xbf, ..] => (3, None),
        [0xff, 0xfe, ..] => (2, Some(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => (2, Some(u16::from_be_bytes)),
        _ => (0, None),
    };
    let mut beginning = Cursor::new(beginning);
    beginning.set_position(mark_len);
    let file = beginning.chain(file);
    match unit {
        None => Box::new(file),
        Some(unit) => Box::new(Utf16Reader {
            file: BufReader::new(file),
            unit,
            high: None,
            decoded: Vec::new(),
        }),
    }
}

/// Reader of UTF-16 as UTF-8. Units that are no character become U+FFFD.
struct Utf16Reader {
    file: File,
    unit: Unit,
    /// First half of a surrogate pair.
    high: Option<u16>,
    /// Decoded bytes that are not read yet.
    decoded: Vec<u8>,
}

impl Utf16Reader {
    /// Returns the next unit; `None` at the end. Half a unit at the end is left out.
    fn next_unit(&mut self) -> io::Result<Option<u16>> {
        if let Some(high) = self.high.take() {
            return Ok(Some(high));
        }
        let mut pair = [0; 2];
        match self.file.read_exact(&mut pair) {
            Ok(()) => Ok(Some((self.unit)(pair))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Decodes the next character; returns false at the end.
    fn decode(&mut self) -> io::Result<bool> {
        let Some(first) = self.next_unit()? else {
            return Ok(false);
        };
        let is_high = (0xd800..0xdc00).contains(&first);
        let second = if is_high { self.next_unit()? } else { None };
        let units = [Some(first), second].into_iter().flatten();
        let mut chars = char::decode_utf16(units);
        let char = chars.next().and_then(Result::ok);
        if char.is_none() {
            self.high = second;
        }
        let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut utf8 = [0; 4];
        self.decoded.extend(char.encode_utf8(&mut utf8).bytes());
        Ok(true)
    }
}

impl Read for Utf16Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoded.len() < buffer.len() && self.decode()? {}
        let len = buffer.len().min(self.decoded.len());
        buffer[..len].copy_from_slice(&self.decoded[..len]);
        self.decoded.drain(..len);
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        // Each byte comes alone, and is read alone.
        for cut in 0..=bytes.len() {
            let (beginning, rest) = bytes.split_at(cut);
            let file = Box::new(Cursor::new(rest.to_vec()));
            if cut >= 3.min(bytes.len()) {
                let mut reader = text_reader(beginning.to_vec(), file);
                let (mut read, mut byte) = (Vec::new(), [0]);
                while reader.read(&mut byte).unwrap() > 0 {
                    read.extend(byte);
                }
                assert_eq!(String::from_utf8_lossy(&read), expected, "{cut}");
            }
        }
    }

    #[test]
    fn marked_text_is_read_as_utf_8() {
        let text = "51 日本🦀\r\n";
        let units = || format!("\u{feff}{text}").encode_utf16().collect::<Vec<_>>();
        let little: Vec<u8> = units().into_iter().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().into_iter().flat_map(u16::to_be_bytes).collect();
        check(&little, text);
        check(&big, text);
        check(format!("\u{feff}{text}").as_bytes(), text);
        check(text.as_bytes(), text);
        check(b"", "");
    }

    #[test]
    fn units_that_are_no_character_are_replaced() {
        check(b"\xff\xfe\x00\xd8a\0\x00", "\u{fffd}a");
        check(b"\xff\xfe\x00\xdca\0", "\u{fffd}a");
        check(b"\xff\xfe\x00\xd8\x3e\xd8\x80\xdd", "\u{fffd}🦀");
        check(b"\xff\xfe\x00\xd8", "\u{fffd}");
    }
}
