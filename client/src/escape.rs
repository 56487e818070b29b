//! Payloads as printable text.

use std::fmt::Write;

use net::untrusted::{Shown, characters};

/// The treatment of characters that control a terminal, or are invisible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controls {
    /// Keeps them.
    Kept,
    /// Escapes them, except tabs and line breaks.
    Escaped,
    /// Escapes all of them, so that the text is one line.
    OneLine,
}

/// Returns `bytes` as text, in which each byte that is not UTF-8 is `\xNN`.
pub(crate) fn escaped(bytes: &[u8], controls: Controls) -> String {
    let mut text = String::with_capacity(bytes.len());
    for shown in characters(bytes) {
        match (shown, controls) {
            (Shown::Char(c), Controls::Kept)
            | (Shown::Char(c @ ('\t' | '\n')), Controls::Escaped) => {
                text.push(c);
            }
            _ => write!(text, "{shown}").expect("writing to a String cannot fail"),
        }
    }
    text
}

/// Returns about 64 bytes around byte `at` of `bytes`, in quotes, with … where it is cut.
pub(crate) fn excerpt(bytes: &[u8], at: usize) -> String {
    const BEFORE: usize = 16;
    const LEN: usize = 64;
    let begin = char_boundary(bytes, at.saturating_sub(BEFORE));
    let end = char_boundary(bytes, begin + LEN);
    let cut = |is_cut| if is_cut { "…" } else { "" };
    let text = escaped(&bytes[begin..end], Controls::OneLine);
    format!("{}\"{text}\"{}", cut(begin > 0), cut(end < bytes.len()))
}

/// Returns the last character boundary up to `at`, if `bytes` is UTF-8.
fn char_boundary(bytes: &[u8], at: usize) -> usize {
    const LONGEST: usize = 4;
    if at >= bytes.len() {
        return bytes.len();
    }
    let begins = |at: &usize| bytes[*at] & 0b1100_0000 != 0b1000_0000;
    let mut near = (at.saturating_sub(LONGEST - 1)..=at).rev();
    near.find(begins).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_utf8_is_escaped_and_the_rest_is_kept() {
        let check = |bytes: &[u8], controls, expected: &str| {
            assert_eq!(escaped(bytes, controls), expected);
        };
        let text = "日本\t\n".as_bytes();
        check(text, Controls::Kept, "日本\t\n");
        check(text, Controls::Escaped, "日本\t\n");
        check(b"a\xff\xc3b", Controls::Kept, r"a\xff\xc3b");
        check(b"\x1b[2J\0", Controls::Kept, "\x1b[2J\0");
        check(b"\x1b[2J\0\x7f", Controls::Escaped, r"\x1b[2J\x00\x7f");
        check(b"a\tb\n", Controls::OneLine, r"a\x09b\x0a");
        check(
            "\u{9b}\u{202e}".as_bytes(),
            Controls::Escaped,
            r"\u{9b}\u{202e}",
        );
    }

    #[test]
    fn excerpt_is_short_and_splits_no_character() {
        assert_eq!(excerpt(b"hello", 5), r#""hello""#);
        let long = "日".repeat(100);
        let shown = excerpt(long.as_bytes(), 100);
        assert_eq!(shown, format!("…\"{}\"…", "日".repeat(21)));
        assert!(excerpt(&[0xff; 100], 0).starts_with(r#""\xff\xff"#));
    }
}
