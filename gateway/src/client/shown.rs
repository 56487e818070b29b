//! Payloads as people see them.

use std::fmt::Write;

/// What becomes of control characters, such as those that steer a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Controls {
    AsTheyAre,
    /// But for tabs and line breaks.
    Escaped,
}

/// `bytes` as text, in which each byte that is not UTF-8 is `\xNN`.
pub(super) fn escaped(bytes: &[u8], controls: Controls) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match controls {
                Controls::Escaped if c.is_control() && !matches!(c, '\t' | '\n') => {
                    escape(&mut text, c.into());
                }
                _ => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            escape(&mut text, (*byte).into());
        }
    }
    text
}

fn escape(text: &mut String, code: u32) {
    write!(text, "\\x{code:02x}").expect("a text takes what is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_is_seen_and_the_rest_stays() {
        let check = |bytes: &[u8], controls, expected: &str| {
            assert_eq!(escaped(bytes, controls), expected);
        };
        let text = "日本\t\n".as_bytes();
        check(text, Controls::AsTheyAre, "日本\t\n");
        check(text, Controls::Escaped, "日本\t\n");
        check(b"a\xff\xc3b", Controls::AsTheyAre, r"a\xff\xc3b");
        check(b"\x1b[2J\0", Controls::AsTheyAre, "\x1b[2J\0");
        check(b"\x1b[2J\0\x7f", Controls::Escaped, r"\x1b[2J\x00\x7f");
        check("\u{9b}".as_bytes(), Controls::Escaped, r"\x9b");
    }
}
