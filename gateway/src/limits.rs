//! Limits: sizes, connection counts and timeouts.

use std::time::Duration;

use net::keepalive::KeepAlive;

use crate::defaults::{idle_timeout, ping_interval, ping_timeout};

/// Sizes, connection counts and timeouts. `None` disables a limit; the help texts of the
/// options have the reasons.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Maximum payload that a client may send, in bytes.
    pub max_frame: usize,
    /// Maximum number of open connections, on the HTTP and echo listeners together.
    pub max_connections: Option<usize>,
    /// Maximum number of open connections per IP address.
    pub max_connections_per_ip: Option<usize>,
    /// Idle timeout and write timeout: the time that a peer may send nothing, or take nothing.
    pub idle_timeout: Option<Duration>,
    /// Silence of a WebSocket client before a keep-alive ping.
    pub ping_interval: Option<Duration>,
    /// Timeout for the answer to a keep-alive ping.
    pub ping_timeout: Option<Duration>,
    /// Timeout for connecting to the upstream.
    pub connect_timeout: Option<Duration>,
    /// Timeout of a drain: the time to deliver the rest after new input is refused.
    pub drain_timeout: Option<Duration>,
    /// Timeout for receiving a request's head, and for a TLS handshake.
    pub header_timeout: Duration,
}

/// Bytes by which an upstream's frame may exceed [`Limits::max_frame`]: services wrap what
/// they were sent, as the echo service does with its prefix.
pub(crate) const REPLY_ALLOWANCE: usize = 64 * 1024;

impl Limits {
    /// Returns the maximum payload that an upstream may send, in bytes.
    pub(crate) fn max_reply(&self) -> usize {
        self.max_frame.saturating_add(REPLY_ALLOWANCE)
    }

    /// Returns the socket options that find a vanished peer.
    ///
    /// The user timeout ends a connection also if its peer is alive and takes nothing: it is
    /// longer than the idle timeout, whose end comes with a reason.
    pub(crate) fn keep_alive(&self) -> KeepAlive {
        let default = KeepAlive::default();
        KeepAlive {
            probe_after: self.ping_interval.unwrap_or(default.probe_after),
            user_timeout: self.idle_timeout.map(|idle| idle.saturating_add(idle / 4)),
        }
    }
}

/// Defaults of the options.
impl Default for Limits {
    fn default() -> Self {
        let idle_timeout = Some(idle_timeout(None));
        let ping_interval = ping_interval(idle_timeout);
        Self {
            max_frame: 16 << 20,
            max_connections: Some(10_000),
            max_connections_per_ip: None,
            idle_timeout,
            ping_interval,
            ping_timeout: ping_timeout(ping_interval),
            connect_timeout: Some(Duration::from_secs(5)),
            drain_timeout: Some(Duration::from_secs(10)),
            header_timeout: Duration::from_secs(10),
        }
    }
}
