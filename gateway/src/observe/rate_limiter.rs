//! Rate limiter: bounds the messages a second that the live feed shows.

use crate::observe::drop_counter::DropCounter;
use crate::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Rate limiter with fixed windows of time, and a count of the messages that it dropped.
///
/// Threads that meet at the beginning of a window may let a few more messages through.
#[derive(Debug, Default)]
pub(super) struct RateLimiter {
    /// Number of the current window.
    window: AtomicU64,
    admitted: AtomicU32,
    pub(super) dropped: DropCounter,
}

impl RateLimiter {
    /// Returns true if one more message may pass in window number `now`, of at most `limit`
    /// ones. Otherwise counts it as dropped.
    pub(super) fn admits(&self, now: u64, limit: u32) -> bool {
        if self.window.swap(now, Ordering::Relaxed) != now {
            self.admitted.store(0, Ordering::Relaxed);
        }
        let admits = self.admitted.fetch_add(1, Ordering::Relaxed) < limit;
        if !admits {
            self.dropped.increment();
        }
        admits
    }
}

#[cfg(all(test, feature = "model-check"))]
mod model_check {
    use loom::sync::Arc;
    use loom::{model, thread};

    use super::*;

    const LIMIT: u32 = 2;

    /// Asks for two messages in window number `now` on two threads each, and returns how many
    /// of the four were admitted.
    fn admitted(now: u64) -> u64 {
        let limiter = Arc::new(RateLimiter::default());
        let threads = [(); 2].map(|()| {
            let limiter = limiter.clone();
            thread::spawn(move || (0..2).filter(|_| limiter.admits(now, LIMIT)).count() as u64)
        });
        let admitted = threads.map(|thread| thread.join().unwrap()).iter().sum();
        assert_eq!(admitted + limiter.dropped.take(), 4);
        admitted
    }

    #[test]
    fn limit_is_kept_within_a_window() {
        model(|| assert_eq!(admitted(0), 2));
    }

    #[test]
    fn threads_that_meet_at_the_beginning_of_a_window_exceed_the_limit_by_one() {
        model(|| assert!((2..=3).contains(&admitted(1))));
    }
}
