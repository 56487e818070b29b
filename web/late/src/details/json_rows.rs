//! JSON in rows: one value a line, indented, numbers as they are spelled and objects in their
//! order. The layout reads each byte once and keeps no tree, so its rows can begin anywhere.

use super::json_number::JsonNumber;
use super::rows::{Ink, Layout, RowWriter};
use super::source::Reader;
use super::text_rows::TextRows;

/// Deepest nesting that is laid out.
pub const MAX_DEPTH: usize = 1024;
/// Deepest nesting that is indented further.
pub const MAX_INDENTED: usize = 128;

/// Reason that a text is not laid out as JSON, and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonFault {
    /// True if the nesting is deeper than [`MAX_DEPTH`].
    pub is_depth: bool,
    /// Offset of the first wrong byte.
    pub at: usize,
    /// Line, counted from 1.
    pub line: usize,
    /// Offset at which that line begins.
    pub line_begin: usize,
}

/// Layout of JSON in rows. After a fault, the rest is laid out as text.
#[derive(Debug, Clone)]
pub struct JsonRows {
    pub(super) at: usize,
    columns: usize,
    pub(super) step: Step,
    /// Open containers; true for an object.
    open: Vec<bool>,
    /// Most containers that were open.
    pub depth: usize,
    /// Lines before the next row.
    line: u64,
    /// True if the next row is a further piece of a line.
    is_piece: bool,
    /// Line breaks so far, and the offset after the last.
    input_line: (usize, usize),
    /// Fault, and the layout of the rest.
    pub fault: Option<JsonFault>,
    rest: Option<TextRows>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Value,
    Key,
    Close,
    String { is_key: bool },
    Number(JsonNumber),
    After,
}

/// Result of a step.
pub(super) enum Flow {
    Goes,
    /// The line ends.
    Line,
    /// The row is full.
    Full,
    /// The value ends.
    End,
    Wrong,
    TooDeep,
}

impl JsonRows {
    /// Creates the layout of a message in rows of so many columns.
    pub fn new(columns: usize) -> Self {
        Self {
            at: 0,
            columns,
            step: Step::Value,
            open: Vec::new(),
            depth: 0,
            line: 0,
            is_piece: false,
            input_line: (0, 0),
            fault: None,
            rest: None,
        }
    }

    pub(super) fn skip_space(&mut self, reader: &mut Reader) -> Option<u8> {
        loop {
            let byte = reader.byte(self.at)?;
            match byte {
                b'\n' => self.input_line = (self.input_line.0 + 1, self.at + 1),
                b' ' | b'\t' | b'\r' => {}
                _ => return Some(byte),
            }
            self.at += 1;
        }
    }

    fn step(&mut self, reader: &mut Reader, row: &mut RowWriter) -> Flow {
        match self.step {
            Step::Value => self.value(reader, row),
            Step::Key => match self.skip_space(reader) {
                Some(b'"') => self.quote(row, true),
                _ => Flow::Wrong,
            },
            Step::String { is_key } => self.string(reader, row, is_key),
            Step::Number(number) => self.number(reader, row, number),
            Step::Close => {
                self.close(row);
                Flow::Goes
            }
            Step::After => self.after(reader, row),
        }
    }

    fn value(&mut self, reader: &mut Reader, row: &mut RowWriter) -> Flow {
        match self.skip_space(reader) {
            Some(open @ (b'{' | b'[')) => self.container(reader, row, open == b'{'),
            Some(b'"') => self.quote(row, false),
            Some(b'-' | b'0'..=b'9') => {
                self.step = Step::Number(JsonNumber::default());
                Flow::Goes
            }
            Some(b't') => self.word(reader, row, "true"),
            Some(b'f') => self.word(reader, row, "false"),
            Some(b'n') => self.word(reader, row, "null"),
            _ => Flow::Wrong,
        }
    }

