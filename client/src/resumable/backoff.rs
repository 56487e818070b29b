//! Exponential backoff with jitter, for connecting again.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Longest delay before the second attempt; the first is made at once.
const FIRST: Duration = Duration::from_millis(250);

/// Longest delay.
const LONGEST: Duration = Duration::from_secs(5);

/// Returns the delay after `failures` failed attempts: none after a loss, then it doubles up to
/// the longest. Half of it is fixed, the other half multiplied by `random`, from 0 to 1: jitter
/// keeps all clients of a restarted gateway from coming back at once.
pub(super) fn delay(failures: u32, random: f64) -> Duration {
    let Some(doublings) = failures.checked_sub(1) else {
        return Duration::ZERO;
    };
    let longest = FIRST.saturating_mul(1 << doublings.min(16)).min(LONGEST);
    longest / 2 + (longest / 2).mul_f64(random)
}

/// Returns a number from 0 to 1, from the random keys of a hash map.
pub(super) fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_doubles_up_to_the_longest() {
        let check = |failures, random, millis| {
            assert_eq!(delay(failures, random), Duration::from_millis(millis));
        };
        check(0, 1.0, 0);
        check(1, 0.0, 125);
        check(1, 1.0, 250);
        check(2, 0.5, 375);
        check(u32::MAX, 1.0, 5000);
    }

    #[test]
    fn random_numbers_are_in_range() {
        assert!((0..100).all(|_| (0.0..1.0).contains(&random())));
    }
}
