//! Rows as lines of text, for comparison.

#![allow(dead_code, reason = "each test program uses some")]

use fields::{Decoded, Format, Options, Schema, decode};

/// Decodes without a schema.
pub(crate) fn plain(format: Format, payload: &[u8]) -> String {
    lines(&decode(&schema(format, ""), payload, &Options::default()))
}

/// Decodes with a schema.
pub(crate) fn with(format: Format, text: &str, payload: &[u8]) -> String {
    lines(&decode(&schema(format, text), payload, &Options::default()))
}

/// Decodes hexadecimal without a schema, and compares the rows.
pub(crate) fn check(format: Format, payload: &str, rows: &str) {
    assert_eq!(plain(format, &hex(payload)), rows, "{payload}");
}

/// Decodes hexadecimal without a schema, and compares the only row, written `label: value`.
pub(crate) fn check_row(format: Format, payload: &str, row: &str) {
    let rows = format!("0-{} {row}\n", hex(payload).len());
    check(format, payload, &rows);
}

pub(crate) fn schema(format: Format, text: &str) -> Schema {
    Schema::parse(format, text).unwrap_or_else(|error| panic!("{error}"))
}

/// Writes a row as `begin-end label: value`, indented, and the end if not all is read.
pub(crate) fn lines(decoded: &Decoded) -> String {
    let mut text = String::new();
    for field in &decoded.fields {
        let indent = "  ".repeat(field.depth);
        let guess = if field.is_guess { "?" } else { "" };
        let cut = if field.is_cut { " (cut)" } else { "" };
        text += &format!(
            "{}-{} {indent}{}: {}{guess}{cut}\n",
            field.range.start, field.range.end, field.label, field.value
        );
    }
    if let Some(stopped) = &decoded.stopped {
        text += &format!("{stopped}\n");
    }
    text
}

/// Reads hexadecimal with spaces.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len() / 2)
        .map(|it| u8::from_str_radix(&digits[2 * it..2 * it + 2], 16).expect("hexadecimal"))
        .collect()
}
