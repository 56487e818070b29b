//! System errors in words.

use std::io;

/// What went wrong: "connection refused" rather than "Connection refused (os error 111)".
/// Kinds that the standard library has no words for keep the system's.
pub(crate) fn reason(error: &io::Error) -> String {
    let kind = error.kind().to_string();
    if kind == "uncategorized error" || kind == "other error" {
        error.to_string()
    } else {
        kind
    }
}
