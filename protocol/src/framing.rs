use std::fmt;
use std::str::FromStr;

use crate::delimiter::Delimiter;
use crate::error::{FrameError, UnknownFraming};
use crate::layout::{Header, Layout};
use crate::length_prefix::{LengthField, LengthPrefix};
use crate::varint;

/// Framing: the rule that divides a byte stream into messages.
///
/// Displayed and parsed as its [`name`](Framing::name); the
/// [crate's documentation](crate) has a table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Length prefix of fixed width, then the payload.
    Length(LengthPrefix),
    /// Length prefix as an unsigned varint, then the payload.
    Varint,
    /// Payload, then a delimiter.
    Delimited(Delimiter),
    /// No frames: the bytes available are a message.
    Raw,
}

impl Framing {
    /// `u32le`, the default: the payload's length as an unsigned 32-bit little-endian
    /// integer, then the payload.
    pub const U32LE: Self = exclusive(LengthField::U32Le);

    /// All framings, the default first.
    pub const ALL: &'static [Self] = &[
        Self::U32LE,
        inclusive(LengthField::U32Le),
        exclusive(LengthField::U32Be),
        inclusive(LengthField::U32Be),
        exclusive(LengthField::U8),
        inclusive(LengthField::U8),
        exclusive(LengthField::U16Le),
        inclusive(LengthField::U16Le),
        exclusive(LengthField::U16Be),
        inclusive(LengthField::U16Be),
        exclusive(LengthField::U24Le),
        inclusive(LengthField::U24Le),
        exclusive(LengthField::U24Be),
        inclusive(LengthField::U24Be),
        exclusive(LengthField::U64Le),
        inclusive(LengthField::U64Le),
        exclusive(LengthField::U64Be),
        inclusive(LengthField::U64Be),
        Self::Varint,
        Self::Delimited(Delimiter::Lines),
        Self::Delimited(Delimiter::Crlf),
        Self::Delimited(Delimiter::Nul),
        Self::Raw,
    ];

    /// Returns the framing's name in flags, files and URLs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Length(prefix) => prefix.name(),
            Self::Varint => "varint",
            Self::Delimited(delimiter) => delimiter.name(),
            Self::Raw => "raw",
        }
    }

    /// Returns the longest payload that the framing can announce and a `usize` can count,
    /// in bytes.
    pub const fn max_payload_len(self) -> usize {
        match self {
            Self::Length(prefix) if prefix.max_payload_len() < usize::MAX as u64 => {
                prefix.max_payload_len() as usize
            }
            Self::Length(_) | Self::Varint | Self::Delimited(_) | Self::Raw => usize::MAX,
        }
    }

    /// Returns the header for a payload of `len` bytes; empty if delimited or raw.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if the framing cannot announce `len`.
    pub fn header(self, len: usize) -> Result<Header, FrameError> {
        let (len, max) = (len as u64, self.max_payload_len());
        match self {
            Self::Length(_) if len > max as u64 => Err(FrameError::TooLong { len, max }),
            Self::Length(prefix) => Ok(prefix.header(len)),
            Self::Varint => Ok(varint::header(len)),
            Self::Delimited(_) | Self::Raw => Ok(Header::new(&[])),
        }
    }

    /// Returns the bytes after a payload: the delimiter, or none.
    pub const fn trailer(self) -> &'static [u8] {
        match self {
            Self::Delimited(delimiter) => delimiter.trailer(),
            Self::Length(_) | Self::Varint | Self::Raw => &[],
        }
    }

    /// Checks that a payload, `parts` joined, contains no delimiter.
    pub(crate) fn check<'a>(self, parts: impl Iterator<Item = &'a [u8]>) -> Result<(), FrameError> {
        match self {
            Self::Delimited(delimiter) => delimiter.check(parts),
            Self::Length(_) | Self::Varint | Self::Raw => Ok(()),
        }
    }

    /// Finds the frame at the front of `src`; returns `None` until its length is known.
    /// `scanned` keeps the bytes already searched for a delimiter, 0 for a new frame.
    pub(crate) fn layout(
        self,
        src: &[u8],
        max_len: usize,
        scanned: &mut usize,
    ) -> Result<Option<Layout>, FrameError> {
        let header = match self {
            Self::Length(prefix) => prefix.read(src)?,
            Self::Varint => varint::read(src)?,
            Self::Delimited(delimiter) => return delimiter.layout(src, max_len, scanned),
            Self::Raw => return raw_layout(src, max_len),
        };
        header.map(|header| header.layout(max_len)).transpose()
    }

    /// Checks the end of a stream with `have` > 0 bytes left over, too few for a
    /// [layout](Self::layout).
    pub(crate) fn truncated(self, have: usize) -> Result<(), FrameError> {
        let need = match self {
            Self::Length(prefix) => prefix.field.width(),
            Self::Varint => have + 1,
            Self::Delimited(_) => return Err(FrameError::Unterminated { have }),
            Self::Raw => return Ok(()),
        };
        Err(FrameError::Truncated { have, need })
    }

    /// Returns the bound below which a payload takes the fast path of a decoder or an
    /// encoder that allows `max_len`, in bytes; 0 for all framings but `u32le`.
    pub(crate) fn fast_path_below(self, max_len: usize) -> usize {
        match self {
            Self::U32LE => max_len.min(u32::MAX as usize).saturating_add(1),
            _ => 0,
        }
    }
}

