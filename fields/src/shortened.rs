//! Parts of texts in errors, shortened.

/// Returns a part of a text in quotes, shortened: it may be long if its end is missing.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", shortened(text))
}

/// Returns the beginning of a part of a text, without control characters.
pub(crate) fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let shown = text
        .chars()
        .map(|it| if it.is_control() { ' ' } else { it });
    let mut shortened: String = shown.take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shortened.push('…');
    }
    shortened
}
