//! Rate limiter: bounds the messages a second that the live feed shows.

use crate::observe::drop_counter::DropCounter;
use crate::sync::atomic::{AtomicU64, Ordering};

/// Rate limiter with fixed windows of time, and a count of the messages that it dropped.
#[derive(Debug, Default)]
pub(super) struct RateLimiter {
    /// The number of the current window, and in the low 32 bits the messages admitted in it:
    /// one word, so that the limit also holds for threads that begin a window together.
    state: AtomicU64,
    pub(super) dropped: DropCounter,
}

impl RateLimiter {
    /// Returns true if window number `now` has admitted fewer than `limit` messages. Otherwise
    /// counts the message as dropped.
    pub(super) fn admits(&self, now: u32, limit: u32) -> bool {
        let admit = |state: u64| {
            let (window, admitted) = ((state >> 32) as u32, state as u32);
            let admitted = if window < now { 0 } else { admitted };
            let window = u64::from(window.max(now));
            (admitted < limit).then_some(window << 32 | u64::from(admitted + 1))
        };
        let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
        let admitted = self.state.fetch_update(success, failure, admit).is_ok();
        if !admitted {
            self.dropped.increment();
        }
        admitted
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
    fn admitted(now: u32) -> u64 {
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
    fn threads_that_meet_at_the_beginning_of_a_window_keep_the_limit() {
        model(|| assert_eq!(admitted(1), 2));
    }
}
