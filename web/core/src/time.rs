//! Points in time, by the browser's clocks.

use std::time::Duration;

/// A point in time by two clocks: wall clock to show, monotonic clock to measure.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moment {
    /// The instant by the wall clock: milliseconds since the Unix epoch.
    pub utc_ms: f64,
    /// The monotonic clock, in milliseconds from an arbitrary origin.
    pub steady_ms: f64,
}

impl Moment {
    /// Returns the moment at another time of the monotonic clock.
    pub fn at(self, steady_ms: f64) -> Moment {
        Moment {
            utc_ms: self.utc_ms - self.steady_ms + steady_ms,
            steady_ms,
        }
    }

    /// Returns the time from `earlier` to this moment, or zero if it is negative.
    pub fn since(self, earlier: Moment) -> Duration {
        let seconds = (self.steady_ms - earlier.steady_ms) / 1000.0;
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }
}

/// Returns a duration in whole microseconds, the resolution of the browser's clocks.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_use_the_monotonic_clock_and_are_never_negative() {
        let at = |utc_ms, steady_ms| Moment { utc_ms, steady_ms };
        let check = |from: Moment, to: Moment, micros| {
            assert_eq!(to.since(from), Duration::from_micros(micros));
        };
        check(at(5000.0, 1.0), at(0.0, 1.5), 500);
        check(at(0.0, 2.0), at(9.0, 1.0), 0);
        check(at(0.0, 0.0), at(0.0, f64::NAN), 0);
    }
}
