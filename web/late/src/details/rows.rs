//! Rows of a view: lines of text, cut into pieces as wide as the pane, and an index by which
//! any of them is found without laying out all that come before.

use std::ops::Range;

use super::source::Reader;

/// Rows between two checkpoints of an index.
const STRIDE: usize = 64;

/// Class of a run of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Text.
    Plain,
    /// Escape of a control character, or of a byte that is not UTF-8.
    Escape,
    /// Key of a JSON object.
    Key,
    /// String of JSON.
    String,
    /// Number, `true`, `false` or `null` of JSON.
    Literal,
}

/// Row: its runs, and the bytes that it shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Runs of characters.
    pub runs: Vec<(Ink, String)>,
    /// Bytes of the message.
    pub bytes: Range<usize>,
    /// Number of the line, counted from 1; `None` for a further piece of one.
    pub line: Option<u64>,
}

/// Layout of a message in rows: its state before a row.
pub trait Layout: Clone {
    /// Lays out the next row. Returns false if there is none.
    fn next(&mut self, reader: &mut Reader, row: &mut RowWriter) -> bool;

    /// Returns the offset of the next row's first byte.
    fn offset(&self) -> usize;
}

/// Writer of a row, which counts columns, and writes text only when it is to be shown.
#[derive(Debug, Default)]
pub struct RowWriter {
    /// Row so far.
    pub row: Row,
    /// Columns so far.
    pub column: usize,
    is_shown: bool,
}

/// Index of the rows of a layout.
pub struct Index<L> {
    checkpoints: Vec<L>,
    cursor: L,
    rows: usize,
    is_done: bool,
}

impl Row {
    /// Returns the text of the row.
    pub fn text(&self) -> String {
        self.runs.iter().map(|(_, text)| text.as_str()).collect()
    }
}

impl RowWriter {
    /// Creates a writer; one that is not shown only counts.
    pub fn new(is_shown: bool) -> Self {
        Self {
            is_shown,
            ..Self::default()
        }
    }

    /// Removes what is written.
    pub fn restart(&mut self) {
        self.row.runs.clear();
        self.row.line = None;
        self.column = 0;
    }

    /// Writes text of so many columns.
    #[inline]
    pub fn write(&mut self, ink: Ink, text: &str, columns: usize) {
        self.column += columns;
        if self.is_shown {
            self.push(ink, text);
        }
    }

    /// Writes a character of so many columns.
    #[inline]
    pub fn write_char(&mut self, ink: Ink, c: char, columns: usize) {
        self.column += columns;
        if self.is_shown {
            self.push(ink, c.encode_utf8(&mut [0; 4]));
        }
    }

    fn push(&mut self, ink: Ink, text: &str) {
        match self.row.runs.last_mut() {
            Some((last, run)) if *last == ink => run.push_str(text),
            _ => self.row.runs.push((ink, text.into())),
        }
    }
}

impl<L: Layout> Index<L> {
    /// Creates the index of a layout, without rows.
    pub fn new(layout: L) -> Self {
        Self {
            checkpoints: Vec::new(),
            cursor: layout,
            rows: 0,
            is_done: false,
        }
    }

    /// Adds rows until `is_over` returns true, which is asked once every some rows, or until all
    /// are there. Returns true if all are.
    pub fn advance(&mut self, reader: &mut Reader, mut is_over: impl FnMut() -> bool) -> bool {
        let mut writer = RowWriter::new(false);
        let before = self.rows;
        while !self.is_done {
            if self.rows.is_multiple_of(STRIDE) {
                if self.rows > before && is_over() {
                    return false;
                }
                // A turn may have ended before this row.
                if self.checkpoints.len() * STRIDE == self.rows {
                    self.checkpoints.push(self.cursor.clone());
                }
            }
            writer.restart();
            if self.cursor.next(reader, &mut writer) {
                self.rows += 1;
            } else {
                self.is_done = true;
            }
        }
        true
    }

    /// Returns the number of rows so far.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Returns true if there are no rows so far.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Returns the layout after the last row so far.
    pub fn cursor(&self) -> &L {
        &self.cursor
    }

    /// Returns the rows of a range.
    pub fn rows(&self, reader: &mut Reader, range: Range<usize>) -> Vec<Row> {
        let mut rows = Vec::new();
        let Some(checkpoint) = self.checkpoints.get(range.start / STRIDE) else {
            return rows;
        };
        let mut layout = checkpoint.clone();
        let skipped = range.start % STRIDE;
        for place in 0..skipped + range.len() {
            let mut writer = RowWriter::new(place >= skipped);
            if !layout.next(reader, &mut writer) {
                break;
            }
            if place >= skipped {
                rows.push(writer.row);
            }
        }
        rows
    }

    /// Returns the row that shows the byte at an offset, or the last one before it.
    pub fn row_at(&self, reader: &mut Reader, offset: usize) -> usize {
        let after = self.checkpoints.partition_point(|it| it.offset() <= offset);
        let first = after.saturating_sub(1) * STRIDE;
        let rows = self.rows(reader, first..self.rows.min(first + STRIDE));
        let place = rows.iter().rposition(|row| row.bytes.start <= offset);
        first + place.unwrap_or_default()
    }
}

/// Returns the number of columns of a character: two for those of East Asia and for emoji.
pub fn columns(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}
