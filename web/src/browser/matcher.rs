//! Matchers of the filter: text by the browser, bytes and regular expressions by the late part,
//! whose time is linear. An expression of the browser's may take longer than the universe is old.

use js_sys::RegExp;
use web_core::action::Action;
use web_core::filter::{Matcher, escape_regex, is_late};

use super::late_filter;

/// Returns the action for a text in the filter box. Its matcher is `None` if the late part is
/// needed, and not loaded yet.
pub fn set_search(text: String) -> Action {
    let matcher = match &*text {
        "" => None,
        text if is_late(text) => late_filter::matcher(text),
        text => {
            let regex = RegExp::new(&escape_regex(text), "iu");
            let matches = move |payload: &[u8]| regex.test(&String::from_utf8_lossy(payload));
            Some(Ok(Matcher::new(matches)))
        }
    };
    Action::SetSearch { text, matcher }
}
