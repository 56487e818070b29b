use std::fmt;
use std::str::FromStr;

use crate::{FrameError, UnknownFraming};

/// How messages are told apart on a byte stream.
///
/// Written and parsed as its [`name`](Framing::name). Everything that is particular
/// to one framing stands in this file; the rest of the crate asks here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Framing {
    /// `u32le`: the payload's length as an unsigned 32-bit little-endian integer,
    /// then the payload.
    #[default]
    U32Le,
}

/// Where the parts of the frame at the front of a buffer lie, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) header_len: usize,
    pub(crate) payload_len: usize,
}

impl Framing {
    /// Every framing, the default first.
    pub const ALL: &'static [Framing] = &[Framing::U32Le];

    /// The notation for this framing in flags, files and URLs.
    pub const fn name(self) -> &'static str {
        match self {
            Framing::U32Le => "u32le",
        }
    }

    /// The longest payload, in bytes, that this framing can announce.
    pub const fn max_payload_len(self) -> usize {
        match self {
            Framing::U32Le => u32::MAX as usize,
        }
    }

    /// The bytes that stand before a payload of `len` bytes.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if the framing has no way to announce `len`.
    pub fn header(self, len: usize) -> Result<Header, FrameError> {
        match self {
            Framing::U32Le => u32::try_from(len)
                .map(|len| Header(len.to_le_bytes()))
                .map_err(|_| FrameError::TooLong {
                    len,
                    max: self.max_payload_len(),
                }),
        }
    }

    /// The names of all framings, for messages to people.
    pub(crate) fn names() -> String {
        let names: Vec<_> = Self::ALL.iter().map(|framing| framing.name()).collect();
        names.join(", ")
    }

    /// Reads the header at the front of `src`; `None` while it is incomplete.
    pub(crate) fn layout(self, src: &[u8]) -> Option<Layout> {
        match self {
            Framing::U32Le => {
                let header = src.first_chunk()?;
                Some(Layout {
                    header_len: header.len(),
                    payload_len: u32::from_le_bytes(*header) as usize,
                })
            }
        }
    }

    /// The fewest bytes that a header can have.
    pub(crate) const fn min_header_len(self) -> usize {
        match self {
            Framing::U32Le => size_of::<u32>(),
        }
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

/// The bytes that stand before a payload on the wire.
///
/// Held in place: writing a frame allocates nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header([u8; 4]);

impl AsRef<[u8]> for Header {
    fn as_ref(&self) -> &[u8] {
        &self.0
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
    fn an_unknown_name_is_told_the_known_ones() {
        let error = "u33".parse::<Framing>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"unknown framing "u33", expected one of: u32le"#
        );
    }

    #[test]
    fn u32le_header_is_little_endian() {
        let check = |len: usize, expected: [u8; 4]| {
            assert_eq!(Framing::U32Le.header(len).unwrap().as_ref(), expected);
        };
        check(0, [0, 0, 0, 0]);
        check(5, [5, 0, 0, 0]);
        check(0x0102_0304, [4, 3, 2, 1]);
        check(u32::MAX as usize, [0xff; 4]);
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn u32le_cannot_announce_four_gibibytes() {
        let len = u32::MAX as usize + 1;
        let max = u32::MAX as usize;
        assert_eq!(
            Framing::U32Le.header(len),
            Err(FrameError::TooLong { len, max })
        );
    }
}
