//! Text from a peer or a person, which must control neither a terminal nor a log.
//!
//! One rule escapes and bounds it wherever it is shown: in log lines, refusals, Close reasons,
//! recordings, error messages and terminals.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// Bytes from a peer or a person, displayed as one line of bounded length.
///
/// Its `Display` escapes bytes that are not UTF-8 (`\xNN`) and characters that are invisible or
/// change what is around them (`\xNN`, `\u{NNNN}`): see [`is_visible`]. `Debug` does so too, in
/// quotes, so that no formatting shows the bytes as they came. Displayed text stays as it is when
/// it is displayed again.
///
/// ```
/// use net::untrusted::Untrusted;
///
/// let reason = Untrusted::from("bye\x1b[2J\u{202e}");
/// assert_eq!(reason.to_string(), r"bye\x1b[2J\u{202e}");
/// assert_eq!(Untrusted::from("long reason").up_to(4).to_string(), "long…");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Untrusted<'a> {
    bytes: Cow<'a, [u8]>,
    max_len: usize,
}

impl<'a> Untrusted<'a> {
    /// The longest displayed text, in characters, unless [`up_to`](Self::up_to) sets another.
    pub const MAX_LEN: usize = 256;

    /// Wraps `bytes`, borrowed or owned.
    pub fn new(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            bytes: bytes.into(),
            max_len: Self::MAX_LEN,
        }
    }

    /// Formats `text`, and keeps no more of it than `max_len` displayed characters need.
    ///
    /// ```
    /// use net::untrusted::Untrusted;
    ///
    /// let text = Untrusted::format(7, format_args!("{:?} and more", "a\nb"));
    /// assert_eq!(text.to_string(), r#""a\nb" …"#);
    /// ```
    pub fn format(max_len: usize, text: fmt::Arguments<'_>) -> Untrusted<'static> {
        let mut start = Start {
            text: String::new(),
            max_bytes: bytes_shown(max_len),
        };
        // An error means that the rest is not needed.
        let _ = start.write_fmt(text);
        Untrusted::from(start.text).up_to(max_len)
    }

    /// Returns the displayed text, cut to at most `max_bytes` bytes of UTF-8 with its `…`.
    pub fn within_bytes(&self, max_bytes: usize) -> String {
        const MARK: char = '…';
        let mut text = self.to_string();
        if text.len() > max_bytes {
            let end = max_bytes.saturating_sub(MARK.len_utf8());
            text.truncate(text.floor_char_boundary(end));
            text.push(MARK);
        }
        text
    }

    /// Sets the longest displayed text, in characters; `…` follows where it is cut.
    #[must_use]
    pub fn up_to(self, max_len: usize) -> Self {
        Self { max_len, ..self }
    }

    /// Returns true if there is no text.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Copies borrowed bytes, at most as many as can be displayed.
    pub fn into_owned(self) -> Untrusted<'static> {
        let len = self.bytes.len().min(bytes_shown(self.max_len));
        Untrusted {
            bytes: Cow::Owned(self.bytes[..len].to_vec()),
            max_len: self.max_len,
        }
    }
}

/// Returns the number of bytes that `max_len` displayed characters stand for at most, and those of
/// one more character, which shows that the text is cut.
fn bytes_shown(max_len: usize) -> usize {
    const LONGEST: usize = 4;
    max_len.saturating_add(1).saturating_mul(LONGEST)
}

/// The first `max_bytes` bytes of a formatted text, or a few more, to a character's end.
struct Start {
    text: String,
    max_bytes: usize,
}

impl fmt::Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.max_bytes.saturating_sub(self.text.len());
        self.text.push_str(&text[..text.ceil_char_boundary(room)]);
        match text.len() > room {
            true => Err(fmt::Error),
            false => Ok(()),
        }
    }
}

impl<'a> From<&'a str> for Untrusted<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text.as_bytes())
    }
}

impl From<String> for Untrusted<'_> {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.max_len;
        for shown in characters(&self.bytes) {
            let len = shown.len();
            if len > rest {
                return f.write_char('…');
            }
            rest -= len;
            write!(f, "{shown}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A character of bytes that may not be UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A character of valid UTF-8.
    Char(char),
    /// A byte that is not UTF-8.
    Byte(u8),
}

/// Returns the characters of `bytes`; each is displayed escaped.
pub fn characters(bytes: &[u8]) -> impl Iterator<Item = Shown> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(Shown::Char);
        valid.chain(chunk.invalid().iter().copied().map(Shown::Byte))
    })
}

