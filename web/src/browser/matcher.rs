//! Matchers of the filter: text by the browser, regular expressions by the late part, whose time
//! is linear. An expression of the browser's may take longer than the universe is old.

use js_sys::RegExp;
use web_core::action::Action;
use web_core::filter::{FilterSource, Matcher, parse_filter};
use web_core::language::Language;

use super::late_part;

/// Returns the action for a text in the filter box.
pub fn set_search(t: Language, text: String) -> Action {
    Action::SetSearch {
        matcher: matcher(t, &text),
        text,
    }
}

/// Compiles the filter box, or returns the reason why it is invalid. Returns `None` for an empty
/// box, and for a regular expression until the late part is loaded.
fn matcher(t: Language, text: &str) -> Option<Result<Matcher, String>> {
    match parse_filter(text)? {
        FilterSource::Text(pattern) => {
            let regex = RegExp::new(&pattern, "iu");
            let matches = move |payload: &[u8]| regex.test(&String::from_utf8_lossy(payload));
            Some(Ok(Matcher::new(matches)))
        }
        FilterSource::Bytes(bytes) => Some(
            bytes
                .map(Matcher::of_bytes)
                .map_err(|error| t.input_error(error)),
        ),
        FilterSource::Regex { pattern, flags } => late_part::matcher(pattern, flags),
    }
}
