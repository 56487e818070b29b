//! Message of a refused notation, with a suggestion of the framing that was meant.

use std::error::Error;
use std::fmt;

use crate::framing::Framing;
use crate::notation_error::NotationError;

/// Length of a mistyped name for each wrong letter in it, at least, in letters.
const LEN_PER_ERROR: usize = 3;

impl NotationError {
    /// Returns the framing that was probably meant: that of the notation in the usual spelling,
    /// such as without capital letters and spaces, or the one with the most similar name.
    pub fn suggestion(&self) -> Option<Framing> {
        let plain = plain(self.notation()?);
        let is_word = plain
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'-');
        let parsed = plain.parse().ok();
        parsed.or_else(|| nearest(&plain).filter(|_| is_word))
    }
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(word) => write!(
                f,
                "unknown framing {word:?}, expected a length such as u32le, u24be or \
                 u16be-inclusive, or varint, lines, crlf, nul or raw, a value such as json, or a \
                 picture of the frame such as 1+u32be or 0x02...0x03"
            )?,
            Self::Picture {
                notation, reason, ..
            } => write!(f, "framing {notation:?}: {reason}")?,
        }
        match self.suggestion() {
            Some(meant) => write!(f, "; did you mean {meant}?"),
            None => Ok(()),
        }
    }
}

impl Error for NotationError {}

/// Returns `notation` in lower case, with one `+` between two parts, with hyphens and dots for
/// the characters that are typed in their place, and without the escapes of a URL.
fn plain(notation: &str) -> String {
    let text = notation.to_ascii_lowercase();
    let text = text
        .replace("%2b", " ")
        .replace("%20", " ")
        .replace('+', " ");
    let text = text.replace('_', "-").replace('…', "...");
    let parts: Vec<_> = text.split_whitespace().collect();
    let joined = parts.join("+");
    joined.replace("+...", "...").replace("...+", "...")
}

/// Returns the framing whose name is nearest to `word`, if it is near.
fn nearest(word: &str) -> Option<Framing> {
    let distances = Framing::named().map(|it| (distance(word, &it.to_string()), it));
    let (distance, framing) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance * LEN_PER_ERROR <= word.len()).then_some(framing)
}

/// Returns the number of letters to insert, delete or replace to make one word of the other:
/// the Levenshtein distance.
fn distance(word: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in word.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, of_other) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(letter != of_other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn suggested(notation: &str) -> Option<String> {
        let error = notation.parse::<Framing>().unwrap_err();
        let suggestion = error.suggestion()?.to_string();
        let hint = format!("; did you mean {suggestion}?");
        assert!(error.to_string().ends_with(&hint), "{error}");
        Some(suggestion)
    }

    #[test]
    fn notation_in_another_spelling_is_suggested() {
        for (notation, meant) in [
            ("U32LE", "u32le"),
            ("JSON", "json"),
            ("1 + u32be", "1+u32be"),
            ("varint+", "varint"),
            ("1%2Bu32be", "1+u32be"),
            (" lines\n", "lines"),
            ("u16be_inclusive", "u16be-inclusive"),
            ("0x02…0x03", "0x02...0x03"),
            ("0x0b ... 0x1c 0x0d", "0x0b...0x1c+0x0d"),
            ("WHOLE:1+U8", "whole:1+u8"),
        ] {
            assert_eq!(suggested(notation).as_deref(), Some(meant), "{notation}");
        }
    }

    #[test]
    fn mistyped_name_is_suggested_and_another_word_is_not() {
        for (notation, meant) in [
            ("line", "lines"),
            ("msgpak", "msgpack"),
            ("netstrings", "netstring"),
            ("octetcounting", "octet-counting"),
            ("varnit", "varint"),
            ("ndjson", "json"),
            ("u33le", "u32le"),
            ("u16be-inclusiv", "u16be-inclusive"),
        ] {
            assert_eq!(suggested(notation).as_deref(), Some(meant), "{notation}");
        }
        for notation in [
            "",
            "mqtt",
            "http",
            "protobuf",
            "u32",
            "16+u33be-inclusive",
            "whole:json",
            "0x",
            "xml",
        ] {
            assert_eq!(suggested(notation), None, "{notation}");
        }
    }
}
