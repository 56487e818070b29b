//! A phase of the load: the warm-up or the measurement.

use std::cell::{Cell, Ref, RefCell};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// The longest latency that is recorded, in nanoseconds: an hour. Longer ones count as it.
const MAX_LATENCY: u64 = 3_600_000_000_000;

/// The condition on which a phase sends no more.
#[derive(Debug, Clone, Copy)]
pub(super) enum PhaseEnd {
    /// It has lasted so long.
    Elapsed(Duration),
    /// All connections together have sent this many messages.
    Sent(u64),
}

/// A phase of the load, and its counts over all connections.
///
/// It starts with no messages in flight, and ends once every message is answered.
pub(super) struct Phase {
    started: Instant,
    end: PhaseEnd,
    sent: Cell<u64>,
    answered: Cell<u64>,
    /// In nanoseconds.
    latency: RefCell<Histogram<u64>>,
    /// Service times that the gateway has measured, in nanoseconds.
    service_time: RefCell<Histogram<u64>>,
}

impl Phase {
    pub(super) fn new(end: PhaseEnd) -> Self {
        let histogram = || Histogram::new_with_bounds(1, MAX_LATENCY, 3).expect("bounds in order");
        Self {
            started: Instant::now(),
            end,
            sent: Cell::new(0),
            answered: Cell::new(0),
            latency: RefCell::new(histogram()),
            service_time: RefCell::new(histogram()),
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn answered(&self) -> u64 {
        self.answered.get()
    }

    pub(super) fn latency(&self) -> Ref<'_, Histogram<u64>> {
        self.latency.borrow()
    }

    pub(super) fn service_time(&self) -> Ref<'_, Histogram<u64>> {
        self.service_time.borrow()
    }

    /// Returns how many of the `wanted` messages may still be sent, and counts them as sent.
    pub(super) fn grant(&self, wanted: u64, now: Instant) -> u64 {
        let granted = match self.end {
            PhaseEnd::Elapsed(length) if now - self.started < length => wanted,
            PhaseEnd::Elapsed(_) => 0,
            PhaseEnd::Sent(count) => wanted.min(count - self.sent.get()),
        };
        self.sent.set(self.sent.get() + granted);
        granted
    }

    /// Counts replies.
    pub(super) fn add_answered(&self, count: u64) {
        self.answered.set(self.answered.get() + count);
    }

    /// Records service times.
    pub(super) fn record_service_times(&self, times: impl Iterator<Item = Duration>) {
        let mut histogram = self.service_time.borrow_mut();
        for time in times {
            let nanos = time.as_nanos().try_into().unwrap_or(u64::MAX);
            histogram.saturating_record(nanos);
        }
    }

    /// Records the latency of `count` messages that were sent at once.
    pub(super) fn record_latency(&self, count: u64, sent: Instant, now: Instant) {
        let nanos = (now - sent).as_nanos().try_into().unwrap_or(u64::MAX);
        self.latency.borrow_mut().saturating_record_n(nanos, count);
    }
}
