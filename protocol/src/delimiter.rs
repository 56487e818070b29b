//! Frames that end where a delimiter stands, which no payload can hold therefore.

use memchr::{memchr, memchr2};

use crate::error::FrameError;
use crate::layout::Layout;

/// What stands after each payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// LF is written; LF and CRLF are read.
    Lines,
    /// CRLF. When read, a CR or LF by itself is a part of the payload (as RFC 5321,
    /// section 2.3.8, has it: nothing else is recognised as the end of a line).
    Crlf,
    /// NUL.
    Nul,
}

impl Delimiter {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Crlf => "crlf",
            Self::Nul => "nul",
        }
    }

    /// The bytes that are written after a payload.
    pub(crate) const fn trailer(self) -> &'static [u8] {
        match self {
            Self::Lines => b"\n",
            Self::Crlf => b"\r\n",
            Self::Nul => b"\0",
        }
    }

    /// Refuses a payload, which is `parts` joined, that would not be read back as one.
    ///
    /// CR and LF are refused each by itself, with both of the framings that end at one:
    /// there are readers that end a line at either.
    pub(crate) fn check<'a>(self, parts: impl Iterator<Item = &'a [u8]>) -> Result<(), FrameError> {
        let mut before = 0;
        for part in parts {
            let at = |index| before + index;
            match self {
                Self::Lines | Self::Crlf => {
                    if let Some(at) = memchr2(b'\r', b'\n', part).map(at) {
                        return Err(FrameError::LineBreak { at });
                    }
                }
                Self::Nul => {
                    if let Some(at) = memchr(0, part).map(at) {
                        return Err(FrameError::Nul { at });
                    }
                }
            }
            before += part.len();
        }
        Ok(())
    }

    /// Finds the end of the frame at the front of `src`, which is not in its first
    /// `scanned` bytes; when it has not arrived, `scanned` tells how far it was looked
    /// for, so that no byte is looked at twice.
    pub(crate) fn layout(
        self,
        src: &[u8],
        max_len: usize,
        scanned: &mut usize,
    ) -> Result<Option<Layout>, FrameError> {
        // A payload as long as can be, and its CRLF.
        let within = &src[..src.len().min(max_len.saturating_add(2))];
        let mut from = *scanned;
        while let Some(found) = within
            .get(from..)
            .and_then(|rest| memchr(self.last(), rest))
        {
            let end = from + found + 1;
            if let Some(layout) = self.ends(&within[..end]) {
                return match layout.payload_len {
                    len if len > max_len => Err(FrameError::NoDelimiter { max: max_len }),
                    _ => Ok(Some(layout)),
                };
            }
            from = end;
        }
        *scanned = within.len();
        match src.get(max_len..).unwrap_or_default() {
            [] => Ok(None),
            [b'\r'] if self != Self::Nul => Ok(None),
            _ => Err(FrameError::NoDelimiter { max: max_len }),
        }
    }

    /// The byte that each of its ends has last.
    const fn last(self) -> u8 {
        match self {
            Self::Lines | Self::Crlf => b'\n',
            Self::Nul => 0,
        }
    }

    /// The frame that `src` is, if its [last](Self::last) byte ends it.
    fn ends(self, src: &[u8]) -> Option<Layout> {
        let trailer_len = match self {
            Self::Lines | Self::Crlf if src.ends_with(b"\r\n") => 2,
            Self::Crlf => return None,
            Self::Lines | Self::Nul => 1,
        };
        Some(Layout {
            header_len: 0,
            payload_len: src.len() - trailer_len,
            trailer_len,
        })
    }
}
