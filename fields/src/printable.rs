//! Bytes that look like text.

/// Returns true for UTF-8 without control characters other than tab and line breaks.
pub(crate) fn is_printable(bytes: &[u8]) -> bool {
    match str::from_utf8(bytes) {
        Ok(text) => text.chars().all(|it| !it.is_control() || is_space(it)),
        Err(_) => false,
    }
}

/// Returns true if a text has tabs or line breaks.
pub(crate) fn has_space(bytes: &[u8]) -> bool {
    bytes.iter().any(|it| is_space(char::from(*it)))
}

fn is_space(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r')
}
