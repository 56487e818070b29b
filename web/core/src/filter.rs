//! The filter of the log: text or regular expression, direction, and client. The browser's
//! regular expressions come in as functions.

use std::fmt;
use std::rc::Rc;

use crate::message::Direction;
use crate::message_log::Row;

/// A predicate on a payload's text.
#[derive(Clone)]
pub struct Matcher(Rc<dyn Fn(&str) -> bool>);

/// The source of a regular expression, in the browser's syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegexSource {
    /// The pattern.
    pub pattern: String,
    /// The flags.
    pub flags: String,
}

/// The conditions that a listed row meets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// The content of the filter box.
    pub text: String,
    /// The matcher for `text`, or the error of an invalid regular expression.
    pub matcher: Option<Result<Matcher, String>>,
    /// The direction to list; `None` for both.
    pub direction: Option<Direction>,
    /// The client to list; `None` for all.
    pub client: Option<u64>,
}

impl Filter {
    /// Returns true if every row passes.
    pub fn passes_all(&self) -> bool {
        self.direction.is_none() && self.client.is_none() && !matches!(self.matcher, Some(Ok(_)))
    }

    /// Returns true if `row` passes, as messages alone do. An invalid regular expression is
    /// ignored.
    pub fn passes(&self, row: &Row) -> bool {
        row.event.is_none()
            && self.direction.is_none_or(|it| it == row.direction)
            && self.client.is_none_or(|it| row.session == Some(it))
            && match &self.matcher {
                Some(Ok(Matcher(matches))) => matches(&String::from_utf8_lossy(&row.payload)),
                Some(Err(_)) | None => true,
            }
    }

    /// Returns the error of an invalid regular expression.
    pub fn error(&self) -> Option<&str> {
        self.matcher.as_ref()?.as_ref().err().map(String::as_str)
    }
}

/// Parses the filter box: `/pattern/flags`, or a text to find in any case; `None` if it is
/// empty. A text becomes a regular expression too, because Rust's own tables of upper and
/// lower case would make the page larger.
pub fn parse_filter(text: &str) -> Option<RegexSource> {
    let regex = text
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'));
    match regex {
        Some((pattern, flags)) if !pattern.is_empty() => Some(RegexSource {
            pattern: pattern.into(),
            // Both flags make an expression stateful: it would remember its last match.
            flags: flags.replace(['g', 'y'], ""),
        }),
        _ if text.is_empty() => None,
        _ => Some(RegexSource {
            pattern: escape_regex(text),
            flags: "iu".into(),
        }),
    }
}

fn escape_regex(text: &str) -> String {
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
    fn slashes_delimit_a_regex_and_other_text_is_literal() {
        let check = |text, expected: Option<(&str, &str)>| {
            let found = parse_filter(text);
            let found = found.as_ref().map(|it| (&*it.pattern, &*it.flags));
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
