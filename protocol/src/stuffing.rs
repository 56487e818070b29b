//! Byte stuffing: framings that reserve a byte for the end of a frame, and write it
//! otherwise inside one.

use crate::error::FrameError;
use crate::layout::Layout;
use crate::scan::Scan;

/// Byte stuffing: reserved bytes in a message are written otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stuffing {
    /// SLIP (RFC 1055).
    Slip,
    /// COBS, consistent overhead byte stuffing, with a zero byte after each frame.
    Cobs,
    /// HDLC-like framing (RFC 1662, section 4): a flag before and after each frame.
    Hdlc,
}

impl Stuffing {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Slip, Self::Cobs, Self::Hdlc];

    /// Returns the name in flags, files and URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slip => "slip",
            Self::Cobs => "cobs",
            Self::Hdlc => "hdlc",
        }
    }

    /// Returns the number of bytes at the front of `src` that lie between two frames.
    pub(crate) fn skip(self, _src: &[u8], _scan: &mut Scan) -> usize {
        unimplemented!()
    }

    /// Finds the frame at the front of `src`; its payload is the encoded message.
    pub(crate) fn layout(
        self,
        _src: &[u8],
        _max: usize,
        _scan: &mut Scan,
    ) -> Result<Option<Layout>, FrameError> {
        unimplemented!()
    }

    /// Returns the message that `encoded`, the payload of a layout, stands for.
    pub(crate) fn decode(self, _encoded: &[u8]) -> Vec<u8> {
        unimplemented!()
    }

    /// Checks that a message can be sent.
    pub(crate) fn check(self, _message: &[u8]) -> Result<(), FrameError> {
        unimplemented!()
    }

    /// Returns the bytes before the encoded message, the encoded message, and the bytes after.
    pub(crate) fn encode(self, _message: &[u8]) -> (&'static [u8], Vec<u8>, &'static [u8]) {
        unimplemented!()
    }
}