    /// Opens a container; an empty one is closed on the same line.
    fn container(&mut self, reader: &mut Reader, row: &mut RowWriter, is_object: bool) -> Flow {
        if self.open.len() == MAX_DEPTH {
            return Flow::TooDeep;
        }
        let (open, close) = brackets(is_object);
        row.write_char(Ink::Plain, open, 1);
        self.at += 1;
        self.open.push(is_object);
        self.depth = self.depth.max(self.open.len());
        if self.skip_space(reader) == Some(close as u8) {
            self.close(row);
            return Flow::Goes;
        }
        self.step = self.item();
        Flow::Line
    }

    fn item(&self) -> Step {
        match self.open.last() {
            Some(true) => Step::Key,
            _ => Step::Value,
        }
    }

    fn close(&mut self, row: &mut RowWriter) {
        if let Some(is_object) = self.open.pop() {
            row.write_char(Ink::Plain, brackets(is_object).1, 1);
        }
        self.at += 1;
        self.step = Step::After;
    }

    /// Writes a text that takes so many bytes, unless the row is full.
    pub(super) fn put_text(
        &mut self,
        row: &mut RowWriter,
        ink: Ink,
        text: &str,
        columns: usize,
        len: usize,
    ) -> Flow {
        if row.column > 0 && row.column + columns > self.columns {
            return Flow::Full;
        }
        row.write(ink, text, columns);
        self.at += len;
        Flow::Goes
    }

    fn after(&mut self, reader: &mut Reader, row: &mut RowWriter) -> Flow {
        let next = self.skip_space(reader);
        let Some(&is_object) = self.open.last() else {
            return match next {
                None => Flow::End,
                Some(_) => Flow::Wrong,
            };
        };
        match next {
            Some(b',') => {
                row.write_char(Ink::Plain, ',', 1);
                self.at += 1;
                self.step = self.item();
                Flow::Line
            }
            Some(close) if close == brackets(is_object).1 as u8 => {
                self.step = Step::Close;
                Flow::Line
            }
            _ => Flow::Wrong,
        }
    }

    fn indent(&self, row: &mut RowWriter) {
        let closing = usize::from(self.step == Step::Close);
        let levels = (self.open.len() - closing).min(MAX_INDENTED);
        let spaces = (2 * levels).min(self.columns / 2);
        if spaces > 0 {
            row.write(Ink::Plain, &" ".repeat(spaces), 0);
            row.column = spaces;
        }
    }

    fn fail(&mut self, is_depth: bool, lines: u64) {
        let (breaks, line_begin) = self.input_line;
        self.fault = Some(JsonFault {
            is_depth,
            at: self.at,
            line: breaks + 1,
            line_begin,
        });
        self.rest = Some(TextRows::new(self.at, lines, self.columns));
    }
}

impl Layout for JsonRows {
    fn next(&mut self, reader: &mut Reader, row: &mut RowWriter) -> bool {
        if let Some(rest) = &mut self.rest {
            return rest.next(reader, row);
        }
        let begin = self.at;
        let line = self.line + 1;
        row.row.line = (!self.is_piece).then_some(line);
        self.indent(row);
        let indent = row.column;
        let flow = loop {
            match self.step(reader, row) {
                Flow::Goes => {}
                flow => break flow,
            }
        };
        row.row.bytes = begin..self.at;
        let has_text = row.column > indent;
        let lines = if has_text { line } else { self.line };
        match flow {
            Flow::Full => self.is_piece = true,
            Flow::Wrong => self.fail(false, lines),
            Flow::TooDeep => self.fail(true, lines),
            _ => {
                self.line = line;
                self.is_piece = false;
            }
        }
        match &mut self.rest {
            _ if has_text => true,
            None => false,
            Some(rest) => {
                row.restart();
                rest.next(reader, row)
            }
        }
    }

    fn offset(&self) -> usize {
        self.rest.as_ref().map_or(self.at, Layout::offset)
    }
}

fn brackets(is_object: bool) -> (char, char) {
    match is_object {
        true => ('{', '}'),
        false => ('[', ']'),
    }
}

#[cfg(test)]
#[path = "json_rows_tests.rs"]
mod tests;
