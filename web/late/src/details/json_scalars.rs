//! Scalars of JSON in rows: strings with their escapes as characters, unless these are invisible,
//! numbers as they are spelled, and words.

use web_core::format;

use super::json_number::JsonNumber;
use super::json_rows::{Flow, JsonRows, Step};
use super::rows::{Ink, RowWriter, columns};
use super::source::Reader;

impl JsonRows {
    /// Begins a string.
    pub(super) fn quote(&mut self, row: &mut RowWriter, is_key: bool) -> Flow {
        row.write_char(string_ink(is_key), '"', 1);
        self.at += 1;
        self.step = Step::String { is_key };
        Flow::Goes
    }

    /// Writes one character of a string, or its end.
    pub(super) fn string(
        &mut self,
        reader: &mut Reader,
        row: &mut RowWriter,
        is_key: bool,
    ) -> Flow {
        let ink = string_ink(is_key);
        match reader.char(self.at) {
            Some(Ok(('"', _))) => {
                row.write_char(ink, '"', 1);
                self.at += 1;
                if !is_key {
                    self.step = Step::After;
                    return Flow::Goes;
                }
                if self.skip_space(reader) != Some(b':') {
                    return Flow::Wrong;
                }
                self.at += 1;
                row.write(Ink::Plain, ": ", 2);
                self.step = Step::Value;
                Flow::Goes
            }
            Some(Ok(('\\', _))) => self.escape(reader, row, ink),
            Some(Ok(('\0'..='\x1f', _))) | Some(Err(_)) | None => Flow::Wrong,
            Some(Ok((c, len))) => self.put(row, ink, c, len),
        }
    }

    /// Writes a character that takes so many bytes.
    pub(super) fn put(&mut self, row: &mut RowWriter, ink: Ink, c: char, len: usize) -> Flow {
        if matches!(c, ' '..='~') {
            return self.put_text(row, ink, c.encode_utf8(&mut [0; 4]), 1, len);
        }
        match format::escape(c) {
            // Valid JSON, unlike the escapes of control characters in text.
            Some(_) => {
                let escape = format!("\\u{:04x}", u32::from(c));
                self.put_text(row, Ink::Escape, &escape, 6, len)
            }
            None => self.put_text(row, ink, c.encode_utf8(&mut [0; 4]), columns(c), len),
        }
    }

    /// Writes an escape: as the character, unless that is invisible, a quotation mark, or half of
    /// a surrogate pair, which is no character.
    fn escape(&mut self, reader: &mut Reader, row: &mut RowWriter, ink: Ink) -> Flow {
        let Some(kind) = reader.byte(self.at + 1) else {
            self.at += 1;
            return Flow::Wrong;
        };
        match kind {
            b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => {
                let text = ['\\', kind.into()].iter().collect::<String>();
                self.put_text(row, Ink::Escape, &text, 2, 2)
            }
            b'/' => self.put_text(row, ink, "/", 1, 2),
            b'u' => self.unicode(reader, row, ink),
            _ => {
                self.at += 1;
                Flow::Wrong
            }
        }
    }

    fn unicode(&mut self, reader: &mut Reader, row: &mut RowWriter, ink: Ink) -> Flow {
        let Some(first) = four_digits(reader, self.at + 2) else {
            self.at += 2;
            return Flow::Wrong;
        };
        let is_high = (0xd800..0xdc00).contains(&first);
        let second = is_high
            .then(|| {
                let is_escape = reader.byte(self.at + 6)? == b'\\';
                let is_escape = is_escape && reader.byte(self.at + 7)? == b'u';
                four_digits(reader, self.at + 8).filter(|_| is_escape)
            })
            .flatten();
        let second = second.filter(|it| (0xdc00..0xe000).contains(it));
        let (code, len) = match second {
            Some(second) => (0x10000 + (first - 0xd800) * 0x400 + second - 0xdc00, 12),
            None => (first, 6),
        };
        match char::from_u32(code) {
            Some(c) if !matches!(c, '"' | '\\') && format::escape(c).is_none() => {
                self.put(row, ink, c, len)
            }
            _ => {
                let mut escape = String::new();
                for at in self.at..self.at + 6 {
                    escape.extend(reader.byte(at).map(char::from));
                }
                self.put_text(row, Ink::Escape, &escape, 6, 6)
            }
        }
    }

    /// Writes one digit of a number, or finds its end.
    pub(super) fn number(
        &mut self,
        reader: &mut Reader,
        row: &mut RowWriter,
        number: JsonNumber,
    ) -> Flow {
        let byte = reader.byte(self.at).unwrap_or_default();
        match number.next(byte) {
            Some(next) => {
                let flow = self.put(row, Ink::Literal, byte.into(), 1);
                if matches!(flow, Flow::Goes) {
                    self.step = Step::Number(next);
                }
                flow
            }
            None if number.is_whole() => {
                self.step = Step::After;
                Flow::Goes
            }
            None => Flow::Wrong,
        }
    }

    /// Writes `true`, `false` or `null`.
    pub(super) fn word(&mut self, reader: &mut Reader, row: &mut RowWriter, word: &str) -> Flow {
        for (place, expected) in word.bytes().enumerate() {
            if reader.byte(self.at + place) != Some(expected) {
                return Flow::Wrong;
            }
        }
        row.write(Ink::Literal, word, word.len());
        self.at += word.len();
        self.step = Step::After;
        Flow::Goes
    }
}

fn string_ink(is_key: bool) -> Ink {
    match is_key {
        true => Ink::Key,
        false => Ink::String,
    }
}

fn four_digits(reader: &mut Reader, at: usize) -> Option<u32> {
    let mut number = 0;
    for place in at..at + 4 {
        number = number << 4 | char::from(reader.byte(place)?).to_digit(16)?;
    }
    Some(number)
}
