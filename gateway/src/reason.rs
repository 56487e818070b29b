//! System errors in words.

use std::io;

/// What went wrong: "connection refused" rather than "Connection refused (os error 111)".
/// Errors with words of their own, and kinds that the standard library has none for, keep
/// theirs.
pub(crate) fn reason(error: &io::Error) -> String {
    if let Some(own) = error.get_ref() {
        return own.to_string();
    }
    let kind = error.kind().to_string();
    if kind == "uncategorized error" || kind == "other error" {
        error.to_string()
    } else {
        kind
    }
}
