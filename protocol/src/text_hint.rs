//! Text hint: readable ASCII where a framing expects binary, a sign of another protocol.

use std::fmt;

/// Readable ASCII that was found in place of a length or of fixed bytes.
///
/// Displayed in quotation marks, escaped. A stream that begins with "HTTP" announces
/// 1,213,486,160 bytes to `u32be`: the number says little, the text everything.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextHint {
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl TextHint {
    /// Longest text kept, in bytes.
    const MAX_LEN: usize = 10;

    /// Returns the text if all of `field`, a length of two bytes or more, is readable.
    pub(crate) fn of_length(field: &[u8]) -> Option<Self> {
        let readable = field.len() > 1 && field.iter().all(|&byte| is_readable(byte));
        readable.then(|| Self::new(field))
    }

    /// Returns the text that `frame` begins with, if at least four bytes are readable.
    pub fn of_frame(frame: &[u8]) -> Option<Self> {
        let readable = frame.iter().take_while(|&&byte| is_readable(byte)).count();
        (readable >= 4).then(|| Self::new(&frame[..readable]))
    }

    fn new(text: &[u8]) -> Self {
        let len = text.len().min(Self::MAX_LEN);
        let mut bytes = [0; _];
        bytes[..len].copy_from_slice(&text[..len]);
        Self {
            bytes,
            len: len as u8,
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.len.into()]).unwrap_or_default()
    }
}

impl fmt::Debug for TextHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for TextHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

const fn is_readable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}
