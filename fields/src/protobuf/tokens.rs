//! Tokens of a `.proto` file.

use crate::expected::Expected;
use crate::text_error::TextError;
use crate::tokens::{self, Syntax};

pub(super) type Tokens<'a> = tokens::Tokens<'a, ProtoSyntax>;

/// Syntax in which words have dots and strings have escapes.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProtoSyntax;

impl Syntax for ProtoSyntax {
    fn blank_len(&self, text: &str) -> usize {
        if text.starts_with("//") {
            text.find('\n').unwrap_or(text.len())
        } else if text.starts_with("/*") {
            comment_len(text)
        } else {
            text.len() - text.trim_start().len()
        }
    }

    fn is_word(char: char) -> bool {
        char.is_ascii_alphanumeric() || char == '_' || char == '.' || !char.is_ascii()
    }

    fn string_len(text: &str, quote: char) -> usize {
        let mut is_escaped = false;
        for (at, char) in text.char_indices().skip(1) {
            match char {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                _ if char == quote => return at + 1,
                _ => {}
            }
        }
        text.len()
    }
}

impl<'a> Tokens<'a> {
    /// Reads a name, with dots if it may have some.
    pub(super) fn name(
        &mut self,
        expected: Expected,
        has_dots: bool,
    ) -> Result<&'a str, TextError> {
        let name = self.peek();
        let is_name = name
            .starts_with(|it: char| it.is_ascii_alphabetic() || it == '_' || !it.is_ascii())
            || has_dots && name.starts_with('.') && name.len() > 1;
        match is_name && (has_dots || !name.contains('.')) {
            true => Ok(self.next()),
            false => self.expected(expected),
        }
    }

    /// Reads an integer in decimal, octal or hexadecimal.
    pub(super) fn integer(&mut self) -> Result<i64, TextError> {
        let sign = if self.take("-") { -1 } else { 1 };
        let word = self.peek();
        let number = match word.as_bytes() {
            [b'0', b'x' | b'X', ..] => i64::from_str_radix(&word[2..], 16),
            [b'0', _, ..] => i64::from_str_radix(&word[1..], 8),
            _ => word.parse(),
        };
        match number {
            Ok(number) if !word.starts_with('+') => {
                self.next();
                Ok(sign * number)
            }
            _ => self.expected(Expected::Number),
        }
    }

    /// Skips to the semicolon, over groups in braces.
    pub(super) fn statement(&mut self) -> Result<(), TextError> {
        let mut depth = 0;
        loop {
            match self.next() {
                "" => return self.expected(Expected::Token(";".into())),
                ";" if depth == 0 => return Ok(()),
                "{" => depth += 1,
                "}" if depth <= 1 => {
                    // A block may have a semicolon after it, or none.
                    self.take(";");
                    return Ok(());
                }
                "}" => depth -= 1,
                _ => {}
            }
        }
    }
}

/// Returns the length of a comment between `/*` and `*/`, or of the rest if its end is missing.
fn comment_len(text: &str) -> usize {
    let end = text.as_bytes().windows(2).position(|it| it == b"*/");
    end.map_or(text.len(), |at| at + 2)
}
