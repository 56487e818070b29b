use thiserror::Error;

/// Why a stream of frames cannot be read, or a frame cannot be written.
///
/// After any of these the position in the stream is lost: there is no next frame
/// to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// A frame is longer than the reader accepts or the framing can announce.
    #[error("frame of {len} bytes is over the limit of {max} bytes")]
    TooLong {
        /// The payload's length in bytes, as announced.
        len: usize,
        /// The longest payload allowed, in bytes.
        max: usize,
    },
    /// The stream ended inside a frame.
    #[error("stream ended inside a frame, after {have} of {need} bytes")]
    Truncated {
        /// How many bytes of the frame had arrived, header included.
        have: usize,
        /// How many bytes the frame has; while its header is incomplete, how many
        /// that header has.
        need: usize,
    },
}

/// A name that is none of the framings'.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "unknown framing {name:?}, expected one of: {}",
    crate::Framing::names()
)]
pub struct UnknownFraming {
    /// The name as it was given.
    pub name: String,
}
