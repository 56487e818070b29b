//! Durations counted by their size: percentiles of any number of them at a fixed cost.

use std::time::Duration;

use crate::time::micros;

/// Buckets for each doubling: a percentile is at most a sixteenth too long.
const PER_OCTAVE: u64 = 16;

/// Buckets from a microsecond to over an hour.
const BUCKETS: usize = 32 * PER_OCTAVE as usize;

/// A log-scaled histogram of durations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    buckets: Box<[u32; BUCKETS]>,
    count: u64,
    longest: Duration,
}

impl Histogram {
    /// Counts `duration`.
    pub fn add(&mut self, duration: Duration) {
        let bucket = &mut self.buckets[bucket(micros(duration))];
        *bucket = bucket.saturating_add(1);
        self.count += 1;
        self.longest = self.longest.max(duration);
    }

    /// What `percent` of the durations do not exceed; `None` if there are none.
    pub fn percentile(&self, percent: u64) -> Option<Duration> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (index, &count) in self.buckets.iter().enumerate() {
            seen += u64::from(count);
            if seen >= rank {
                return Some(Duration::from_micros(top(index)).min(self.longest));
            }
        }
        None
    }

    /// The longest duration, exactly.
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

/// Below [`PER_OCTAVE`] microseconds each has its own bucket; from there on, the leading
/// bits of the number say which.
fn bucket(micros: u64) -> usize {
    let octave = u64::from(micros.max(PER_OCTAVE).ilog2() - PER_OCTAVE.ilog2());
    let index = octave * PER_OCTAVE + (micros >> octave);
    usize::try_from(index).map_or(BUCKETS - 1, |index| index.min(BUCKETS - 1))
}

/// The greatest number of microseconds in a bucket.
fn top(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let octave = (bucket / PER_OCTAVE).saturating_sub(1);
    ((bucket - octave * PER_OCTAVE + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_is_in_a_bucket_that_reaches_it_and_not_far_over() {
        for micros in (0..5000).chain((5000..100_000_000).step_by(99_991)) {
            let top = top(bucket(micros));
            assert!(top >= micros, "{micros} in a bucket to {top}");
            assert!(top - micros <= micros / PER_OCTAVE, "{micros} to {top}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles() {
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
    fn one_duration_is_every_percentile() {
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
