//! What is measured.

use std::time::Duration;

/// A load, as `framegate bench` makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) connections: u32,
    pub(crate) payload_len: usize,
    pub(crate) in_flight: u32,
    pub(crate) length: Length,
    /// Whether client and servers share one processor. On two, what is measured with one
    /// message under way is how long an idle processor takes to wake.
    pub(crate) is_pinned: bool,
}

/// How long a load goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    /// As long as the run is told.
    Time,
    /// For this many messages, without warm-up.
    Count(u64),
}

impl Workload {
    pub(crate) const fn new(
        name: &'static str,
        connections: u32,
        payload_len: usize,
        in_flight: u32,
    ) -> Self {
        Self {
            name,
            connections,
            payload_len,
            in_flight,
            length: Length::Time,
            is_pinned: false,
        }
    }

    const fn pinned(self) -> Self {
        Self {
            is_pinned: true,
            ..self
        }
    }

    const fn one_each(self) -> Self {
        self.count(self.connections as u64)
    }

    pub(crate) const fn count(self, messages: u64) -> Self {
        Self {
            length: Length::Count(messages),
            ..self
        }
    }

    /// How long to measure, with its warm-up, as arguments.
    pub(crate) fn length_args(&self, time: Duration, warm_up: Duration) -> [String; 2] {
        match self.length {
            Length::Time => [
                format!("--duration={}ms", time.as_millis()),
                format!("--warm-up={}ms", warm_up.as_millis()),
            ],
            Length::Count(count) => [format!("--count={count}"), "--warm-up=0".into()],
        }
    }
}

/// The loads under which throughput is compared.
pub(crate) const LOADS: [Workload; 5] = [
    Workload::new("w1", 1, 5, 1).pinned(),
    Workload::new("w2", 64, 32, 1),
    Workload::new("w3", 16, 32, 64),
    Workload::new("w4", 4, 64 << 10, 4),
    Workload::new("w5", 2, 1 << 20, 1),
];

/// A thousand connections that have said one thing each, and are silent: their memory.
pub(crate) const IDLE: Workload = Workload::new("idle", 1000, 32, 1).one_each();

/// Two thousand connections at once: how long until all are open and answered.
pub(crate) const OPEN: Workload = Workload::new("open", 2000, 32, 1).one_each();
