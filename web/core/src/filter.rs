//! Which messages the person wants to see. Pure: a regular expression comes as a function.

use std::fmt;
use std::rc::Rc;

use crate::log::{Direction, Row};

/// Tells the payloads to show, as text, from the others.
#[derive(Clone)]
pub struct Matcher(Rc<dyn Fn(&str) -> bool>);

/// A regular expression, in the browser's notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The expression.
    pub source: String,
    /// Its flags.
    pub flags: String,
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
    /// The one client whose messages pass.
    pub client: Option<u64>,
}

impl Filter {
    /// Whether all messages pass.
    pub fn is_open(&self) -> bool {
        let Self {
            direction, client, ..
        } = self;
        direction.is_none() && client.is_none() && !matches!(self.matcher, Some(Ok(_)))
    }

    /// Whether `row` passes. A filter that is in error lets everything pass.
    pub fn passes(&self, row: &Row) -> bool {
        self.direction.is_none_or(|it| it == row.direction)
            && self.client.is_none_or(|it| row.session == Some(it))
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

/// Reads what a filter box holds: `/expression/flags`, or a text that is to be found
/// whatever its case. An expression too, for the browser: Rust's tables of upper and
/// lower case are large. `None` if all messages pass.
pub fn expression(text: &str) -> Option<Expression> {
    let written = text
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'));
    match written {
        Some((source, flags)) if !source.is_empty() => Some(Expression {
            source: source.into(),
            // With these, an expression would remember where it last matched.
            flags: flags.replace(['g', 'y'], ""),
        }),
        _ if text.is_empty() => None,
        _ => Some(Expression {
            source: literally(text),
            flags: "iu".into(),
        }),
    }
}

fn literally(text: &str) -> String {
    let mut source = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\^$.*+?()[]{}|/".contains(c) {
            source.push('\\');
        }
        source.push(c);
    }
    source
}

impl Matcher {
    /// A matcher that asks `matches`.
    pub fn new(matches: impl Fn(&str) -> bool + 'static) -> Self {
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
    fn slashes_make_a_regular_expression_and_all_else_is_found_as_it_is() {
        let check = |text, expected: Option<(&str, &str)>| {
            let found = expression(text);
            let found = found.as_ref().map(|it| (&*it.source, &*it.flags));
            assert_eq!(found, expected, "{text}");
        };
        check("", None);
        check("hello", Some(("hello", "iu")));
        check("/hel+o/", Some(("hel+o", "")));
        check("/a/b/i", Some(("a/b", "i")));
        check("/a/gisy", Some(("a", "is")));
        check("/path", Some((r"\/path", "iu")));
        check("//", Some((r"\/\/", "iu")));
        check("{\"a\": [1]}?", Some((r#"\{"a": \[1\]\}\?"#, "iu")));
    }
}
