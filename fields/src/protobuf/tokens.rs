//! Tokens of a `.proto` file.

use crate::text_error::{TextError, quoted};

/// Reader of tokens. A token is a word with letters, digits and dots, a string with its quotes,
/// or another character; at the end it is empty.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Returns a reader from here on, to look ahead.
    pub(super) fn fork(&self) -> Self {
        Self { ..*self }
    }

    /// The error at the next token.
    pub(super) fn error<T>(&mut self, message: impl Into<String>) -> Result<T, TextError> {
        self.skip();
        Err(TextError::at(self.text, self.at, message))
    }

    /// Returns the place of the next token.
    pub(super) fn place(&mut self) -> usize {
        self.skip();
        self.at
    }

    pub(super) fn peek(&mut self) -> &'a str {
        self.skip();
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else {
            return "";
        };
        let len = match first {
            '"' | '\'' => string_len(rest, first),
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

    /// Reads that token if it is the next.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let is_next = self.peek() == token;
        if is_next {
            self.next();
        }
        is_next
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), TextError> {
        match self.take(token) {
            true => Ok(()),
            false => self.expected(&quoted(token)),
        }
    }

    pub(super) fn expected<T>(&mut self, what: &str) -> Result<T, TextError> {
        let found = match self.peek() {
            "" => "the end".into(),
            found => quoted(found),
        };
        self.error(format!("expected {what}, found {found}"))
    }

    /// Reads a name, with dots if it may have some.
    pub(super) fn name(&mut self, what: &str, has_dots: bool) -> Result<&'a str, TextError> {
        let name = self.peek();
        let is_name = name
            .starts_with(|it: char| it.is_ascii_alphabetic() || it == '_' || !it.is_ascii())
            || has_dots && name.starts_with('.') && name.len() > 1;
        match is_name && (has_dots || !name.contains('.')) {
            true => Ok(self.next()),
            false => self.expected(what),
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
            _ => self.expected("a number"),
        }
    }

    /// Skips to the semicolon, over groups in braces.
    pub(super) fn statement(&mut self) -> Result<(), TextError> {
        let mut depth = 0;
        loop {
            match self.next() {
                "" => return self.expected("\";\""),
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

    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            self.at += if trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                comment_len(trimmed)
            } else {
                return;
            };
        }
    }
}

/// Returns the length of a comment between `/*` and `*/`, or of the rest if its end is missing.
fn comment_len(text: &str) -> usize {
    let end = text.as_bytes().windows(2).position(|it| it == b"*/");
    end.map_or(text.len(), |at| at + 2)
}

/// Returns true for characters of names and numbers. All beyond ASCII count: a table of letters
/// would be kilobytes of a program.
fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || char == '.' || !char.is_ascii()
}

/// Returns the length of a string with its quotes.
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
