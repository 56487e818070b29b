//! The filter of the log: text, regular expression or bytes, direction, kind, and client. Text is
//! found by the browser, regular expressions by the late part: both come in as functions.

use std::fmt;
use std::rc::Rc;

use crate::encoding::{self, DecodeError};
use crate::message::{Direction, Kind};
use crate::message_log::Row;

/// A predicate on a payload.
#[derive(Clone)]
pub struct Matcher(Rc<Predicate>);

type Predicate = dyn Fn(&[u8]) -> bool;

/// The meaning of the filter box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterSource<'a> {
    /// Text to find in any case.
    Text(&'a str),
    /// A regular expression.
    Regex {
        /// The pattern.
        pattern: &'a str,
        /// The flags.
        flags: &'a str,
    },
    /// Bytes to find, or their error.
    Bytes(Result<Vec<u8>, DecodeError>),
    /// A condition on a field of the payload.
    Field(&'a str),
}

/// The prefix of bytes in the filter box.
const BYTES: &str = "hex:";

/// The prefix of a condition on a field.
const FIELD: &str = "field:";

/// The conditions that a listed row meets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// The content of the filter box.
    pub text: String,
    /// The matcher for `text`, or the error of an invalid one; `None` until the late part, which
    /// has regular expressions, is loaded.
    pub matcher: Option<Result<Matcher, String>>,
    /// The direction to list; `None` for both.
    pub direction: Option<Direction>,
    /// The kind to list; `None` for both.
    pub kind: Option<Kind>,
    /// The client to list; `None` for all.
    pub client: Option<u64>,
}

impl Filter {
    /// Returns true if every row passes.
    pub fn passes_all(&self) -> bool {
        self.direction.is_none()
            && self.kind.is_none()
            && self.client.is_none()
            && !matches!(self.matcher, Some(Ok(_)))
    }

    /// Returns true if `row` passes, as messages alone do. An invalid regular expression is
    /// ignored.
    pub fn passes(&self, row: &Row) -> bool {
        row.event.is_none()
            && self.direction.is_none_or(|it| it == row.direction)
            && self.kind.is_none_or(|it| it == row.kind)
            && self.client.is_none_or(|it| row.session == Some(it))
            && match &self.matcher {
                Some(Ok(Matcher(matches))) => matches(&row.payload),
                Some(Err(_)) | None => true,
            }
    }

    /// Returns true if the matcher waits for the late part.
    pub fn is_waiting(&self) -> bool {
        self.matcher.is_none() && is_late(&self.text)
    }

    /// Returns the error of an invalid text.
    pub fn error(&self) -> Option<&str> {
        self.matcher.as_ref()?.as_ref().err().map(String::as_str)
    }
}

/// Returns true for a text whose meaning the late part knows: bytes, fields and regular expressions.
pub fn is_late(text: &str) -> bool {
    ["/", BYTES, FIELD].iter().any(|it| text.starts_with(it))
}

/// Parses the filter box: `/pattern/flags`, `hex: ff d8`, `field: id=7`, or a text to find in any
/// case.
pub fn parse_filter(text: &str) -> FilterSource<'_> {
    if let Some(condition) = text.strip_prefix(FIELD) {
        return FilterSource::Field(condition);
    }
    if let Some(hex) = text.strip_prefix(BYTES) {
        return FilterSource::Bytes(encoding::decode_hex(hex));
    }
    let regex = text
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'));
    match regex {
        Some((pattern, flags)) if !pattern.is_empty() => FilterSource::Regex { pattern, flags },
        _ => FilterSource::Text(text),
    }
}

/// Returns the source of an expression that finds a text: Rust's own tables of upper and lower
/// case would make the page larger. It has no repetition, so that its time is linear.
pub fn escape_regex(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\^$.*+?()[]{}|/".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

impl Matcher {
    /// Creates a matcher from a predicate.
    pub fn new(matches: impl Fn(&[u8]) -> bool + 'static) -> Self {
        Self(Rc::new(matches))
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Matcher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_delimit_a_regex_and_other_text_is_literal() {
        let check = |text, expected: FilterSource<'_>| {
            assert_eq!(parse_filter(text), expected, "{text}");
        };
        let regex = |pattern, flags| FilterSource::Regex { pattern, flags };
        check("hello", FilterSource::Text("hello"));
        check("/hel+o/", regex("hel+o", ""));
        check("/a/b/i", regex("a/b", "i"));
        check("/a/gisy", regex("a", "gisy"));
        check("/path", FilterSource::Text("/path"));
        check("//", FilterSource::Text("//"));
        assert_eq!(escape_regex("{\"a\": [1]}?"), r#"\{"a": \[1\]\}\?"#);
    }

    #[test]
    fn a_prefix_marks_bytes_in_hexadecimal() {
        let check = |text, expected| {
            assert_eq!(parse_filter(text), FilterSource::Bytes(expected), "{text}");
        };
        check("hex:ff d8 ff", Ok(b"\xff\xd8\xff".into()));
        check("hex: FFd8", Ok(b"\xff\xd8".into()));
        check("hex:", Ok(Vec::new()));
        check("hex:f", Err(DecodeError::HalfByte));
        assert_eq!(parse_filter("field: id=7"), FilterSource::Field(" id=7"));
        assert!(is_late("field:") && !is_late("fields"));
        assert!(is_late("hex:f") && is_late("/a/") && !is_late("a/") && !is_late("hex"));
    }
}
