//! Faults in texts that people write: schemas and JSON.

use std::fmt;

/// Fault in a schema or in JSON. Displayed: "line 2, column 5: expected a type".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// Line, from 1 on; 0 if the fault has no place.
    pub line: usize,
    /// Column in characters, from 1 on.
    pub column: usize,
    /// Fault and remedy.
    pub message: String,
}

impl TextError {
    /// The error of a whole text.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self {
            line: 0,
            column: 0,
            message: message.into(),
        }
    }

    /// The error at an offset in bytes.
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.bytes().filter(|it| *it == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for TextError {}

/// Returns a part of a text in quotes, shortened: it may be long if its end is missing.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let shown = text
        .chars()
        .map(|it| if it.is_control() { ' ' } else { it });
    let mut quoted: String = "\"".into();
    quoted.extend(shown.take(SHOWN));
    if text.chars().nth(SHOWN).is_some() {
        quoted.push('…');
    }
    quoted.push('"');
    quoted
}
