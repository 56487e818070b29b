//! Limits: how much, and for how long, a peer may ask the gateway for.

use std::time::Duration;

/// How much, and how long, a peer may ask for. `None` is no limit; the options' help
/// has the reasons.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The longest payload that a client may send, in bytes.
    pub max_frame: usize,
    /// How many connections may be open at once, on both listeners together.
    pub max_connections: Option<usize>,
    /// How many of them may come from one address.
    pub max_connections_per_ip: Option<usize>,
    /// How long a peer may be silent, or take nothing of what it is sent.
    pub idle_timeout: Option<Duration>,
    /// How long a WebSocket client is silent before it is pinged.
    pub ping_interval: Option<Duration>,
    /// How long the upstream may take to accept a connection.
    pub connect_timeout: Option<Duration>,
    /// How long what is still owed may take once no more is accepted.
    pub drain_timeout: Option<Duration>,
    /// How long a client may take to send a request's head, which is a second's work.
    pub header_timeout: Duration,
    /// How long a client may take to answer a Close.
    pub close_timeout: Duration,
}

/// How much longer than [`Limits::max_frame`] an upstream's frame may be: services
/// wrap what they were sent, as the echo service does with its prefix.
pub(crate) const REPLY_ALLOWANCE: usize = 64 * 1024;

impl Limits {
    /// The longest payload that an upstream may send, in bytes.
    pub(crate) fn max_reply(&self) -> usize {
        self.max_frame.saturating_add(REPLY_ALLOWANCE)
    }
}

/// What the options are by default.
impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame: 16 << 20,
            max_connections: Some(10_000),
            max_connections_per_ip: None,
            idle_timeout: Some(Duration::from_secs(300)),
            ping_interval: Some(Duration::from_secs(20)),
            connect_timeout: Some(Duration::from_secs(5)),
            drain_timeout: Some(Duration::from_secs(10)),
            header_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
        }
    }
}
