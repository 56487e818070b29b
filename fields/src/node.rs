//! Tree view of the rows of a JSON text.

use crate::bytes_text::parse_hex;
use crate::expected::Expected;
use crate::floats::Floats;
use crate::format::Format;
use crate::json;
use crate::reader::Reader;
use crate::row::{Data, Label, Row, Rows, members};
use crate::text_error::TextError;
use crate::text_problem::TextProblem;

/// Levels of JSON: `$tag` and `$map` take two for one of the payload's.
const MAX_LEVELS: usize = 3 * crate::field::MAX_DEPTH;

/// JSON text with its rows.
pub(crate) struct Document<'a> {
    text: &'a str,
    rows: Vec<Row>,
    pub(crate) floats: Floats,
}

/// Value in a JSON text.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    document: &'a Document<'a>,
    at: usize,
}

impl<'a> Document<'a> {
    pub(crate) fn parse(text: &'a str, floats: Floats) -> Result<Self, TextError> {
        let mut rows = Rows::with_limits(Format::Json, usize::MAX, MAX_LEVELS);
        let mut reader = Reader::new(text.as_bytes());
        let read = json::decode(&mut reader, &mut rows, Label::None).and_then(|()| reader.finish());
        match read {
            Ok(()) => Ok(Self {
                text,
                rows: rows.rows,
                floats,
            }),
            Err(stop) => {
                let problem = TextProblem::NotJson(stop.reason);
                Err(TextError::at(text, stop.at, problem))
            }
        }
    }

    pub(crate) fn root(&'a self) -> Node<'a> {
        Node {
            document: self,
            at: 0,
        }
    }
}

impl<'a> Node<'a> {
    fn row(self) -> &'a Row {
        &self.document.rows[self.at]
    }

    pub(crate) fn data(self) -> &'a Data {
        &self.row().data
    }

    pub(crate) fn floats(self) -> Floats {
        self.document.floats
    }

    /// The error at this value.
    pub(crate) fn error(self, problem: impl Into<TextProblem>) -> TextError {
        let at = self.row().range.start;
        TextError::at(self.document.text, at, problem.into())
    }

    /// Returns the members of an object or array.
    pub(crate) fn members(self) -> impl Iterator<Item = Node<'a>> {
        let document = self.document;
        members(&document.rows, self.at).map(move |at| Node { document, at })
    }

    /// Returns the member of an object with that key; the last, if there are more.
    pub(crate) fn get(self, key: &str) -> Option<Node<'a>> {
        self.members().filter(|it| it.key() == key).last()
    }

    /// Returns the only member, if there is one.
    pub(crate) fn only(self) -> Option<Node<'a>> {
        let mut members = self.members();
        let only = members.next()?;
        members.next().is_none().then_some(only)
    }

    /// Returns the key in an object; empty if it is in none.
    pub(crate) fn key(self) -> &'a str {
        match &self.row().label {
            Label::Key(data) => self.of(data),
            _ => "",
        }
    }

    /// Returns the text of a string.
    pub(crate) fn text(self) -> Option<&'a str> {
        matches!(self.data(), Data::Text(_) | Data::Str(_)).then(|| self.of(self.data()))
    }

    /// Returns a number as it is written, with true for one with a fraction or an exponent.
    pub(crate) fn number(self) -> Option<(&'a str, bool)> {
        match self.data() {
            Data::Number(_, is_float) => Some((self.of(self.data()), *is_float)),
            _ => None,
        }
    }

    /// Returns the text of the value as it is written.
    pub(crate) fn source(self) -> &'a str {
        &self.document.text[self.row().value.clone()]
    }

    /// Returns bytes in hexadecimal: a string, or the object `{"$bytes": "0a"}`.
    pub(crate) fn bytes(self) -> Result<Vec<u8>, TextError> {
        let node = match self.data() {
            Data::Map(_) => self.get("$bytes").unwrap_or(self),
            _ => self,
        };
        let bytes = node.text().and_then(parse_hex);
        bytes.ok_or_else(|| node.error(Expected::Hex))
    }

    fn of(self, data: &'a Data) -> &'a str {
        match data {
            Data::Text(range) | Data::Number(range, _) => &self.document.text[range.clone()],
            Data::Str(text) => text,
            _ => "",
        }
    }
}
