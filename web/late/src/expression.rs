//! Expressions of the filter: bytes, and regular expressions that are matched in time that is
//! linear in the payload, whatever the expression, so that no filter hangs the page.

use regex_lite::{Regex, RegexBuilder};
use wasm_bindgen::prelude::wasm_bindgen;
use web_core::filter::{FilterSource, parse_filter};
use web_core::language::Language;

use crate::details::field_filter::FieldFilter;
use crate::regex_reason::of_regex;

/// The largest compiled expression, in bytes: the time is proportional to it, too.
const MAX_SIZE: usize = 64 << 10;

/// The compiled text of the filter box.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Expression(Compiled);

#[derive(Debug)]
enum Compiled {
    Regex(Regex),
    Bytes(Vec<u8>),
    Field(FieldFilter),
}

#[wasm_bindgen]
impl Expression {
    /// Compiles a text of the filter box, in the document's language.
    ///
    /// # Errors
    /// The reason why it is invalid.
    #[wasm_bindgen(constructor)]
    pub fn new(filter: &str) -> Result<Expression, String> {
        Self::compile(filter, crate::document_language())
    }

    /// Returns true if a part of the payload matches: its text, or its bytes.
    #[must_use]
    pub fn matches(&self, payload: &[u8]) -> bool {
        match &self.0 {
            Compiled::Regex(regex) => regex.is_match(&String::from_utf8_lossy(payload)),
            Compiled::Bytes(bytes) if bytes.is_empty() => true,
            Compiled::Bytes(bytes) => payload.windows(bytes.len()).any(|it| it == bytes),
            Compiled::Field(filter) => filter.matches(payload),
        }
    }
}

impl Expression {
    /// Compiles a text of the filter box, with flags as in the browser's expressions: `i`, `m` and
    /// `s`. The others change nothing here.
    ///
    /// # Errors
    /// The reason why it is invalid.
    pub fn compile(filter: &str, t: Language) -> Result<Self, String> {
        let literal;
        let (pattern, flags) = match parse_filter(filter) {
            FilterSource::Bytes(bytes) => {
                let bytes = bytes.map_err(|error| t.input_error(error))?;
                return Ok(Self(Compiled::Bytes(bytes)));
            }
            FilterSource::Field(condition) => {
                let filter = FieldFilter::parse(condition).ok_or(t.field_filter_hint())?;
                return Ok(Self(Compiled::Field(filter)));
            }
            FilterSource::Regex { pattern, flags } => (pattern, flags),
            FilterSource::Text(text) => {
                literal = regex_lite::escape(text);
                (&*literal, "i")
            }
        };
        let mut builder = RegexBuilder::new(pattern);
        builder
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .size_limit(MAX_SIZE);
        let regex = builder.build().map_err(|error| of_regex(t, &error))?;
        Ok(Self(Compiled::Regex(regex)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn matches(filter: &str, payload: &[u8]) -> Result<bool, String> {
        Expression::compile(filter, Language::English).map(|it| it.matches(payload))
    }

    #[test]
    fn flags_are_those_of_the_browser() {
        let check = |filter, payload: &str, expected| {
            assert_eq!(
                matches(filter, payload.as_bytes()),
                Ok(expected),
                "{filter}"
            );
        };
        check("/hel+o/", "hello", true);
        check("/hel+o/", "HELLO", false);
        check("/hel+o/iug", "HELLO", true);
        check("/^b/", "a\nb", false);
        check("/^b/m", "a\nb", true);
        check("/a.b/s", "a\nb", true);
        check("/path", "GET /PATH", true);
        for invalid in ["/(/", "/(?=a)/", "/(a{1000}){1000}/"] {
            assert!(matches(invalid, b"").is_err(), "{invalid}");
        }
    }

    #[test]
    fn bytes_are_found_in_the_payload() {
        assert_eq!(matches("hex: ff 00", b"a\xff\0"), Ok(true));
        assert_eq!(matches("hex:ff00", b"\0\xff"), Ok(false));
        assert_eq!(matches("hex:", b""), Ok(true));
        let error = matches("hex:f", b"").unwrap_err();
        assert_eq!(error, "A byte needs two digits.");
    }

    #[test]
    fn fields_are_found_by_name_and_value() {
        let payload = br#"{"id": 7, "user": {"name": "bob"}}"#;
        assert_eq!(matches("field: user.name=bob", payload), Ok(true));
        assert_eq!(matches("field:id>7", payload), Ok(false));
        let error = matches("field:=1", payload).unwrap_err();
        assert!(error.contains("write a name"), "{error}");
    }

    #[test]
    fn nested_repetition_takes_linear_time() {
        let payload = "a".repeat(100_000) + "!";
        let start = Instant::now();
        for filter in ["/^(a+)+$/", "/^(a|a)*$/", "/(a*)*b/"] {
            assert_eq!(matches(filter, payload.as_bytes()), Ok(false), "{filter}");
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
