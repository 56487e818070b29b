use std::ops::Deref;

use bytes::Bytes;

/// Payload of a frame: one message. Dereferences to its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Bytes in the stream's buffer.
    Borrowed(&'a [u8]),
    /// Bytes in memory of their own: shared with the buffer, or copied from the pieces of a
    /// frame whose message does not lie in one.
    Shared(Bytes),
}

impl Deref for Payload<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Payload<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Payload<'_>> for Bytes {
    fn from(payload: Payload<'_>) -> Self {
        match payload {
            Payload::Borrowed(bytes) => Self::copy_from_slice(bytes),
            Payload::Shared(bytes) => bytes,
        }
    }
}
