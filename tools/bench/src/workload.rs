//! Workloads: the loads under which contenders are measured.

use std::time::Duration;

/// A load, in the terms of `framegate bench`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) connections: u32,
    pub(crate) payload_len: usize,
    pub(crate) in_flight: u32,
    pub(crate) length: Length,
    /// Set if client and servers share one processor. On two, a load with one message in
    /// flight would measure how long an idle processor takes to wake.
    pub(crate) is_pinned: bool,
}

/// The length of a load.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    /// The run's `--time`.
    Time,
    /// This many messages, without warm-up.
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

    /// The arguments for the length and the warm-up.
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

/// The workloads for throughput.
pub(crate) const LOADS: [Workload; 5] = [
    Workload::new("w1", 1, 5, 1).pinned(),
    Workload::new("w2", 64, 32, 1),
    Workload::new("w3", 16, 32, 64),
    Workload::new("w4", 4, 64 << 10, 4),
    Workload::new("w5", 2, 1 << 20, 1),
];

/// The workload for memory: a thousand connections that are idle after one message each.
pub(crate) const IDLE: Workload = Workload::new("idle", 1000, 32, 1).one_each();

/// The workload for opening: two thousand connections at once, until each has its reply.
pub(crate) const OPEN: Workload = Workload::new("open", 2000, 32, 1).one_each();
