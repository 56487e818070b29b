//! Tokens of a layout.

use crate::text_error::{TextError, quoted};

/// Reader of tokens: a word, a number, a text in quotes, or another character. The end of a line is
/// a token, but within braces it is white space; the end of the text is an empty one.
#[derive(Clone, Copy)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Braces that are open.
    pub(super) braces: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            braces: 0,
        }
    }

    pub(super) fn peek(&mut self) -> &'a str {
        self.skip();
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else {
            return "";
        };
        let len = match first {
            '\'' | '"' => {
                let end = rest[1..].find([first, '\n']);
                end.map_or(rest.len(), |at| at + 2)
            }
            _ if is_word(first) => rest.find(|it| !is_word(it)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        &rest[..len]
    }

    pub(super) fn next(&mut self) -> &'a str {
        let token = self.peek();
        self.at += token.len();
        token
    }

    pub(super) fn take(&mut self, token: &str) -> bool {
        let is_next = self.peek() == token;
        if is_next {
            self.next();
        }
        is_next
    }

    /// Reads a word.
    pub(super) fn word(&mut self, what: &str) -> Result<&'a str, TextError> {
        match self.peek().starts_with(is_word) {
            true => Ok(self.next()),
            false => self.expected(what),
        }
    }

    pub(super) fn expected<T>(&mut self, what: &str) -> Result<T, TextError> {
        let found = match self.peek() {
            "" => "the end".into(),
            "\n" => "the end of the line".into(),
            found => quoted(found),
        };
        self.error(format!("expected {what}, found {found}"))
    }

    /// The error at the next token.
    pub(super) fn error<T>(&mut self, message: impl Into<String>) -> Result<T, TextError> {
        self.skip();
        Err(TextError::at(self.text, self.at, message))
    }

    /// The error at the beginning of the text from `token` on, which is a part of it.
    pub(super) fn error_at<T>(
        &self,
        token: Lexer<'_>,
        message: impl Into<String>,
    ) -> Result<T, TextError> {
        let mut token = token;
        token.skip();
        Err(TextError::at(self.text, token.at, message))
    }

    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            match rest.bytes().next() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\n') if self.braces > 0 => self.at += 1,
                Some(b'#') => self.at += rest.find('\n').unwrap_or(rest.len()),
                _ => return,
            }
        }
    }
}

/// Returns true for characters of names and numbers. All beyond ASCII count: a table of letters
/// would be kilobytes of a program.
fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || !char.is_ascii()
}
