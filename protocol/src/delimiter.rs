//! Delimited frames: a payload, then a delimiter, which no payload may contain.

use memchr::{memchr, memchr2};

use crate::error::FrameError;
use crate::layout::Layout;

/// Delimiter after each payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// LF is written; LF and CRLF are read.
    Lines,
    /// CRLF. A lone CR or LF that is read is part of the payload (RFC 5321, section
    /// 2.3.8: nothing but CRLF ends a line).
    Crlf,
    /// NUL, a zero byte.
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

    /// Returns the bytes to write after a payload.
    pub(crate) const fn trailer(self) -> &'static [u8] {
        match self {
            Self::Lines => b"\n",
            Self::Crlf => b"\r\n",
            Self::Nul => b"\0",
        }
    }

    /// Checks that a payload, `parts` joined, contains no delimiter. The line framings
    /// refuse a lone CR and a lone LF too: some readers end a line at either.
    pub(crate) fn check<'a>(self, parts: impl Iterator<Item = &'a [u8]>) -> Result<(), FrameError> {
        let mut offset = 0;
        for part in parts {
            let found = match self {
                Self::Lines | Self::Crlf => {
                    memchr2(b'\r', b'\n', part).map(|at| FrameError::LineBreak { at: offset + at })
                }
                Self::Nul => memchr(0, part).map(|at| FrameError::Nul { at: offset + at }),
            };
            if let Some(error) = found {
                return Err(error);
            }
            offset += part.len();
        }
        Ok(())
    }

    /// Finds the frame at the front of `src`; returns `None` until its delimiter arrives.
    /// The search skips `scanned` bytes and then updates `scanned`, so that no byte is
    /// searched twice.
    pub(crate) fn layout(
        self,
        src: &[u8],
        max_len: usize,
        scanned: &mut usize,
    ) -> Result<Option<Layout>, FrameError> {
        // The longest payload and a CRLF: a delimiter further on is over the limit.
        let window = &src[..src.len().min(max_len.saturating_add(2))];
        let mut from = *scanned;
        while let Some(found) = memchr(self.last_byte(), window.get(from..).unwrap_or_default()) {
            let end = from + found + 1;
            if let Some(layout) = self.terminated(&window[..end]) {
                return match layout.payload_len {
                    len if len > max_len => Err(FrameError::NoDelimiter { max: max_len }),
                    _ => Ok(Some(layout)),
                };
            }
            from = end;
        }
        *scanned = window.len();
        match src.get(max_len..).unwrap_or_default() {
            [] => Ok(None),
            // Perhaps the first half of a CRLF.
            [b'\r'] if self != Self::Nul => Ok(None),
            _ => Err(FrameError::NoDelimiter { max: max_len }),
        }
    }

    /// Returns the delimiter's last byte, the one to search for.
    const fn last_byte(self) -> u8 {
        match self {
            Self::Lines | Self::Crlf => b'\n',
            Self::Nul => 0,
        }
    }

    /// Returns the layout of `frame`, which ends with the [last byte](Self::last_byte) of
    /// a delimiter; `None` if the rest of the delimiter is missing.
    fn terminated(self, frame: &[u8]) -> Option<Layout> {
        let trailer_len = match self {
            Self::Lines | Self::Crlf if frame.ends_with(b"\r\n") => 2,
            Self::Crlf => return None,
            Self::Lines | Self::Nul => 1,
        };
        Some(Layout {
            header_len: 0,
            payload_len: frame.len() - trailer_len,
            trailer_len,
        })
    }
}
