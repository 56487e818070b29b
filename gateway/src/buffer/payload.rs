//! Payload of a frame or message on its way through: borrowed or shared.

use bytes::Bytes;

/// Payload of a frame or message.
#[derive(Debug)]
pub(crate) enum Payload<'a> {
    /// Has to be copied: its buffer is used again at once.
    Borrowed(&'a [u8]),
    /// Long, and shared without a copy.
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
