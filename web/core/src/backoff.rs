//! Exponential backoff with jitter, for reconnecting.

use std::time::Duration;

/// The longest delay before the first retry.
const FIRST: Duration = Duration::from_secs(1);

/// The longest delay: short enough for a user to wait for.
const LONGEST: Duration = Duration::from_secs(30);

/// Returns the delay before the next attempt after `failures` failed ones: it doubles each
/// time, up to the longest.
///
/// Half of the delay is fixed, the other half is multiplied by `random`, from 0 to 1: the
/// jitter keeps all pages of a restarted gateway from reconnecting at once.
pub fn delay(failures: u32, random: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << failures.min(16));
    let half = doubled.min(LONGEST) / 2;
    let random = if (0.0..=1.0).contains(&random) {
        random
    } else {
        1.0
    };
    half + half.mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_doubles_up_to_the_longest() {
        let check = |failures, random, millis| {
            assert_eq!(delay(failures, random), Duration::from_millis(millis));
        };
        check(0, 0.0, 500);
        check(0, 1.0, 1000);
        check(1, 0.0, 1000);
        check(1, 0.5, 1500);
        check(4, 1.0, 16_000);
        check(5, 1.0, 30_000);
        check(u32::MAX, 0.0, 15_000);
    }

    #[test]
    fn random_numbers_out_of_range_do_not_panic() {
        for random in [f64::NAN, f64::INFINITY, -1.0, 2.0] {
            assert_eq!(delay(0, random), FIRST);
        }
    }
}
