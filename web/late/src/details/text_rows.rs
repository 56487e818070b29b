//! Text in rows: lines end at LF, long ones are cut into pieces, and what is invisible or not
//! UTF-8 is escaped.

use web_core::format;

use super::rows::{Ink, Layout, RowWriter, columns};
use super::source::Reader;

/// Columns between two tab stops.
const TAB: usize = 4;

/// Layout of text in rows.
#[derive(Debug, Clone)]
pub struct TextRows {
    at: usize,
    columns: usize,
    /// Lines before the next row.
    line: u64,
    /// True if the next row is a further piece of a line.
    is_piece: bool,
    /// Bytes so far that are not UTF-8.
    pub invalid: usize,
}

impl TextRows {
    /// Creates the layout of the text from an offset on, in rows of so many columns.
    pub fn new(at: usize, line: u64, columns: usize) -> Self {
        Self {
            at,
            columns,
            line,
            is_piece: false,
            invalid: 0,
        }
    }

    /// Writes the character at the current offset. Returns false at the end of a row.
    fn character(&mut self, reader: &mut Reader, row: &mut RowWriter) -> bool {
        let Some(found) = reader.char(self.at) else {
            return false;
        };
        let (c, len) = match found {
            Ok(found) => found,
            Err(byte) => {
                let is_fitting = self.fits(row, 4);
                if is_fitting {
                    row.write(Ink::Escape, &format!("\\x{byte:02x}"), 4);
                    self.invalid += 1;
                    self.at += 1;
                }
                return is_fitting;
            }
        };
        let width = match c {
            ' '..='~' => 1,
            '\t' => TAB - row.column % TAB,
            c => match format::escape(c) {
                Some(escape) => {
                    let is_fitting = self.fits(row, escape.len());
                    if is_fitting {
                        row.write(Ink::Escape, &escape, escape.len());
                        self.at += len;
                    }
                    return is_fitting;
                }
                None => columns(c),
            },
        };
        if !self.fits(row, width) {
            return false;
        }
        row.write_char(Ink::Plain, c, width);
        self.at += len;
        true
    }

    /// Returns true if so many columns fit. Marks without a width end a row at some length, too.
    fn fits(&self, row: &RowWriter, width: usize) -> bool {
        row.column == 0 || row.column + width <= self.columns
    }
}

impl Layout for TextRows {
    fn next(&mut self, reader: &mut Reader, row: &mut RowWriter) -> bool {
        let begin = self.at;
        if reader.byte(begin).is_none() {
            return false;
        }
        row.row.line = (!self.is_piece).then_some(self.line + 1);
        let longest = begin.saturating_add(self.columns.saturating_mul(16));
        loop {
            match reader.byte(self.at) {
                Some(b'\n') => {
                    self.at += 1;
                    self.line += 1;
                    self.is_piece = false;
                    break;
                }
                None => break,
                Some(_) => {
                    self.is_piece = true;
                    if self.at >= longest || !self.character(reader, row) {
                        break;
                    }
                }
            }
        }
        row.row.bytes = begin..self.at;
        true
    }

    fn offset(&self) -> usize {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::rows::{Index, Row};
    use super::*;

    fn rows(text: &[u8], columns: usize) -> Vec<Row> {
        let mut reader = Reader::new(Rc::new(text.to_vec()));
        let mut index = Index::new(TextRows::new(0, 0, columns));
        assert!(index.advance(&mut reader, || false));
        index.rows(&mut reader, 0..index.len())
    }

    fn shown(text: &[u8], columns: usize) -> Vec<(Option<u64>, String)> {
        let rows = rows(text, columns).into_iter();
        rows.map(|row| (row.line, row.text())).collect()
    }

    #[test]
    fn lines_are_numbered_and_long_ones_cut_into_pieces() {
        let row = |line, text: &str| (line, text.to_owned());
        assert_eq!(shown(b"", 8), []);
        assert_eq!(
            shown(b"one\n\nabcdefghij", 8),
            [
                row(Some(1), "one"),
                row(Some(2), ""),
                row(Some(3), "abcdefgh"),
                row(None, "ij")
            ]
        );
        assert_eq!(
            shown("日本語\r\n".as_bytes(), 4),
            [row(Some(1), "日本"), row(None, "語\\r")]
        );
        assert_eq!(shown(b"a\xff\x80\n", 80), [row(Some(1), "a\\xff\\x80")]);
        assert_eq!(
            shown("x\u{202e}y".as_bytes(), 80),
            [row(Some(1), "x\\u202ey")]
        );
    }

    #[test]
    fn every_byte_is_in_one_row_and_found_by_its_offset() {
        let mut text = Vec::new();
        for line in 0..3000u32 {
            text.extend_from_slice("ab日\t\u{301}\n".repeat(line as usize % 3).as_bytes());
            text.extend_from_slice(&line.to_le_bytes());
        }
        let all = rows(&text, 20);
        let mut reader = Reader::new(Rc::new(text.clone()));
        let mut index = Index::new(TextRows::new(0, 0, 20));
        let mut turns = 0;
        while !index.advance(&mut reader, || true) {
            turns += 1;
        }
        assert!(turns > 10, "{turns}");
        assert_eq!(index.len(), all.len());
        let mut at = 0;
        for (place, row) in all.iter().enumerate() {
            assert_eq!(row.bytes.start, at);
            at = row.bytes.end;
            if place % 97 == 0 {
                assert_eq!(index.row_at(&mut reader, row.bytes.end - 1), place);
                assert_eq!(&index.rows(&mut reader, place..place + 1)[0], row);
            }
        }
        assert_eq!(at, text.len());
    }

    #[test]
    fn marks_without_a_width_make_no_endless_row() {
        let rows = rows("\u{301}".repeat(10_000).as_bytes(), 10);
        assert!(rows.len() > 50, "{}", rows.len());
    }
}
