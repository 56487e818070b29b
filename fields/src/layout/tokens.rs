//! Tokens of a layout.

use crate::expected::Expected;
use crate::text_error::TextError;
use crate::tokens::{self, Syntax};

pub(super) type Tokens<'a> = tokens::Tokens<'a, LayoutSyntax>;

/// Syntax in which the end of a line is a token, but within braces it is white space.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LayoutSyntax {
    /// Braces that are open.
    pub(super) braces: usize,
}

impl Syntax for LayoutSyntax {
    fn blank_len(&self, text: &str) -> usize {
        match text.bytes().next() {
            Some(b' ' | b'\t' | b'\r') => 1,
            Some(b'\n') if self.braces > 0 => 1,
            Some(b'#') => text.find('\n').unwrap_or(text.len()),
            _ => 0,
        }
    }

    fn is_word(char: char) -> bool {
        char.is_ascii_alphanumeric() || char == '_' || !char.is_ascii()
    }

    fn string_len(text: &str, quote: char) -> usize {
        let end = text[1..].find([quote, '\n']);
        end.map_or(text.len(), |at| at + 2)
    }
}

impl<'a> Tokens<'a> {
    /// Reads a word.
    pub(super) fn word(&mut self, expected: Expected) -> Result<&'a str, TextError> {
        match self.peek().starts_with(LayoutSyntax::is_word) {
            true => Ok(self.next()),
            false => self.expected(expected),
        }
    }
}
