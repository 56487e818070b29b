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
        /// The payload's length in bytes, as announced: more than memory can hold, for
        /// all that is known.
        len: u64,
        /// The longest payload allowed, in bytes.
        max: usize,
    },
    /// A frame that ends with a delimiter has none within the limit.
    #[error("frame has no end within the limit of {max} bytes")]
    NoDelimiter {
        /// The longest payload allowed, in bytes.
        max: usize,
    },
    /// A length that counts itself is less than its own bytes.
    #[error("length of {len} bytes cannot count its own {header_len}")]
    LengthTooShort {
        /// The length as it was read.
        len: u64,
        /// How many bytes it takes up.
        header_len: usize,
    },
    /// A length's varint has more than 64 bits, or more than the ten bytes they take up.
    #[error("length is no varint of at most 64 bits in ten bytes")]
    VarintTooLong,
    /// The stream ended inside a frame.
    #[error("stream ended inside a frame, after {have} of {need} bytes")]
    Truncated {
        /// How many bytes of the frame had arrived, header included.
        have: usize,
        /// How many bytes the frame has; while its header is incomplete, how many
        /// that header has at least.
        need: usize,
    },
    /// The stream ended before a frame's delimiter.
    #[error("stream ended inside a frame, {have} bytes after its beginning")]
    Unterminated {
        /// How many bytes of the frame had arrived.
        have: usize,
    },
    /// A message has a CR or LF, where its framing ends messages at line breaks.
    #[error("message has a line break after {at} bytes, which its framing cannot carry")]
    LineBreak {
        /// How many bytes of the message come before it.
        at: usize,
    },
    /// A message has a NUL, where its framing ends messages at one.
    #[error("message has a NUL after {at} bytes, which its framing cannot carry")]
    Nul {
        /// How many bytes of the message come before it.
        at: usize,
    },
}

/// A name that is none of the framings'.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "unknown framing {name:?}, expected a length such as u32le, u24be or u16be-inclusive \
     (8, 16, 24, 32 or 64 bits), or varint, lines, crlf, nul or raw"
)]
pub struct UnknownFraming {
    /// The name as it was given.
    pub name: String,
}
