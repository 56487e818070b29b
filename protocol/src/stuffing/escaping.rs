//! Escape sequences of two bytes, as SLIP and HDLC-like framing have them.

use memchr::{memchr, memchr2, memchr2_iter};

use crate::error::FrameError;
use crate::layout::Layout;
use crate::scan::Scan;

/// Escaping: two reserved bytes, and the sequences that stand for bytes of a message.
pub(super) struct Escaping {
    /// Byte that ends a frame.
    pub(super) end: u8,
    /// First byte of a sequence.
    pub(super) escape: u8,
    /// Returns the byte that a sequence with this second byte stands for, if any.
    pub(super) decoded: fn(u8) -> Option<u8>,
    /// Returns the second byte of the sequence for a reserved byte.
    pub(super) encoded: fn(u8) -> u8,
}

impl Escaping {
    /// Finds the end of the frame at the front of `src`, after a header of `header_len` bytes.
    ///
    /// `scan` has the bytes read, up to a sequence that is incomplete, and in its state the
    /// length of the message so far.
    pub(super) fn layout(
        &self,
        src: &[u8],
        header_len: usize,
        max: usize,
        scan: &mut Scan,
    ) -> Result<Option<Layout>, FrameError> {
        let too_long = FrameError::NoDelimiter { max };
        let mut at = scan.at.max(header_len);
        let mut len = scan.state().len;
        loop {
            // One byte over the limit is enough to know.
            let rest = src.get(at..).unwrap_or_default();
            let window = &rest[..rest.len().min((max - len).saturating_add(1))];
            let reserved = memchr2(self.end, self.escape, window);
            let run = reserved.unwrap_or(window.len());
            (at, len) = (at + run, len + run);
            if len > max {
                return Err(too_long);
            }
            if reserved.is_some() && src[at] == self.end {
                return Ok(Some(Layout {
                    header_len,
                    payload_len: at - header_len,
                    trailer_len: 1,
                }));
            }
            if reserved.is_some() && len == max {
                return Err(too_long);
            }
            let Some(&second) = src.get(at + 1).filter(|_| reserved.is_some()) else {
                scan.at = at;
                scan.state().len = len;
                return Ok(None);
            };
            (self.decoded)(second).ok_or(FrameError::Escape {
                at: at + 1,
                found: second,
            })?;
            (at, len) = (at + 2, len + 1);
        }
    }

    /// Returns the message that `encoded` stands for; its sequences were checked.
    pub(super) fn decode(&self, encoded: &[u8]) -> Vec<u8> {
        let mut message = Vec::with_capacity(encoded.len());
        let mut rest = encoded;
        while let Some(at) = memchr(self.escape, rest) {
            message.extend_from_slice(&rest[..at]);
            message.extend(rest.get(at + 1).and_then(|&second| (self.decoded)(second)));
            rest = rest.get(at + 2..).unwrap_or_default();
        }
        message.extend_from_slice(rest);
        message
    }

    /// Returns `message` with a sequence for each reserved byte.
    pub(super) fn encode(&self, message: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::with_capacity(message.len() + message.len() / 64 + 1);
        let mut begin = 0;
        for at in memchr2_iter(self.end, self.escape, message) {
            encoded.extend_from_slice(&message[begin..at]);
            encoded.extend([self.escape, (self.encoded)(message[at])]);
            begin = at + 1;
        }
        encoded.extend_from_slice(&message[begin..]);
        encoded
    }
}
