//! Numbers, sizes and durations, parsed from options.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// A number of bytes: `4096`, `64KiB`, `16MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

/// A duration, such as a time limit: `500ms`, `30s`, `5m`; `0` switches it off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OptionalDuration(pub Duration);

/// A number, a size or a duration that cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnitError {
    /// Not a number, or one that is too large.
    #[error("expected a number, in digits")]
    Number,
    /// Zero, or not a number.
    #[error("expected a number from 1 on, in digits")]
    NotPositive,
    /// Not a [`Size`].
    #[error("expected a size such as 4096, 64KiB or 16MiB")]
    Size,
    /// Not an [`OptionalDuration`].
    #[error("expected a duration such as 500ms, 30s or 5m, or 0 for none")]
    Duration,
}

/// Parses an unsigned integer that is written in digits alone. Rust's own parser takes a plus sign,
/// too, which no notation of a port, a count or a length has.
pub fn digits<T: FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Parses a number, the value of an option.
///
/// # Errors
/// [`UnitError::Number`].
pub fn number<T: FromStr>(text: &str) -> Result<T, UnitError> {
    digits(text).ok_or(UnitError::Number)
}

/// Parses a number that is not zero, the value of an option.
///
/// # Errors
/// [`UnitError::NotPositive`].
pub fn positive<T: FromStr + Default + PartialEq>(text: &str) -> Result<T, UnitError> {
    let number = digits(text).filter(|number| *number != T::default());
    number.ok_or(UnitError::NotPositive)
}

impl OptionalDuration {
    /// The duration, or `None` if it is zero.
    pub fn get(self) -> Option<Duration> {
        Some(self.0).filter(|duration| !duration.is_zero())
    }
}

impl FromStr for Size {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The parser takes a plus sign before a plain number.
        if text.starts_with('+') {
            return Err(UnitError::Size);
        }
        let size: bytesize::ByteSize = text.parse().map_err(|_| UnitError::Size)?;
        let bytes = usize::try_from(size.as_u64()).map_err(|_| UnitError::Size)?;
        Ok(Self(bytes))
    }
}

impl FromStr for OptionalDuration {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "0" => Ok(Self(Duration::ZERO)),
            text => humantime::parse_duration(text)
                .map(Self)
                .map_err(|_| UnitError::Duration),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!(digits::<u16>("080"), Some(80));
        for text in ["", "+80", "-1", " 80", "8_0", "٨", "65536"] {
            assert_eq!(digits::<u16>(text), None, "{text}");
        }
        assert_eq!(positive::<u32>("1"), Ok(1));
        assert_eq!(positive::<u32>("0"), Err(UnitError::NotPositive));
        assert_eq!(number::<u32>("0"), Ok(0));
    }

    #[test]
    fn sizes_are_parsed() {
        let check = |text: &str, expected: Result<usize, UnitError>| {
            assert_eq!(text.parse::<Size>().map(|size| size.0), expected, "{text}");
        };
        check("0", Ok(0));
        check("4096", Ok(4096));
        check("64KiB", Ok(65_536));
        check("16MiB", Ok(16_777_216));
        check("16 MiB", Ok(16_777_216));
        check("1kB", Ok(1000));
        check("", Err(UnitError::Size));
        check("-1", Err(UnitError::Size));
        check("+1", Err(UnitError::Size));
        check("+1KiB", Err(UnitError::Size));
        check("lots", Err(UnitError::Size));
    }

    #[test]
    fn durations_are_parsed() {
        let check = |text: &str, expected: Result<u64, UnitError>| {
            let millis = text.parse::<OptionalDuration>().map(|it| it.0.as_millis());
            assert_eq!(millis, expected.map(u128::from), "{text}");
        };
        check("0", Ok(0));
        check("0s", Ok(0));
        check("500ms", Ok(500));
        check("30s", Ok(30_000));
        check("1m 30s", Ok(90_000));
        check("30", Err(UnitError::Duration));
        check("-1s", Err(UnitError::Duration));
        check("+1s", Err(UnitError::Duration));
        check("soon", Err(UnitError::Duration));
    }
}
