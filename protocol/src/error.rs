use thiserror::Error;

/// Error of reading a stream of frames, or of writing one frame.
///
/// A read error is final: the position of the next frame is unknown. After a write error
/// nothing was written, and other frames can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Payload longer than the reader's limit, or than the framing can announce.
    #[error("frame of {len} bytes is over the limit of {max} bytes")]
    TooLong {
        /// Length of the payload, in bytes, as announced: possibly more than memory holds.
        len: u64,
        /// Longest payload allowed, in bytes.
        max: usize,
    },
    /// Delimiter not found within the reader's limit.
    #[error("frame has no delimiter within the limit of {max} bytes")]
    NoDelimiter {
        /// Longest payload allowed, in bytes.
        max: usize,
    },
    /// Inclusive length that is less than the length prefix itself.
    #[error("inclusive length of {len} bytes is less than its own {header_len}")]
    LengthTooShort {
        /// Length as it was read.
        len: u64,
        /// Width of the length prefix, in bytes.
        header_len: usize,
    },
    /// Varint length of more than 64 bits, or of more than ten bytes.
    #[error("varint length is over 64 bits or ten bytes")]
    VarintTooLong,
    /// End of the stream inside a frame that has a length prefix.
    #[error("stream ended inside a frame, after {have} of {need} bytes")]
    Truncated {
        /// Bytes of the frame that arrived, header included.
        have: usize,
        /// Length of the whole frame, in bytes; while the header is incomplete, the least
        /// that the header can have.
        need: usize,
    },
    /// End of the stream before a frame's delimiter.
    #[error("stream ended inside a frame, after {have} bytes without a delimiter")]
    Unterminated {
        /// Bytes of the frame that arrived.
        have: usize,
    },
    /// Payload with a CR or LF, in a framing that ends messages at line breaks.
    #[error("message has a line break after {at} bytes, which its framing cannot carry")]
    LineBreak {
        /// Offset of the line break in the payload, in bytes.
        at: usize,
    },
    /// Payload with a NUL, in a framing that ends messages at NUL.
    #[error("message has a NUL after {at} bytes, which its framing cannot carry")]
    Nul {
        /// Offset of the NUL in the payload, in bytes.
        at: usize,
    },
}

/// Error of parsing a [`Framing`](crate::Framing): its name is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "unknown framing {name:?}, expected a length such as u32le, u24be or u16be-inclusive \
     (8, 16, 24, 32 or 64 bits), or varint, lines, crlf, nul or raw"
)]
pub struct UnknownFraming {
    /// Name as given.
    pub name: String,
}
