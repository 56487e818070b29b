//! A log-scaled histogram: percentiles of any number of durations in constant memory.

use std::time::Duration;

use crate::time::micros;

/// Buckets per octave: a percentile is at most a sixteenth too long.
const PER_OCTAVE: u64 = 16;

/// The number of buckets, from a microsecond to over an hour.
const BUCKETS: usize = 32 * PER_OCTAVE as usize;

/// A log-scaled histogram of durations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    buckets: Box<[u32; BUCKETS]>,
    count: u64,
    longest: Duration,
}

impl Histogram {
    /// Counts a duration.
    pub fn add(&mut self, duration: Duration) {
        let bucket = &mut self.buckets[bucket(micros(duration))];
        *bucket = bucket.saturating_add(1);
        self.count += 1;
        self.longest = self.longest.max(duration);
    }

    /// Returns the duration that `percent` of all do not exceed; `None` if there are none.
    pub fn percentile(&self, percent: u64) -> Option<Duration> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (index, &count) in self.buckets.iter().enumerate() {
            seen += u64::from(count);
            if seen >= rank {
                return Some(Duration::from_micros(upper_bound(index)).min(self.longest));
            }
        }
        None
    }

    /// Returns the number of durations.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the longest duration, exactly.
    pub fn longest(&self) -> Option<Duration> {
        (self.count > 0).then_some(self.longest)
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: Box::new([0; BUCKETS]),
            count: 0,
            longest: Duration::ZERO,
        }
    }
}

/// The bucket of a duration: below [`PER_OCTAVE`] microseconds each has its own, above
/// that the leading bits decide.
fn bucket(micros: u64) -> usize {
    let octave = u64::from(micros.max(PER_OCTAVE).ilog2() - PER_OCTAVE.ilog2());
    let index = octave * PER_OCTAVE + (micros >> octave);
    usize::try_from(index).map_or(BUCKETS - 1, |index| index.min(BUCKETS - 1))
}

/// The greatest number of microseconds in a bucket.
fn upper_bound(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let octave = (bucket / PER_OCTAVE).saturating_sub(1);
    ((bucket - octave * PER_OCTAVE + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_bounds_are_within_a_sixteenth() {
        for micros in (0..5000).chain((5000..100_000_000).step_by(99_991)) {
            let top = upper_bound(bucket(micros));
            assert!(top >= micros, "{micros} in a bucket to {top}");
            assert!(top - micros <= micros / PER_OCTAVE, "{micros} to {top}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_within_a_bucket() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(50), None);
        assert_eq!(histogram.longest(), None);
        for micros in 1..=100 {
            histogram.add(Duration::from_micros(micros));
        }
        let check = |percent, low, high| {
            let micros = histogram.percentile(percent).unwrap().as_micros();
            assert!((low..=high).contains(&micros), "p{percent}: {micros}");
        };
        check(1, 1, 1);
        check(50, 50, 53);
        check(90, 90, 95);
        check(99, 99, 100);
        assert_eq!(histogram.longest(), Some(Duration::from_micros(100)));
    }

    #[test]
    fn every_percentile_of_one_duration_is_that_duration() {
        let mut histogram = Histogram::default();
        histogram.add(Duration::from_millis(400));
        for percent in [0, 50, 100] {
            assert_eq!(
                histogram.percentile(percent),
                Some(Duration::from_millis(400))
            );
        }
    }
}
