//! Value framings: each message is one value of a self-delimiting format.

use std::ops::Range;

use crate::error::FrameError;
use crate::scan::Scan;

/// Self-delimiting format, whose values follow each other on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueFormat {
    /// JSON text (RFC 8259), with white space between values. An LF is written after each.
    Json,
    /// MessagePack.
    MessagePack,
    /// CBOR (RFC 8949).
    Cbor,
    /// Redis serialization protocol, versions 2 and 3.
    Resp,
    /// Bencode, of BitTorrent.
    Bencode,
    /// BER elements of ASN.1 (X.690): LDAP, SNMP over TCP.
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

    /// Returns the number of bytes at the front of `src` that lie between two values.
    pub(crate) fn skip(self, _src: &[u8]) -> usize {
        unimplemented!()
    }

    /// Returns the length of the value at the front of `src`, once all of it has arrived.
    /// At the end of the stream, a value may end there that would go on otherwise.
    pub(crate) fn end(
        self,
        _src: &[u8],
        _max: usize,
        _at_end_of_stream: bool,
        _scan: &mut Scan,
    ) -> Result<Option<usize>, FrameError> {
        unimplemented!()
    }

    /// Returns the range of the only value in `message`.
    pub(crate) fn only_value(self, _message: &[u8]) -> Result<Range<usize>, FrameError> {
        unimplemented!()
    }

    /// Returns the bytes written after a value.
    pub(crate) const fn trailer(self) -> &'static [u8] {
        match self {
            Self::Json => b"\n",
            _ => &[],
        }
    }
}
