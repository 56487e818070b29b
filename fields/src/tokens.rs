//! Tokens of texts that people write: layouts and `.proto` files.

use crate::expected::Expected;
use crate::shortened::shortened;
use crate::text_error::TextError;
use crate::text_problem::{Found, TextProblem};

/// Reader of tokens: a word, a string with its quotes, or another character. At the end, the token
/// is empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tokens<'a, S> {
    text: &'a str,
    at: usize,
    pub(crate) syntax: S,
}

/// Lexical syntax of a language.
pub(crate) trait Syntax {
    /// Returns the length of white space or of a comment at the beginning of a text; 0 if there is
    /// none.
    fn blank_len(&self, text: &str) -> usize;

    /// Returns true for characters of names and numbers. All beyond ASCII count: a table of letters
    /// would be kilobytes of a program.
    fn is_word(char: char) -> bool;

    /// Returns the length of a string with its quotes.
    fn string_len(text: &str, quote: char) -> usize;
}

impl<'a, S: Syntax> Tokens<'a, S> {
    pub(crate) fn new(text: &'a str, syntax: S) -> Self {
        Self {
            text,
            at: 0,
            syntax,
        }
    }

    pub(crate) fn peek(&mut self) -> &'a str {
        let rest = &self.text[self.place()..];
        let Some(first) = rest.chars().next() else {
            return "";
        };
        let len = match first {
            '"' | '\'' => S::string_len(rest, first),
            _ if S::is_word(first) => rest.find(|it| !S::is_word(it)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        &rest[..len]
    }

    pub(crate) fn next(&mut self) -> &'a str {
        let token = self.peek();
        self.at += token.len();
        token
    }

    /// Reads that token if it is the next.
    pub(crate) fn take(&mut self, token: &str) -> bool {
        let is_next = self.peek() == token;
        if is_next {
            self.next();
        }
        is_next
    }

    /// Reads that token.
    pub(crate) fn expect(&mut self, token: &str) -> Result<(), TextError> {
        match self.take(token) {
            true => Ok(()),
            false => self.expected(Expected::Token(shortened(token))),
        }
    }

    /// The error at the next token, which is another.
    pub(crate) fn expected<T>(&mut self, expected: Expected) -> Result<T, TextError> {
        let found = match self.peek() {
            "" => Found::End,
            "\n" => Found::LineEnd,
            found => Found::Token(shortened(found)),
        };
        self.error(TextProblem::Found { expected, found })
    }

    /// The error at the next token.
    pub(crate) fn error<T>(&mut self, problem: TextProblem) -> Result<T, TextError> {
        let place = self.place();
        self.error_at(place, problem)
    }

    /// The error at the place of a token.
    pub(crate) fn error_at<T>(&self, place: usize, problem: TextProblem) -> Result<T, TextError> {
        Err(TextError::at(self.text, place, problem))
    }

    /// Skips white space and comments, and returns the place of the next token.
    pub(crate) fn place(&mut self) -> usize {
        loop {
            let len = self.syntax.blank_len(&self.text[self.at..]);
            if len == 0 {
                return self.at;
            }
            self.at += len;
        }
    }
}
