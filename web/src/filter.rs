//! Which messages the person wants to see. Pure: a regular expression comes as a function.

use std::fmt;
use std::rc::Rc;

use crate::log::{Direction, Row};

/// Tells the payloads to show, as text, from the others.
#[derive(Clone)]
pub struct Matcher(Rc<dyn Fn(&str) -> bool>);

/// What a filter box holds, as far as it can be understood without the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query<'a> {
    /// Nothing: all messages pass.
    Empty,
    /// A text that is to be found, whatever its case.
    Text(&'a str),
    /// A regular expression and its flags.
    Regex(&'a str, &'a str),
}

/// Which messages pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// What the person wrote.
    pub text: String,
    /// What that means; the error of a regular expression that is none.
    pub matcher: Option<Result<Matcher, String>>,
    /// The one direction that passes.
    pub direction: Option<Direction>,
}

impl Filter {
    /// Whether all messages pass.
    pub fn is_open(&self) -> bool {
        self.direction.is_none() && !matches!(self.matcher, Some(Ok(_)))
    }

    /// Whether `row` passes. A filter that is in error lets everything pass.
    pub fn passes(&self, row: &Row) -> bool {
        self.direction.is_none_or(|it| it == row.direction)
            && match &self.matcher {
                Some(Ok(Matcher(matches))) => matches(&String::from_utf8_lossy(&row.payload)),
                Some(Err(_)) | None => true,
            }
    }

    /// Why the filter cannot be used.
    pub fn error(&self) -> Option<&str> {
        match &self.matcher {
            Some(Err(error)) => Some(error),
            Some(Ok(_)) | None => None,
        }
    }
}

/// Reads what a filter box holds: `/expression/flags`, or a text.
pub fn query(text: &str) -> Query<'_> {
    let regex = text
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'));
    match regex {
        Some((source, flags)) if !source.is_empty() => Query::Regex(source, flags),
        _ if text.is_empty() => Query::Empty,
        _ => Query::Text(text),
    }
}

impl Matcher {
    /// A matcher that asks `matches`.
    pub fn new(matches: impl Fn(&str) -> bool + 'static) -> Self {
        Self(Rc::new(matches))
    }

    /// Matches what contains `text`, whatever its case.
    pub fn text(text: &str) -> Self {
        let text = text.to_lowercase();
        Self::new(move |payload| payload.to_lowercase().contains(&text))
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
    fn slashes_make_a_regular_expression() {
        let check = |text, expected| assert_eq!(query(text), expected, "{text}");
        check("", Query::Empty);
        check("hello", Query::Text("hello"));
        check("/hel+o/", Query::Regex("hel+o", ""));
        check("/a/b/i", Query::Regex("a/b", "i"));
        check("/path", Query::Text("/path"));
        check("//", Query::Text("//"));
    }

    #[test]
    fn text_is_found_whatever_its_case() {
        let check = |text: &str, payload: &str, expected: bool| {
            let Matcher(matches) = Matcher::text(text);
            assert_eq!(matches(payload), expected, "{text} in {payload}");
        };
        check("HELLO", "echo : hello", true);
        check("世界", "こんにちは、世界", true);
        check("ä", "Ä", true);
        check("x", "hello", false);
    }
}
