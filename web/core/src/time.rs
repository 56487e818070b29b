//! Points in time, as the browser's clocks tell them.

use std::time::Duration;

/// A point in time by two clocks: one to show, one to measure with.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moment {
    /// Milliseconds since the Unix epoch, plus the local offset from UTC.
    pub local_ms: f64,
    /// Milliseconds of a clock that nobody sets, from any origin.
    pub steady_ms: f64,
}

impl Moment {
    /// The time from `earlier` to this moment; zero if it is the other way round.
    pub fn since(self, earlier: Moment) -> Duration {
        let seconds = (self.steady_ms - earlier.steady_ms) / 1000.0;
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }
}

/// A duration in whole microseconds: they are as fine as the browser's clocks, and their
/// sixty-four bits as long as anyone's patience.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_measures_and_never_backwards() {
        let at = |local_ms, steady_ms| Moment {
            local_ms,
            steady_ms,
        };
        let check = |from: Moment, to: Moment, micros| {
            assert_eq!(to.since(from), Duration::from_micros(micros));
        };
        check(at(5000.0, 1.0), at(0.0, 1.5), 500);
        check(at(0.0, 2.0), at(9.0, 1.0), 0);
        check(at(0.0, 0.0), at(0.0, f64::NAN), 0);
    }
}
