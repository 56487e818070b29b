//! Traffic counters: messages and payload bytes of a session.

/// Messages and payload bytes in both directions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Messages from the client.
    pub(crate) sent: u64,
    /// Payload bytes from the client.
    pub(crate) sent_bytes: u64,
    /// Frames from the upstream.
    pub(crate) received: u64,
    /// Payload bytes from the upstream.
    pub(crate) received_bytes: u64,
}

impl Traffic {
    #[inline]
    pub(crate) fn count_sent(&mut self, len: usize) {
        self.sent += 1;
        self.sent_bytes += len as u64;
    }

    #[inline]
    pub(crate) fn count_received(&mut self, len: usize) {
        self.received += 1;
        self.received_bytes += len as u64;
    }

    /// Returns the difference to the earlier count `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            sent: self.sent - before.sent,
            sent_bytes: self.sent_bytes - before.sent_bytes,
            received: self.received - before.received,
            received_bytes: self.received_bytes - before.received_bytes,
        }
    }
}
