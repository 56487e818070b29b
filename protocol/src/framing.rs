use std::fmt;
use std::str::FromStr;

use crate::delimiter::Delimiter;
use crate::error::{FrameError, UnknownFraming};
use crate::layout::{Header, Layout};
use crate::length_prefix::{LengthField, LengthPrefix};
use crate::varint;

/// How messages are told apart on a byte stream.
///
/// Written and parsed as its [`name`](Framing::name), by the table in the
/// [crate's documentation](crate). Everything that is particular to one kind of
/// framing stands in that kind's file; the rest of the crate asks here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// The payload's length, then the payload.
    Length(LengthPrefix),
    /// The payload's length as an unsigned varint, then the payload.
    Varint,
    /// The payload, then a delimiter.
    Delimited(Delimiter),
    /// No frames: what has arrived is a message.
    Raw,
}

impl Framing {
    /// `u32le`, the default: the payload's length as an unsigned 32-bit little-endian
    /// integer, then the payload.
    pub const U32LE: Self = exclusive(LengthField::U32Le);

    /// Every framing, the default first.
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

    /// The notation for this framing in flags, files and URLs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Length(prefix) => prefix.name(),
            Self::Varint => "varint",
            Self::Delimited(delimiter) => delimiter.name(),
            Self::Raw => "raw",
        }
    }

    /// The longest payload, in bytes, that this framing and this machine's memory can
    /// hold.
    pub const fn max_payload_len(self) -> usize {
        match self {
            Self::Length(prefix) if prefix.max_payload_len() < usize::MAX as u64 => {
                prefix.max_payload_len() as usize
            }
            Self::Length(_) | Self::Varint | Self::Delimited(_) | Self::Raw => usize::MAX,
        }
    }

    /// The bytes that stand before a payload of `len` bytes.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if the framing has no way to announce `len`.
    pub fn header(self, len: usize) -> Result<Header, FrameError> {
        let (len, max) = (len as u64, self.max_payload_len());
        match self {
            Self::Length(_) if len > max as u64 => Err(FrameError::TooLong { len, max }),
            Self::Length(prefix) => Ok(prefix.header(len)),
            Self::Varint => Ok(varint::header(len)),
            Self::Delimited(_) | Self::Raw => Ok(Header::new(&[])),
        }
    }

    /// The bytes that stand after a payload.
    pub const fn trailer(self) -> &'static [u8] {
        match self {
            Self::Delimited(delimiter) => delimiter.trailer(),
            Self::Length(_) | Self::Varint | Self::Raw => &[],
        }
    }

    /// Refuses a payload, which is `parts` joined, that has what would end it early.
    pub(crate) fn check<'a>(self, parts: impl Iterator<Item = &'a [u8]>) -> Result<(), FrameError> {
        match self {
            Self::Delimited(delimiter) => delimiter.check(parts),
            Self::Length(_) | Self::Varint | Self::Raw => Ok(()),
        }
    }

    /// Where the frame at the front of `src` lies; `None` while that is not known.
    /// `scanned` is what was in it when the same frame was asked for last, at first 0.
    pub(crate) fn layout(
        self,
        src: &[u8],
        max_len: usize,
        scanned: &mut usize,
    ) -> Result<Option<Layout>, FrameError> {
        let announced = match self {
            Self::Length(prefix) => prefix.read(src)?,
            Self::Varint => varint::read(src)?,
            Self::Delimited(delimiter) => return delimiter.layout(src, max_len, scanned),
            Self::Raw => return arrived(src, max_len),
        };
        announced.map(|it| it.within(max_len)).transpose()
    }

    /// Judges the end of a stream `have` bytes after the last frame's, more than none,
    /// that have no [layout](Self::layout) yet.
    pub(crate) fn truncated(self, have: usize) -> Result<(), FrameError> {
        let need = match self {
            Self::Length(prefix) => prefix.field.width(),
            Self::Varint => have + 1,
            Self::Delimited(_) => return Err(FrameError::Unterminated { have }),
            Self::Raw => return Ok(()),
        };
        Err(FrameError::Truncated { have, need })
    }

    /// What a payload has to be shorter than, in bytes, for the short way through a
    /// decoder or an encoder that allows `max_len`: `u32le` alone has one.
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

/// All that is there is a message, as far as it may be that long.
fn arrived(src: &[u8], max_len: usize) -> Result<Option<Layout>, FrameError> {
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
    /// [`Framing::U32LE`], for ever.
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
    fn names_parse_back() {
        for &framing in Framing::ALL {
            assert_eq!(framing.to_string().parse(), Ok(framing));
        }
    }

    #[test]
    fn the_default_is_u32le_for_ever() {
        assert_eq!(Framing::default().name(), "u32le");
        assert_eq!(Framing::default(), Framing::U32LE);
    }

    #[test]
    fn names_stand_in_urls_and_toml_as_they_are() {
        for framing in Framing::ALL {
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            assert!(framing.name().bytes().all(unreserved), "{framing}");
        }
    }

    #[test]
    fn the_table_has_every_name() {
        let table = include_str!("lib.rs");
        for framing in Framing::ALL {
            let name = framing.name().trim_end_matches("-inclusive");
            assert!(table.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_what_would_be_right() {
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
