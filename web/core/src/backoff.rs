//! How long to wait before the next attempt to connect. Pure: chance is an argument.

use std::time::Duration;

/// The longest wait before the first attempt.
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait of all: short enough to be worth waiting for.
const LONGEST: Duration = Duration::from_secs(30);

/// The wait before an attempt, when `failures` came before it: twice as long each time.
///
/// Half of it is certain and the rest is left to `chance`, from 0 to 1, so that the
/// pages of a gateway that restarts do not all come back at once.
pub fn delay(failures: u32, chance: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << failures.min(16));
    let half = doubled.min(LONGEST) / 2;
    let chance = if (0.0..=1.0).contains(&chance) {
        chance
    } else {
        1.0
    };
    half + half.mul_f64(chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let check = |failures, chance, millis| {
            assert_eq!(delay(failures, chance), Duration::from_millis(millis));
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
    fn a_chance_that_is_none_does_not_panic() {
        for chance in [f64::NAN, f64::INFINITY, -1.0, 2.0] {
            assert_eq!(delay(0, chance), FIRST);
        }
    }
}
