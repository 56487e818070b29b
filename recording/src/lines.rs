//! Lines of bounded length.

use std::io::{self, BufRead, Read};

use thiserror::Error;

/// The byte order mark of UTF-8, with which some editors begin a file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a file, without their LF or CRLF and without a byte order mark.
///
/// A line that is too long is not read to its end: `/dev/zero` is a line without one.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    max_len: usize,
    /// The number of lines read.
    count: u64,
    /// Set after an error, which the rest of the file would only repeat.
    has_failed: bool,
}

/// A line that cannot be read.
#[derive(Debug, Error)]
pub enum LineError {
    /// The error of the system.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The line is too long.
    #[error("a line is longer than {max_len} bytes")]
    TooLong {
        /// The longest length, in bytes.
        max_len: usize,
    },
}

impl<R: BufRead> Lines<R> {
    /// Reads lines of up to `max_len` bytes each.
    pub fn new(reader: R, max_len: usize) -> Self {
        Self {
            reader,
            max_len,
            count: 0,
            has_failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<Vec<u8>>, LineError> {
        /// Bytes of a CRLF, and one more, by which a line is too long.
        const BEYOND: u64 = 3;
        let is_first = self.count == 0;
        let mark_len = if is_first { BYTE_ORDER_MARK.len() } else { 0 };
        let limit = (self.max_len as u64).saturating_add(mark_len as u64 + BEYOND);
        let mut line = Vec::new();
        let mut source = self.reader.by_ref().take(limit);
        if source.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.ends_with(b"\n") {
            line.pop();
            line.pop_if(|last| *last == b'\r');
        }
        if is_first && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        self.count += 1;
        match line.len() > self.max_len {
            true => Err(LineError::TooLong {
                max_len: self.max_len,
            }),
            false => Ok(Some(line)),
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Vec<u8>, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let line = self.read().transpose();
        self.has_failed = matches!(line, Some(Err(_)));
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], max_len: usize) -> Vec<Result<Vec<u8>, String>> {
        let lines = Lines::new(text, max_len);
        lines
            .map(|line| line.map_err(|error| error.to_string()))
            .collect()
    }

    #[test]
    fn lines_lose_their_line_break_and_the_byte_order_mark() {
        let check = |text: &str, expected: &[&str]| {
            let lines: Vec<_> = lines(text.as_bytes(), 3)
                .into_iter()
                .map(Result::unwrap)
                .collect();
            assert_eq!(
                lines,
                expected.iter().map(|it| it.as_bytes()).collect::<Vec<_>>()
            );
        };
        check("", &[]);
        check("one\n\ntwo\r\nend", &["one", "", "two", "end"]);
        check("\u{feff}one\r\ntwo\n", &["one", "two"]);
        check("\u{feff}\n\u{feff}", &["", "\u{feff}"]);
    }

    #[test]
    fn long_line_is_an_error_and_the_last_item() {
        let expected = [
            Ok(b"a".to_vec()),
            Err("a line is longer than 3 bytes".into()),
        ];
        assert_eq!(lines(b"a\nfour\nb\n", 3), expected);
        assert_eq!(lines(b"a\nfour", 3), expected);
        let endless = io::BufReader::new(io::repeat(0));
        let mut endless = Lines::new(endless, 1000);
        assert!(matches!(
            endless.next(),
            Some(Err(LineError::TooLong { max_len: 1000 }))
        ));
        assert!(endless.next().is_none());
    }
}
