//! Text: what the page and the terminal show as it is.

/// Returns true if `capture` reads as text: UTF-8 without control characters, but for tabs
/// and line breaks. Its last character may be incomplete.
pub fn is_text(capture: &[u8]) -> bool {
    let text = match str::from_utf8(capture) {
        Ok(text) => text,
        Err(error) if error.error_len().is_some() => return false,
        Err(error) => str::from_utf8(&capture[..error.valid_up_to()]).unwrap_or_default(),
    };
    let is_shown = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    !text.is_empty() && text.chars().all(is_shown)
}
