//! Sizes and durations, parsed from options.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// A number of bytes: `4096`, `64KiB`, `16MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

/// A duration, such as a time limit: `500ms`, `30s`, `5m`; `0` switches it off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OptionalDuration(pub Duration);

/// A size or a duration that cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnitError {
    /// Not a [`Size`].
    #[error("expected a size such as 4096, 64KiB or 16MiB")]
    Size,
    /// Not an [`OptionalDuration`].
    #[error("expected a duration such as 500ms, 30s or 5m, or 0 for none")]
    Duration,
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
        check("soon", Err(UnitError::Duration));
    }
}
