//! Value framings: each message is one value of a self-delimiting format.
//!
//! A reader finds the end of a value without recursion. It checks what decides the end, and
//! the grammar of what it reads on the way; contents that are skipped by their length, such
//! as strings, are any bytes.

mod bencode;
mod ber;
mod bounds;
mod cbor;
mod grammar;
mod json;
mod levels;
mod msgpack;
mod resp;

use std::ops::Range;

use crate::error::FrameError;
use crate::scan::Scan;

/// Self-delimiting format, whose values follow each other on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueFormat {
    /// JSON text (RFC 8259), with white space between values. An LF is written after each.
    /// A byte order mark is no JSON. Bytes over 0x7f in strings are not checked for UTF-8.
    Json,
    /// MessagePack.
    MessagePack,
    /// CBOR, well-formed (RFC 8949, section 5.3.1).
    Cbor,
    /// Redis serialization protocol, versions 2 and 3; without inline commands and without
    /// the streamed types of version 3, which begin with `?` in place of a count.
    Resp,
    /// Bencode (BEP 3). Zeros before an integer or a length are read, and a negative zero.
    Bencode,
    /// BER elements of ASN.1 (X.690, section 8.1): LDAP, SNMP over TCP. Lengths of at most
    /// eight bytes; indefinite ones too.
    Ber,
}

impl ValueFormat {
    /// All formats.
    pub const ALL: [Self; 6] = [
        Self::Json,
        Self::MessagePack,
        Self::Cbor,
        Self::Resp,
        Self::Bencode,
        Self::Ber,
    ];

    /// Returns the name in flags, files and URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::MessagePack => "msgpack",
            Self::Cbor => "cbor",
            Self::Resp => "resp",
            Self::Bencode => "bencode",
            Self::Ber => "ber",
        }
    }

    /// Returns the name in error messages.
    const fn noun(self) -> &'static str {
        match self {
            Self::Json => json::FORMAT,
            Self::MessagePack => msgpack::FORMAT,
            Self::Cbor => cbor::FORMAT,
            Self::Resp => resp::FORMAT,
            Self::Bencode => bencode::FORMAT,
            Self::Ber => ber::FORMAT,
        }
    }

    /// Returns the number of bytes at the front of `src` that lie between two values.
    pub(crate) fn skip(self, src: &[u8]) -> usize {
        match self {
            Self::Json => json::white_space(src),
            _ => 0,
        }
    }

    /// Returns the length of the value at the front of `src`, once it is known: possibly
    /// more than has arrived. At the end of the stream, a value may end there that would go
    /// on otherwise.
    ///
    /// # Errors
    /// [`FrameError::NotAValue`] at the first byte that cannot come next,
    /// [`FrameError::TooLong`] as soon as the value cannot end within `max` bytes, or
    /// [`FrameError::TooDeep`]. The same ones, and at the same bytes, however the stream is
    /// chunked: each check depends on the bytes before it alone.
    pub(crate) fn end(
        self,
        src: &[u8],
        max: usize,
        at_end_of_stream: bool,
        scan: &mut Scan,
    ) -> Result<Option<usize>, FrameError> {
        if src.is_empty() {
            return Ok(None);
        }
        let end = match self {
            Self::Json => json::end(src, max, at_end_of_stream, scan),
            Self::MessagePack => msgpack::end(src, max, scan),
            Self::Cbor => cbor::end(src, max, scan),
            Self::Resp => resp::end(src, max, scan),
            Self::Bencode => bencode::end(src, max, scan),
            Self::Ber => ber::end(src, max, scan),
        };
        if end.is_err() {
            // The next call finds the same error.
            scan.reset();
        }
        end
    }

    /// Returns the range of the only value in `message`: without white space around it.
    ///
    /// # Errors
    /// [`FrameError::NotWhole`], [`FrameError::SeveralValues`], [`FrameError::NotAValue`] or
    /// [`FrameError::TooDeep`].
    pub(crate) fn only_value(self, message: &[u8]) -> Result<Range<usize>, FrameError> {
        let format = self.noun();
        let begin = self.skip(message);
        let value = &message[begin..];
        let end = match self.end(value, usize::MAX, true, &mut Scan::default()) {
            Ok(Some(len)) if len <= value.len() => begin + len,
            Ok(_) | Err(FrameError::TooLong { .. }) => {
                let len = message.len();
                return Err(FrameError::NotWhole { format, len });
            }
            Err(FrameError::NotAValue { format, at, found }) => {
                let at = begin + at;
                return Err(FrameError::NotAValue { format, at, found });
            }
            Err(error) => return Err(error),
        };
        if end + self.skip(&message[end..]) < message.len() {
            return Err(FrameError::SeveralValues { format, at: end });
        }
        Ok(begin..end)
    }

    /// Returns the bytes written after a value.
    pub(crate) const fn trailer(self) -> &'static [u8] {
        match self {
            Self::Json => b"\n",
            _ => &[],
        }
    }
}
