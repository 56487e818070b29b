//! Regular expressions of the filter: matched in time that is linear in the payload, whatever the
//! expression, so that no filter hangs the page.

use regex_lite::{Regex, RegexBuilder};
use wasm_bindgen::prelude::wasm_bindgen;

/// The largest compiled expression, in bytes: the time is proportional to it, too.
const MAX_SIZE: usize = 64 << 10;

/// A regular expression.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Expression(Regex);

#[wasm_bindgen]
impl Expression {
    /// Compiles an expression, with flags as in the browser's: `i`, `m` and `s`. The others change
    /// nothing here.
    ///
    /// # Errors
    /// The reason why it is invalid.
    #[wasm_bindgen(constructor)]
    pub fn new(pattern: &str, flags: &str) -> Result<Expression, String> {
        let mut builder = RegexBuilder::new(pattern);
        builder
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .size_limit(MAX_SIZE);
        builder.build().map(Self).map_err(|error| error.to_string())
    }

    /// Returns true if the expression matches a part of the payload, as text.
    #[must_use]
    pub fn matches(&self, payload: &[u8]) -> bool {
        self.0.is_match(&String::from_utf8_lossy(payload))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn flags_are_those_of_the_browser() {
        let check = |pattern, flags, payload: &str, expected| {
            let expression = Expression::new(pattern, flags).unwrap();
            assert_eq!(
                expression.matches(payload.as_bytes()),
                expected,
                "{pattern}"
            );
        };
        check("hel+o", "", "hello", true);
        check("hel+o", "", "HELLO", false);
        check("hel+o", "iug", "HELLO", true);
        check("^b", "", "a\nb", false);
        check("^b", "m", "a\nb", true);
        check("a.b", "s", "a\nb", true);
        assert!(Expression::new("(", "").is_err());
        assert!(Expression::new("(?=a)", "").is_err());
        assert!(Expression::new("(a{1000}){1000}", "").is_err());
    }

    #[test]
    fn nested_repetition_takes_linear_time() {
        let payload = "a".repeat(100_000) + "!";
        let start = Instant::now();
        for pattern in ["^(a+)+$", "^(a|a)*$", "(a*)*b"] {
            let expression = Expression::new(pattern, "").unwrap();
            assert!(!expression.matches(payload.as_bytes()), "{pattern}");
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
