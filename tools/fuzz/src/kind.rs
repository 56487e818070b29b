//! Kinds of framing errors: what a reference can tell without the texts and offsets.

use protocol::FrameError;

/// Kind of a framing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A message is over the limit, or its length cannot be written.
    TooLong,
    /// A length is less than what it counts besides the body.
    TooShortLength,
    /// A length is no number in its notation.
    NotALength,
    /// A fixed byte is another one.
    Mark,
    /// No value goes on with a byte.
    NotAValue,
    /// Too many levels inside each other.
    TooDeep,
    /// A byte is not possible in its byte stuffing.
    Escape,
    /// A header line cannot be read.
    HeaderLine,
    /// The stream ends inside a frame whose length or grammar needs more.
    Truncated,
    /// The stream ends before what ends a frame.
    Unterminated,
    /// A message is shorter than the framing needs.
    TooShort,
    /// A message has what would end its frame.
    HasMark,
    /// A message ends inside a value, or has none.
    NotWhole,
    /// A message goes on after a value.
    SeveralValues,
    /// An empty message, in a framing without empty frames.
    Empty,
}

impl From<&FrameError> for Kind {
    fn from(error: &FrameError) -> Self {
        match error {
            FrameError::TooLong { .. }
            | FrameError::TextLength { .. }
            | FrameError::SwappedLength { .. }
            | FrameError::NoDelimiter { .. } => Self::TooLong,
            FrameError::LengthTooShort { .. } => Self::TooShortLength,
            FrameError::VarintTooLong
            | FrameError::NotALength { .. }
            | FrameError::TooManyDigits => Self::NotALength,
            FrameError::FixedByte { .. } => Self::Mark,
            FrameError::NotAValue { .. } => Self::NotAValue,
            FrameError::TooDeep { .. } => Self::TooDeep,
            FrameError::Escape { .. } => Self::Escape,
            FrameError::HeaderLine { .. } => Self::HeaderLine,
            FrameError::Truncated { .. } => Self::Truncated,
            FrameError::Unterminated { .. } => Self::Unterminated,
            FrameError::TooShort { .. } => Self::TooShort,
            FrameError::LineBreak { .. }
            | FrameError::Nul { .. }
            | FrameError::HasDelimiter { .. } => Self::HasMark,
            FrameError::NotWhole { .. } => Self::NotWhole,
            FrameError::SeveralValues { .. } => Self::SeveralValues,
            FrameError::Empty => Self::Empty,
        }
    }
}
