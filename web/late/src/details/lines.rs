//! Lines of the Text and the JSON view, indexed in turns.

use std::ops::Range;

use web_core::language::Language;

use super::json_rows::{JsonRows, MAX_DEPTH, MAX_INDENTED};
use super::rows::{Index, Row};
use super::source::Reader;
use super::text_rows::TextRows;

/// Longest line whose columns are counted to tell a place.
const MAX_COUNTED: usize = 1 << 20;

/// Rows of a view.
pub enum Lines {
    /// Text.
    Text(Index<TextRows>),
    /// JSON.
    Json(Index<JsonRows>),
}

impl Lines {
    /// Creates the rows of the Text view, so many columns wide.
    pub fn of_text(columns: usize) -> Self {
        Self::Text(Index::new(TextRows::new(0, 0, columns)))
    }

    /// Creates the rows of the JSON view.
    pub fn of_json(columns: usize) -> Self {
        Self::Json(Index::new(JsonRows::new(columns)))
    }

    /// Adds rows until `is_over`, or all are there: returns true then.
    pub fn advance(&mut self, reader: &mut Reader, is_over: impl FnMut() -> bool) -> bool {
        match self {
            Self::Text(index) => index.advance(reader, is_over),
            Self::Json(index) => index.advance(reader, is_over),
        }
    }

    /// Returns the number of rows so far.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(index) => index.len(),
            Self::Json(index) => index.len(),
        }
    }

    /// Returns true if there are no rows so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the offset up to which there are rows.
    pub fn offset(&self) -> usize {
        use super::rows::Layout as _;
        match self {
            Self::Text(index) => index.cursor().offset(),
            Self::Json(index) => index.cursor().offset(),
        }
    }

    /// Returns the rows of a range.
    pub fn rows(&self, reader: &mut Reader, range: Range<usize>) -> Vec<Row> {
        match self {
            Self::Text(index) => index.rows(reader, range),
            Self::Json(index) => index.rows(reader, range),
        }
    }

    /// Returns the row that shows the byte at an offset.
    pub fn row_at(&self, reader: &mut Reader, offset: usize) -> usize {
        match self {
            Self::Text(index) => index.row_at(reader, offset),
            Self::Json(index) => index.row_at(reader, offset),
        }
    }

    /// Returns the note on the message, which is complete once all rows are there.
    pub fn note(&self, t: Language, reader: &mut Reader) -> String {
        match self {
            Self::Text(index) if index.cursor().invalid > 0 => t.invalid_text().into(),
            Self::Text(_) => String::new(),
            Self::Json(index) => json_note(t, index.cursor(), reader),
        }
    }
}

fn json_note(t: Language, layout: &JsonRows, reader: &mut Reader) -> String {
    let Some(fault) = layout.fault else {
        return match layout.depth > MAX_INDENTED {
            true => t.deep_note(layout.depth, MAX_INDENTED),
            false => String::new(),
        };
    };
    let why = match fault.is_depth {
        true => t.deeper_than(MAX_DEPTH),
        false => {
            if fault.at - fault.line_begin > MAX_COUNTED {
                return t.not_json_at_byte(fault.at);
            }
            let is_begin = |byte: &u8| *byte & 0xc0 != 0x80;
            let before = (fault.line_begin..fault.at).filter_map(|at| reader.byte(at));
            let column = before.filter(is_begin).count() + 1;
            t.not_json_at(fault.line, column)
        }
    };
    match fault.at {
        0 => why,
        _ => format!("{why} {}", t.rest_is_text()),
    }
}
