//! Byte stuffing: framings that reserve a byte for the end of a frame, and write it
//! otherwise inside one.

mod cobs;
mod escaping;
mod hdlc;
mod slip;

use crate::error::FrameError;
use crate::layout::Layout;
use crate::message::Message;
use crate::scan::Scan;
use crate::segment::{Piece, Role};

/// Byte stuffing: reserved bytes in a message are written otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stuffing {
    /// SLIP (RFC 1055): END after each frame. Empty frames are skipped.
    Slip,
    /// COBS, consistent overhead byte stuffing, with a zero byte after each frame. Frames
    /// without a block are skipped.
    Cobs,
    /// HDLC-like framing (RFC 1662, section 4): a flag before and after each frame. One flag
    /// between two frames is read as well, and repeated flags are skipped. A checksum is a
    /// part of the message.
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

    /// Returns the byte that ends a frame.
    const fn end(self) -> u8 {
        match self {
            Self::Slip => slip::ESCAPING.end,
            Self::Cobs => cobs::END,
            Self::Hdlc => hdlc::ESCAPING.end,
        }
    }

    /// Returns the number of bytes at the front of `src` that lie between two frames: all
    /// that would end one.
    pub(crate) fn skip(self, src: &[u8], scan: &mut Scan) -> usize {
        let end = self.end();
        let count = src.iter().take_while(|&&byte| byte == end).count();
        scan.begun |= count > 0;
        count
    }

    /// Finds the frame at the front of `src`; its payload is the encoded message.
    ///
    /// # Errors
    /// [`FrameError::NoDelimiter`] as soon as the message is known to be over `max` bytes,
    /// [`FrameError::Escape`], or [`FrameError::FixedByte`] before the first flag of `hdlc`.
    pub(crate) fn layout(
        self,
        src: &[u8],
        max: usize,
        scan: &mut Scan,
    ) -> Result<Option<Layout>, FrameError> {
        match self {
            Self::Slip => slip::ESCAPING.layout(src, 0, max, scan),
            Self::Cobs => cobs::layout(src, max, scan),
            Self::Hdlc => hdlc::layout(src, max, scan),
        }
    }

    /// Returns the message that `encoded`, the payload of a layout, stands for.
    pub(crate) fn decode(self, encoded: &[u8]) -> Vec<u8> {
        match self {
            Self::Slip => slip::ESCAPING.decode(encoded),
            Self::Cobs => cobs::decode(encoded),
            Self::Hdlc => hdlc::ESCAPING.decode(encoded),
        }
    }

    /// Writes the frame of a message.
    ///
    /// # Errors
    /// [`FrameError::Empty`] for an empty message that a reader would skip.
    pub(crate) fn write(
        self,
        message: &Message<'_, impl AsRef<[u8]>>,
        sink: &mut impl FnMut(Piece<'_>),
    ) -> Result<(), FrameError> {
        if matches!(self, Self::Slip | Self::Hdlc) && message.len() == 0 {
            return Err(FrameError::Empty);
        }
        let (before, encoded, after) = self.encode(&message.joined());
        sink(Piece::Bytes(Role::Fixed, before));
        sink(Piece::Bytes(Role::Encoded, &encoded));
        sink(Piece::Bytes(Role::Fixed, after));
        Ok(())
    }

    /// Returns the bytes before the encoded message, the encoded message, and the bytes after.
    fn encode(self, message: &[u8]) -> (&'static [u8], Vec<u8>, &'static [u8]) {
        match self {
            Self::Slip => (&[], slip::ESCAPING.encode(message), &[slip::ESCAPING.end]),
            Self::Cobs => (&[], cobs::encode(message), &[cobs::END]),
            Self::Hdlc => {
                const FLAG: &[u8] = &[hdlc::ESCAPING.end];
                (FLAG, hdlc::ESCAPING.encode(message), FLAG)
            }
        }
    }
}
