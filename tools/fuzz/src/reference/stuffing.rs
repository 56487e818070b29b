//! Byte stuffing: SLIP (RFC 1055), COBS (Cheshire and Baker, 1999), and HDLC-like framing
//! (RFC 1662, section 4).

use super::frame::{Frame, Stop};
use crate::kind::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stuffing {
    Slip,
    Cobs,
    Hdlc,
}

const TOO_LONG: Stop = Stop::Fault(Kind::TooLong);
const ESCAPE: Stop = Stop::Fault(Kind::Escape);

impl Stuffing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Slip => "slip",
            Self::Cobs => "cobs",
            Self::Hdlc => "hdlc",
        }
    }

    /// The byte that ends a frame.
    pub fn end(self) -> u8 {
        match self {
            Self::Slip => 0xc0,
            Self::Cobs => 0,
            Self::Hdlc => 0x7e,
        }
    }

    /// Reads a frame, after all that ends frames. `is_first` is true if there was none.
    pub fn read(self, stream: &[u8], max: usize, is_first: bool) -> Result<Frame, Stop> {
        if self == Self::Hdlc && is_first {
            return Err(Stop::Fault(Kind::Mark));
        }
        let (mut message, mut bytes) = (Vec::new(), stream.iter().copied());
        let mut last_code = None;
        while let Some(byte) = bytes.next() {
            if byte == self.end() {
                let used = stream.len() - bytes.len();
                let is_shortest = self == Self::Slip;
                return Ok(Frame {
                    message,
                    used,
                    is_shortest,
                });
            }
            if self == Self::Cobs {
                message.extend(last_code.filter(|&code| code != 255).map(|_| 0));
                last_code = Some(byte);
                if message.len() + usize::from(byte) - 1 > max {
                    return Err(TOO_LONG);
                }
                for _ in 1..byte {
                    match bytes.next() {
                        Some(0) => return Err(ESCAPE),
                        next => message.push(next.ok_or(Stop::More)?),
                    }
                }
                continue;
            }
            if message.len() == max {
                return Err(TOO_LONG);
            }
            message.push(match (self, byte) {
                (Self::Slip, 0xdb) => match bytes.next().ok_or(Stop::More)? {
                    0xdc => 0xc0,
                    0xdd => 0xdb,
                    _ => return Err(ESCAPE),
                },
                (Self::Hdlc, 0x7d) => match bytes.next().ok_or(Stop::More)? {
                    0x7e => return Err(ESCAPE),
                    escaped => escaped ^ 0x20,
                },
                _ => byte,
            });
        }
        Err(Stop::More)
    }

    pub fn write(self, message: &[u8]) -> Result<Vec<u8>, Kind> {
        let escaped = |byte: &u8| match (self, byte) {
            (Self::Slip, 0xc0) => vec![0xdb, 0xdc],
            (Self::Slip, 0xdb) => vec![0xdb, 0xdd],
            (Self::Hdlc, 0x7d | 0x7e) => vec![0x7d, byte ^ 0x20],
            _ => vec![*byte],
        };
        let escaped: Vec<u8> = message.iter().flat_map(escaped).collect();
        match self {
            Self::Cobs => Ok(write_cobs(message)),
            _ if message.is_empty() => Err(Kind::Empty),
            Self::Slip => Ok([&escaped, &b"\xc0"[..]].concat()),
            Self::Hdlc => Ok([b"\x7e", &escaped[..], b"\x7e"].concat()),
        }
    }
}

/// Writes the runs between zeros, in blocks of at most 254 bytes. A full block brings no zero
/// with it, so an empty one follows if a zero does.
fn write_cobs(message: &[u8]) -> Vec<u8> {
    let runs: Vec<&[u8]> = message.split(|&byte| byte == 0).collect();
    let mut frame = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let full = run.chunks_exact(254);
        let rest = full.remainder();
        for block in full {
            frame.push(255);
            frame.extend(block);
        }
        let is_last = index + 1 == runs.len();
        if !(is_last && rest.is_empty() && !run.is_empty()) {
            frame.push(rest.len() as u8 + 1);
            frame.extend(rest);
        }
    }
    frame.push(0);
    frame
}