impl Shown {
    /// The number of displayed characters.
    fn len(self) -> usize {
        const BYTE: usize = r"\xNN".len();
        match self {
            Self::Char(c) if is_visible(c) => 1,
            Self::Char(c) if c.is_ascii() => BYTE,
            Self::Char(c) => c.escape_unicode().count(),
            Self::Byte(_) => BYTE,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Char(c) if is_visible(c) => f.write_char(c),
            Self::Char(c) if c.is_ascii() => write!(f, "\\x{:02x}", u32::from(c)),
            Self::Char(c) => write!(f, "{}", c.escape_unicode()),
            Self::Byte(byte) => write!(f, "\\x{byte:02x}"),
        }
    }
}

/// Returns true for a character that shows as itself: no control character (C0, C1, DEL), no
/// format character (bidirectional controls, zero-width characters), no line or paragraph
/// separator, no unusual space, and none without a meaning in Unicode.
pub fn is_visible(c: char) -> bool {
    const IDEOGRAPHIC_SPACE: char = '\u{3000}';
    if c.is_ascii() || c == IDEOGRAPHIC_SPACE {
        return !c.is_ascii_control();
    }
    // A combining mark is escaped at the start of a string only.
    c.escape_debug().len() == 1 || String::from_iter(['a', c]).escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn invisible_characters_are_escaped_and_the_rest_is_kept() {
        let check = |bytes: &[u8], expected: &str| {
            assert_eq!(Untrusted::new(bytes).to_string(), expected);
        };
        check(
            "日本　語 e\u{301} ü \"\\'".as_bytes(),
            "日本　語 e\u{301} ü \"\\'",
        );
        check(b"\x1b[2J\r\n\t\0\x7f", r"\x1b[2J\x0d\x0a\x09\x00\x7f");
        check("\u{9b}31m".as_bytes(), r"\u{9b}31m");
        check(b"a\xff\xc3b\xe3\x81", r"a\xff\xc3b\xe3\x81");
        for c in "\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{2028}\u{2029}\
                  \u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{fff9}\u{e0001}\u{e000}\u{ffff}\
                  \u{378}\u{a0}"
            .chars()
        {
            check(c.to_string().as_bytes(), &c.escape_unicode().to_string());
        }
    }

    #[test]
    fn long_text_is_cut_between_characters_with_a_mark() {
        let check = |text: &str, len, expected: &str| {
            let text = Untrusted::from(text).up_to(len);
            assert_eq!(text.to_string(), expected);
            assert_eq!(text.into_owned().to_string(), expected);
        };
        check("日本", 2, "日本");
        check("日本語", 2, "日本…");
        check("ab\x1bcd", 5, "ab…");
        check("", 0, "");
        let long = Untrusted::from("x".repeat(10_000)).to_string();
        assert_eq!(long.chars().count(), Untrusted::MAX_LEN + 1);
    }

    #[test]
    fn bytes_of_the_displayed_text_are_bounded() {
        let check = |text: &str, max_bytes, expected: &str| {
            assert_eq!(Untrusted::from(text).within_bytes(max_bytes), expected);
        };
        check("日本", 6, "日本");
        check("日本語", 8, "日…");
        check("\x1b\x1b", 8, r"\x1b\x1b");
        check("\x1b\x1b", 7, r"\x1b…");
    }

    #[test]
    fn debug_is_escaped_too() {
        let text = Untrusted::from("a\x1b");
        assert_eq!(format!("{text:?}"), r#""a\x1b""#);
    }

    proptest! {
        #[test]
        fn any_bytes_are_one_line_of_bounded_length(
            bytes in prop_oneof![any::<Vec<u8>>(), any::<String>().prop_map(String::into_bytes)],
            max_len in 0..40_usize,
        ) {
            let text = Untrusted::new(&bytes[..]).up_to(max_len);
            let shown = text.to_string();
            prop_assert!(shown.chars().all(is_visible), "{shown:?}");
            let is_cut = shown.chars().count() > max_len;
            prop_assert!(!is_cut || shown.ends_with('…') && shown.chars().count() <= max_len + 1);
            prop_assert_eq!(Untrusted::from(&*shown).up_to(max_len + 1).to_string(), shown.clone());
            prop_assert!(text.within_bytes(max_len.max(3)).len() <= max_len.max(3));
            let raw = String::from_utf8_lossy(&bytes);
            let formatted = Untrusted::format(max_len, format_args!("{raw}")).to_string();
            prop_assert_eq!(formatted, Untrusted::from(&*raw).up_to(max_len).to_string());
            prop_assert_eq!(text.into_owned().to_string(), shown);
        }
    }
}
