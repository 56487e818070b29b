//! Counters that are reported and reset.

use std::sync::atomic::{AtomicU64, Ordering};

/// What has been counted since the last time.
pub(super) fn take(count: &AtomicU64) -> u64 {
    match count.load(Ordering::Relaxed) {
        // Most often: that needs no write.
        0 => 0,
        _ => count.swap(0, Ordering::Relaxed),
    }
}
