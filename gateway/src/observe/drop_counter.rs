//! Drop counter: entries that were dropped and not yet reported.

use crate::sync::atomic::{AtomicU64, Ordering};

/// Number of entries dropped since the last [`take`](Self::take).
#[derive(Debug, Default)]
pub(super) struct DropCounter(AtomicU64);

impl DropCounter {
    pub(super) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number, and resets it to zero.
    pub(super) fn take(&self) -> u64 {
        match self.0.load(Ordering::Relaxed) {
            // Fast path: zero is the usual case, and needs no write.
            0 => 0,
            _ => self.0.swap(0, Ordering::Relaxed),
        }
    }
}

#[cfg(all(test, feature = "model-check"))]
mod model_check {
    use loom::sync::Arc;
    use loom::{model, thread};

    use super::*;

    #[test]
    fn each_drop_is_reported_once() {
        model(|| {
            let counter = Arc::new(DropCounter::default());
            let threads = [(); 2].map(|()| {
                let counter = counter.clone();
                thread::spawn(move || {
                    counter.increment();
                    counter.take()
                })
            });
            let reported: u64 = threads.map(|thread| thread.join().unwrap()).iter().sum();
            assert_eq!(reported + counter.take(), 2);
        });
    }
}
