//! Framings by a delimiter with rules of its own: `lines`, `crlf` and `nul`.

use super::frame::{Frame, Stop};
use crate::kind::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Lines,
    Crlf,
    Nul,
}

impl Line {
    pub fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Crlf => "crlf",
            Self::Nul => "nul",
        }
    }

    /// Delimiters that are read. The last one is written.
    fn delimiters(self) -> &'static [&'static [u8]] {
        match self {
            Self::Lines => &[b"\r\n", b"\n"],
            Self::Crlf => &[b"\r\n"],
            Self::Nul => &[b"\0"],
        }
    }

    pub fn read(self, stream: &[u8], max: usize) -> Result<Frame, Stop> {
        let delimiters = self.delimiters();
        let written = delimiters[delimiters.len() - 1];
        let too_long = Err(Stop::Fault(Kind::TooLong));
        for len in 0..stream.len() {
            let found = delimiters.iter().find(|it| stream[len..].starts_with(it));
            if let Some(&found) = found {
                let message = &stream[..len];
                return match len > max {
                    true => too_long,
                    false => Ok(Frame {
                        message: message.to_vec(),
                        used: len + found.len(),
                        is_shortest: found == written && self.write(message).is_ok(),
                    }),
                };
            }
        }
        // A CR at the end may be the beginning of a delimiter.
        let len = match (self, stream) {
            (Self::Lines | Self::Crlf, [before @ .., b'\r']) => before.len(),
            _ => stream.len(),
        };
        match len > max {
            true => too_long,
            false => Err(Stop::More),
        }
    }

    pub fn write(self, message: &[u8]) -> Result<Vec<u8>, Kind> {
        let (reserved, delimiter): (&[u8], &[u8]) = match self {
            Self::Lines => (b"\r\n", b"\n"),
            Self::Crlf => (b"\r\n", b"\r\n"),
            Self::Nul => (b"\0", b"\0"),
        };
        match message.iter().any(|byte| reserved.contains(byte)) {
            true => Err(Kind::HasMark),
            false => Ok([message, delimiter].concat()),
        }
    }
}
