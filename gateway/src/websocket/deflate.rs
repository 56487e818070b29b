//! Compression of messages: permessage-deflate (RFC 7692), in both directions of a WebSocket.

mod deflater;
mod inflater;

pub(super) use crate::websocket::deflate::deflater::Deflater;
pub(super) use crate::websocket::deflate::inflater::Inflater;

/// Bytes at the end of each compressed message, which are not sent (section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Window bits of the longest window, the default (section 7.1.2).
pub(crate) const MAX_WINDOW_BITS: u8 = 15;

/// Window bits of the shortest window that the compressor has.
pub(crate) const MIN_WINDOW_BITS: u8 = 9;

/// Parameters of the extension that both sides agreed on (section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeflateParams {
    /// True if the gateway compresses a message with the ones before as its context.
    pub(crate) server_takeover: bool,
    /// True if the client may do so.
    pub(crate) client_takeover: bool,
    /// Window bits of the gateway's compressor.
    pub(crate) server_window_bits: u8,
}
