//! Workloads: the loads under which contenders are measured.

use std::time::Duration;

/// A load, in the terms of `framegate bench`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) connections: u32,
    /// Bytes of a message.
    pub(crate) payload_len: usize,
    /// Messages of each connection that are sent and not answered.
    pub(crate) in_flight: u32,
    pub(crate) extent: Extent,
    /// Time without load before the server's memory is measured. The memory of idle connections
    /// differs so little between rounds that only the first measures it.
    pub(crate) idle: Option<Duration>,
    /// Set if client and servers share one processor. On two, a load with one message in
    /// flight would measure how long an idle processor takes to wake.
    pub(crate) is_pinned: bool,
}

/// The end of a load: after a time, or after a number of messages.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
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
            extent: Extent::Time,
            idle: None,
            is_pinned: false,
        }
    }

    const fn pinned(self) -> Self {
        Self {
            is_pinned: true,
            ..self
        }
    }

    /// Ends the load after one message a connection.
    const fn one_each(self) -> Self {
        self.count(self.connections as u64)
    }

    const fn idle(self, time: Duration) -> Self {
        Self {
            idle: Some(time),
            ..self
        }
    }

    pub(crate) const fn count(self, messages: u64) -> Self {
        Self {
            extent: Extent::Count(messages),
            ..self
        }
    }

    /// The arguments for the extent and the warm-up.
    pub(crate) fn extent_args(&self, time: Duration, warm_up: Duration) -> [String; 2] {
        match self.extent {
            Extent::Time => [
                format!("--duration={}ms", time.as_millis()),
                format!("--warm-up={}ms", warm_up.as_millis()),
            ],
            Extent::Count(count) => [format!("--count={count}"), "--warm-up=0".into()],
        }
    }
}

// The workloads for throughput: connections, bytes of a message, messages in flight.
pub(crate) const W1: Workload = Workload::new("w1", 1, 5, 1).pinned();
pub(crate) const W2: Workload = Workload::new("w2", 64, 32, 1);
pub(crate) const W3: Workload = Workload::new("w3", 16, 32, 64);
pub(crate) const W4: Workload = Workload::new("w4", 4, 64 << 10, 4);
pub(crate) const W5: Workload = Workload::new("w5", 2, 1 << 20, 1);
/// All workloads for throughput.
pub(crate) const LOADS: [Workload; 5] = [W1, W2, W3, W4, W5];

/// The workload for memory: a thousand connections that open at once, are idle after one message
/// each, and have been for as long as allocators take to return memory to the system.
pub(crate) const IDLE: Workload = Workload::new("idle", 1000, 32, 1)
    .one_each()
    .idle(Duration::from_secs(30));

/// The workload for opening: two thousand connections at once, until each has its reply.
pub(crate) const OPEN: Workload = Workload::new("open", 2000, 32, 1).one_each();
