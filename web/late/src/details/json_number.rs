//! Numbers of JSON, byte by byte (RFC 8259, section 6).

/// State of a number that is being read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum JsonNumber {
    /// Before the first byte.
    #[default]
    Begin,
    /// After the minus sign.
    Minus,
    /// After a leading zero.
    Zero,
    /// In the integer.
    Integer,
    /// After the point.
    Point,
    /// In the fraction.
    Fraction,
    /// After `e`.
    E,
    /// After the sign of the exponent.
    Sign,
    /// In the exponent.
    Exponent,
}

impl JsonNumber {
    /// Returns the state after a byte; `None` if it is no further byte of the number.
    pub fn next(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Begin, b'-') => Self::Minus,
            (Self::Begin | Self::Minus, b'0') => Self::Zero,
            (Self::Begin | Self::Minus | Self::Integer, b'0'..=b'9') => Self::Integer,
            (Self::Zero | Self::Integer, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Self::E,
            (Self::E, b'+' | b'-') => Self::Sign,
            (Self::E | Self::Sign | Self::Exponent, b'0'..=b'9') => Self::Exponent,
            _ => return None,
        })
    }

    /// Returns true if the number may end here.
    pub fn is_whole(self) -> bool {
        matches!(
            self,
            Self::Zero | Self::Integer | Self::Fraction | Self::Exponent
        )
    }
}
