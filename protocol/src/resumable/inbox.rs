//! Inbox: counts of the other side's messages, and when to acknowledge them.

use std::time::Duration;

/// Time after which taken messages are acknowledged at the latest.
pub const ACK_DELAY: Duration = Duration::from_millis(100);

/// Bytes that are acknowledged at once, if half the window is more. The other side keeps what is
/// not acknowledged: so much of it stays in a processor's cache, for many sessions too.
const MAX_UNACKNOWLEDGED: usize = 32 * 1024;

/// Counts of the other side's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    received: u64,
    taken: u64,
    acknowledged: u64,
    /// Bytes taken and not yet acknowledged, and the number that is acknowledged at once.
    unacknowledged_len: usize,
    ack_from: usize,
}

/// Time of the next acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckDue {
    /// Everything taken is acknowledged.
    Never,
    /// After [`ACK_DELAY`], so that one acknowledges many messages.
    Later,
    /// Much is taken: at half the window, the other side may soon have to wait.
    Now,
}

impl Inbox {
    /// Creates an inbox that acknowledges at once when half of `window` bytes are taken, or 32 KiB.
    pub fn new(window: usize) -> Self {
        Self {
            received: 0,
            taken: 0,
            acknowledged: 0,
            unacknowledged_len: 0,
            ack_from: ack_from(window),
        }
    }

    /// Sets the window that the gateway tells.
    pub fn set_window(&mut self, window: usize) {
        self.ack_from = ack_from(window);
    }

    /// Counts `count` messages as received.
    pub fn receive(&mut self, count: u64) {
        self.received += count;
    }

    /// Counts `count` messages of `len` bytes in all, heads included, as taken.
    pub fn take(&mut self, count: u64, len: usize) {
        self.taken += count;
        self.unacknowledged_len += len;
        debug_assert!(self.taken <= self.received);
    }

    /// Returns the time of the next acknowledgement.
    pub fn ack_due(&self) -> AckDue {
        match self.taken > self.acknowledged {
            false => AckDue::Never,
            true if self.unacknowledged_len < self.ack_from => AckDue::Later,
            true => AckDue::Now,
        }
    }

    /// Returns the count to acknowledge, which counts as acknowledged then.
    pub fn acknowledge(&mut self) -> u64 {
        self.acknowledged = self.taken;
        self.unacknowledged_len = 0;
        self.taken
    }

    /// Count of messages received, for resuming.
    pub fn received(&self) -> u64 {
        self.received
    }
}

fn ack_from(window: usize) -> usize {
    (window / 2).min(MAX_UNACKNOWLEDGED)
}
