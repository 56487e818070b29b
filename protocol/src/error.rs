use thiserror::Error;

use crate::byte_order_hint::ByteOrderHint;
use crate::text_hint::TextHint;

/// Error of reading a stream of frames, or of writing one frame.
///
/// A read error is final: the position of the next frame is unknown. After a write error
/// nothing was written, and other frames can be. Offsets count from the frame's first byte
/// when reading, and from the message's when writing.
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
    /// Length over the reader's limit whose bytes are readable text.
    #[error("frame of {len} bytes is over the limit of {max} bytes: its length is the text {text}")]
    TextLength {
        /// Length of the payload, in bytes, as announced.
        len: u64,
        /// Longest payload allowed, in bytes.
        max: usize,
        /// Bytes of the length.
        text: TextHint,
    },
    /// Length over the reader's limit that is within it in the other byte order.
    #[error("frame of {len} bytes is over the limit of {max} bytes: {other}")]
    SwappedLength {
        /// Length of the payload, in bytes, as announced.
        len: u64,
        /// Longest payload allowed, in bytes.
        max: usize,
        /// Length in the other byte order.
        other: ByteOrderHint,
    },
    /// Delimiter not found within the reader's limit.
    #[error("frame has no delimiter within the limit of {max} bytes")]
    NoDelimiter {
        /// Longest payload allowed, in bytes.
        max: usize,
    },
    /// Length that counts bytes beside the payload, and is less than these.
    #[error("length of {len} bytes is less than the {header_len} that it has to count")]
    LengthTooShort {
        /// Length as it was read.
        len: u64,
        /// Number of bytes that the length counts besides the payload.
        header_len: usize,
    },
    /// Varint length of more than 64 bits, or of more than ten bytes.
    #[error("varint length is over 64 bits or ten bytes")]
    VarintTooLong,
    /// Byte of a length that is no digit, or no count of bytes.
    #[error("byte {at} of the frame is {found:#04x}, which is not part of a length")]
    NotALength {
        /// Offset of the byte.
        at: usize,
        /// Byte that was found.
        found: u8,
    },
    /// Length of more than 20 digits.
    #[error("length has more than 20 digits")]
    TooManyDigits,
    /// Byte that differs from the framing's fixed byte at its place.
    #[error("byte {at} of the frame is {found:#04x}, expected {expected:#04x}{}", looks_like(.text))]
    FixedByte {
        /// Offset of the byte.
        at: usize,
        /// Byte that was found.
        found: u8,
        /// Byte that the framing has there.
        expected: u8,
        /// Readable text that the frame begins with, as far as it has arrived.
        text: Option<TextHint>,
    },
    /// Byte that no value of a self-delimiting format continues with.
    #[error("no {format} after {at} bytes: {found:#04x}")]
    NotAValue {
        /// Format of the value.
        format: &'static str,
        /// Offset of the byte.
        at: usize,
        /// Byte that was found.
        found: u8,
    },
    /// Value with more levels inside each other than are read.
    #[error("{format} has more than {max} levels")]
    TooDeep {
        /// Format of the value.
        format: &'static str,
        /// Deepest level allowed.
        max: usize,
    },
    /// Byte that byte stuffing does not have at its place: after an escape byte, or inside
    /// a block of COBS.
    #[error("byte {at} of the frame is {found:#04x}, which its byte stuffing does not have there")]
    Escape {
        /// Offset of the byte.
        at: usize,
        /// Byte that was found.
        found: u8,
    },
    /// Line of a header block that cannot be read.
    #[error("header line at byte {at} of the frame {problem}")]
    HeaderLine {
        /// Offset of the line.
        at: usize,
        /// Problem, as the end of a sentence.
        problem: &'static str,
    },
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
    /// Message shorter than the bytes that the framing takes from it for its header and
    /// trailer, or than its fixed length.
    #[error("message of {len} bytes is shorter than the {min} that its framing needs")]
    TooShort {
        /// Length of the message, in bytes.
        len: usize,
        /// Shortest message, in bytes.
        min: usize,
    },
    /// Message with a CR or LF, in a framing that ends messages at line breaks.
    #[error("message has a line break after {at} bytes, which its framing cannot carry")]
    LineBreak {
        /// Offset of the line break in the payload, in bytes.
        at: usize,
    },
    /// Message with a NUL, in a framing that ends messages at NUL.
    #[error("message has a NUL after {at} bytes, which its framing cannot carry")]
    Nul {
        /// Offset of the NUL in the payload, in bytes.
        at: usize,
    },
    /// Message with the bytes that end a frame.
    #[error("message has the bytes that end a frame after {at} bytes")]
    HasDelimiter {
        /// Offset of the delimiter, in bytes. It may begin with the message's last bytes
        /// and go on with the frame's trailer.
        at: usize,
    },
    /// Message that ends inside a value, or has none.
    #[error("message of {len} bytes is not a whole {format} value")]
    NotWhole {
        /// Format of the value.
        format: &'static str,
        /// Length of the message, in bytes.
        len: usize,
    },
    /// Message that goes on after a value.
    #[error("message is more than one {format} value: the first ends after {at} bytes")]
    SeveralValues {
        /// Format of the values.
        format: &'static str,
        /// Length of the first value, in bytes.
        at: usize,
    },
    /// Empty message, in a framing without empty frames.
    #[error("message is empty, which its framing cannot carry")]
    Empty,
}

fn looks_like(text: &Option<TextHint>) -> String {
    text.map_or_else(String::new, |text| format!("; it looks like text: {text}"))
}
