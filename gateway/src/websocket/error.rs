//! Reasons to receive nothing more from a client.

use thiserror::Error;

/// Reason why nothing more can be received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReceiveError {
    /// The connection ended without a Close.
    Lost,
    /// The client violated RFC 6455.
    Violated(ProtocolError),
    /// Text is not UTF-8.
    NotUtf8(TextField),
    /// A message of `len` bytes, or more if it goes on, is over the limit.
    TooLong { len: u64, max: usize },
}

/// Violated rule of RFC 6455, or of RFC 7692.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum ProtocolError {
    /// Section 5.2: RSV1 to RSV3 are for extensions. RSV1 begins a compressed message, if that is
    /// agreed on (RFC 7692, section 6).
    #[error("reserved bits are set")]
    ReservedBits,
    /// RFC 7692, section 7.2.2.
    #[error("compressed message is not DEFLATE")]
    NotDeflate,
    /// Section 5.2.
    #[error("opcode {0:#x} is reserved")]
    ReservedOpcode(u8),
    /// Section 5.1.
    #[error("client's frame is not masked")]
    Unmasked,
    /// Section 5.5.
    #[error("control frame is fragmented")]
    FragmentedControl,
    /// Section 5.5.
    #[error("control frame is longer than 125 bytes")]
    LongControl,
    /// Section 5.4.
    #[error("continuation without a message to continue")]
    NothingToContinue,
    /// Section 5.4.
    #[error("new message inside a fragmented one")]
    InsideMessage,
    /// Section 5.5.1: the code, if there is one, is two bytes long.
    #[error("close code is cut short")]
    ShortCloseCode,
    /// Section 7.4.
    #[error("close code {0} may not be sent")]
    CloseCode(u16),
}

/// Field that has to be UTF-8 (RFC 6455, sections 5.6 and 5.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum TextField {
    #[error("text message")]
    Message,
    #[error("close reason")]
    CloseReason,
}
