//! A payload on its way, borrowed or shared.

use bytes::Bytes;

/// The payload of a frame or a message.
#[derive(Debug)]
pub(crate) enum Payload<'a> {
    /// To be copied: it is short, and in a buffer that is used again at once.
    Borrowed(&'a [u8]),
    /// To be shared.
    Shared(Bytes),
}

impl AsRef<[u8]> for Payload<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Borrowed(payload) => payload,
            Self::Shared(payload) => payload,
        }
    }
}