const fn exclusive(field: LengthField) -> Framing {
    let inclusive = false;
    Framing::Length(LengthPrefix { field, inclusive })
}

const fn inclusive(field: LengthField) -> Framing {
    let inclusive = true;
    Framing::Length(LengthPrefix { field, inclusive })
}

/// Takes all of `src` as the payload, up to `max_len` bytes.
fn raw_layout(src: &[u8], max_len: usize) -> Result<Option<Layout>, FrameError> {
    match src.len().min(max_len) {
        0 if src.is_empty() => Ok(None),
        0 => Err(FrameError::TooLong {
            len: src.len() as u64,
            max: max_len,
        }),
        payload_len => Ok(Some(Layout {
            header_len: 0,
            payload_len,
            trailer_len: 0,
        })),
    }
}

impl Default for Framing {
    /// Returns [`Framing::U32LE`]. This will not change.
    fn default() -> Self {
        Self::U32LE
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Framing {
    type Err = UnknownFraming;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .find(|framing| framing.name() == name)
            .copied()
            .ok_or_else(|| UnknownFraming { name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framing_name_parses_back() {
        for &framing in Framing::ALL {
            assert_eq!(framing.to_string().parse(), Ok(framing));
        }
    }

    #[test]
    fn default_framing_is_u32le() {
        assert_eq!(Framing::default().name(), "u32le");
        assert_eq!(Framing::default(), Framing::U32LE);
    }

    #[test]
    fn framing_names_need_no_escaping_in_urls_and_toml() {
        for framing in Framing::ALL {
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            assert!(framing.name().bytes().all(unreserved), "{framing}");
        }
    }

    #[test]
    fn crate_docs_list_every_framing() {
        let table = include_str!("lib.rs");
        for framing in Framing::ALL {
            let name = framing.name().trim_end_matches("-inclusive");
            assert!(table.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn unknown_framing_error_lists_valid_names() {
        let error = "u32".parse::<Framing>().unwrap_err().to_string();
        assert_eq!(
            error,
            r#"unknown framing "u32", expected a length such as u32le, u24be or u16be-inclusive (8, 16, 24, 32 or 64 bits), or varint, lines, crlf, nul or raw"#
        );
        let named = "u32le u24be u16be-inclusive varint lines crlf nul raw";
        for name in named.split(' ') {
            assert!(name.parse::<Framing>().is_ok() && error.contains(name));
        }
    }
}
