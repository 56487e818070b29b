//! Sizes and durations as people write them in options.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// A number of bytes: `4096`, `64KiB`, `16MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

/// A length of time: `500ms`, `30s`, `5m`. Zero switches off what it limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(pub Duration);

/// A text that is no size or no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnitError {
    /// No [`Size`].
    #[error("expected a size such as 4096, 64KiB or 16MiB")]
    Size,
    /// No [`Period`].
    #[error("expected a duration such as 500ms, 30s or 5m, or 0 for none")]
    Period,
}

impl Period {
    /// The time limit, if there is one.
    pub fn limit(self) -> Option<Duration> {
        Some(self.0).filter(|limit| !limit.is_zero())
    }
}

impl FromStr for Size {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let size: bytesize::ByteSize = text.parse().map_err(|_| UnitError::Size)?;
        let bytes = usize::try_from(size.as_u64()).map_err(|_| UnitError::Size)?;
        Ok(Self(bytes))
    }
}

impl FromStr for Period {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "0" => Ok(Self(Duration::ZERO)),
            text => humantime::parse_duration(text)
                .map(Self)
                .map_err(|_| UnitError::Period),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
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
        check("lots", Err(UnitError::Size));
    }

    #[test]
    fn periods() {
        let check = |text: &str, expected: Result<u64, UnitError>| {
            let millis = text.parse::<Period>().map(|period| period.0.as_millis());
            assert_eq!(millis, expected.map(u128::from), "{text}");
        };
        check("0", Ok(0));
        check("0s", Ok(0));
        check("500ms", Ok(500));
        check("30s", Ok(30_000));
        check("1m 30s", Ok(90_000));
        check("30", Err(UnitError::Period));
        check("-1s", Err(UnitError::Period));
        check("soon", Err(UnitError::Period));
    }
}
