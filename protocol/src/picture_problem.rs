use thiserror::Error;

/// Reason that a picture of a frame is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PictureProblem {
    /// Second length.
    #[error("two lengths, {first} and {second}: expected one")]
    TwoLengths {
        /// First length.
        first: String,
        /// Second length.
        second: String,
    },
    /// Length behind the body.
    #[error("length {length} after \"...\": expected it before the body")]
    LateLength {
        /// Length as given.
        length: String,
    },
    /// Nothing before or after a `+`.
    #[error("a part is empty: expected one on each side of a \"+\"")]
    EmptyPart,
    /// Part that is longer than any can be.
    #[error("a part of {len} characters: expected at most {max}")]
    LongPart {
        /// Its characters.
        len: usize,
        /// Most characters.
        max: usize,
    },
    /// Word that is no part.
    #[error(
        "no part {part:?}: expected a count of bytes, fixed bytes such as 0x0d0a, or a length \
         such as u16be, varint, ascii4 or digits, with \"+\" between two parts and \"...\" for the \
         body"
    )]
    NoPart {
        /// Word as given.
        part: String,
    },
    /// Name of a framing among parts.
    #[error(
        "{name} is a framing of its own, not a part of a picture: expected counts of bytes, fixed \
         bytes such as 0x0d0a, and a length such as u16be or varint"
    )]
    NameInPicture {
        /// Name as given.
        name: String,
    },
    /// Neither a length nor `...`.
    #[error("nothing tells where a message ends: expected a length, or fixed bytes after \"...\"")]
    NoEnd,
    /// `...` without fixed bytes behind it.
    #[error(
        "nothing tells where a message ends: expected fixed bytes after \"...\", as in ...0x0a"
    )]
    NoDelimiter,
    /// Digits that a digit follows.
    #[error("the byte after digits is a digit: it cannot end them")]
    DigitAfterDigits,
    /// Digits that nothing ends.
    #[error("a fixed byte has to end the digits, as in digits+0x20")]
    EndlessDigits,
    /// Length that is too narrow for a frame without a body.
    #[error(
        "{length} counts {counted} bytes without a body, and {number} ends at {max}: expected a \
         wider one"
    )]
    NarrowLength {
        /// Length as given.
        length: String,
        /// Bytes that it counts.
        counted: usize,
        /// Its number.
        number: String,
        /// Highest value of that.
        max: u64,
    },
    /// More bytes at one place than a picture has.
    #[error("{part}: expected at most {max} bytes at one place")]
    ManyBytes {
        /// Part as given.
        part: String,
        /// Most bytes.
        max: usize,
    },
    /// Count that begins with a zero.
    #[error("{part}: expected a count of 1 to {max} without leading zeros")]
    LeadingZero {
        /// Part as given.
        part: String,
        /// Most bytes.
        max: usize,
    },
    /// Fixed bytes that are not in pairs of hexadecimal digits.
    #[error("{part}: expected two hexadecimal digits for each byte")]
    HexDigits {
        /// Part as given.
        part: String,
    },
    /// Suffix of a length that none has.
    #[error(
        "no suffix -{suffix}: expected -inclusive (the length counts itself and all that follows) \
         or -all (the frame)"
    )]
    NoSuffix {
        /// Suffix as given.
        suffix: String,
    },
    /// Length of a varying width that counts itself.
    #[error("{part}: {number} cannot count itself, its width depends on its value")]
    VaryingWidth {
        /// Part as given.
        part: String,
        /// Its number.
        number: String,
    },
    /// Number of digits or bytes that a length cannot have.
    #[error("{part}: expected {name}1 to {name}{max}, a length of so many {unit}")]
    DigitCount {
        /// Part as given.
        part: String,
        /// Name of the number: `ascii`, `hex` or `bcd`.
        name: String,
        /// Highest count.
        max: u8,
        /// Unit of the count.
        unit: &'static str,
    },
    /// Letters behind an integer that are no byte order.
    #[error("{part}: expected the byte order le or be at the end")]
    NoByteOrder {
        /// Part as given.
        part: String,
    },
    /// Width that integers do not have.
    #[error("{part}: no length of {bits} bits, expected 8 to 64 in steps of 8")]
    NoWidth {
        /// Part as given.
        part: String,
        /// Bits as given.
        bits: String,
    },
    /// Byte order of a single byte.
    #[error("{part}: a single byte has no order, expected u8")]
    OrderOfByte {
        /// Part as given.
        part: String,
    },
    /// Integer without a byte order.
    #[error("{part}: expected the byte order, {part}le or {part}be")]
    MissingOrder {
        /// Part as given.
        part: String,
    },
    /// Fixed length without a count of bytes that it can have.
    #[error("expected fixed1 to fixed{}, for messages of so many bytes", u32::MAX)]
    FixedCount,
    /// `whole:` before a name that it has no meaning for.
    #[error(
        "whole: goes before a length or a picture such as 1+varint or ...0x0a, not before {name}"
    )]
    NotWhole {
        /// Name as given.
        name: String,
    },
}
