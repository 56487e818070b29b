//! The format of messages on a connection.

use protocol::Framings;

/// The framing of messages, and their longest length.
#[derive(Debug, Clone)]
pub(crate) struct WireFormat {
    /// The framings on byte streams; WebSocket messages need none.
    pub(crate) framings: Framings,
    /// Set if a WebSocket's binary messages are chunks of a byte stream of frames.
    pub(crate) stream: bool,
    /// Set for a resumable session.
    pub(crate) resumable: bool,
    /// The longest payload that is received, in bytes; `None` is no limit.
    pub(crate) max_len: Option<usize>,
}
