//! The life cycle of a connection, and the causes that are worth a retry.

use std::time::Duration;

use crate::gateway_info::InfoError;
use crate::time::Moment;

/// The time after which a connection counts as stable and resets the backoff. Without it,
/// a gateway that accepts and hangs up at once would be retried without backoff.
pub const STABLE_AFTER: Duration = Duration::from_secs(5);

/// The state of the connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Connection {
    /// Disconnected by the user.
    Idle,
    /// Loading `api/info`.
    FetchingInfo,
    /// Opening the WebSocket.
    Connecting,
    /// The WebSocket is open.
    Open {
        /// The time when it opened.
        since: Moment,
    },
    /// The connection failed, and will be retried after a backoff.
    Waiting {
        /// Failed attempts before this one, since the last stable connection.
        attempt: u32,
        /// The backoff.
        delay: Duration,
        /// The time when the wait began.
        since: Moment,
        /// The cause of the failure.
        end: ConnectionEnd,
    },
    /// The connection failed, and is not retried.
    Ended(ConnectionEnd),
}

/// The cause of a connection's end.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionEnd {
    /// `api/info` could not be loaded.
    Unavailable(InfoError),
    /// The WebSocket closed, or failed to open.
    Closed(Close),
    /// The browser started no worker, which has the WebSocket.
    NoWorker,
}

/// The close of a WebSocket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Close {
    /// The close code (RFC 6455, section 7.4).
    pub code: u16,
    /// The close reason, often empty.
    pub reason: String,
    /// True if the WebSocket had been open.
    pub opened: bool,
    /// Requests without a reply.
    pub unanswered: u64,
}

impl Connection {
    /// Returns true if messages can be sent.
    pub fn is_open(&self) -> bool {
        matches!(self, Connection::Open { .. })
    }

    /// Returns true if the connection is open or being opened.
    pub fn is_active(&self) -> bool {
        match self {
            Connection::FetchingInfo | Connection::Connecting | Connection::Open { .. } => true,
            Connection::Idle | Connection::Waiting { .. } | Connection::Ended(_) => false,
        }
    }

    /// Returns true if the connection is active, or will be retried.
    pub fn is_wanted(&self) -> bool {
        self.is_active() || matches!(self, Connection::Waiting { .. })
    }
}

impl ConnectionEnd {
    /// Returns true if the cause may pass by itself, so that a retry can succeed.
    pub fn may_pass(&self) -> bool {
        match self {
            ConnectionEnd::Unavailable(InfoError::Unreachable | InfoError::Offline) => true,
            // A reverse proxy's statuses while the gateway behind it restarts.
            ConnectionEnd::Unavailable(InfoError::Status(status)) => matches!(status, 502..=504),
            ConnectionEnd::Unavailable(InfoError::Malformed | InfoError::NoUpstream(_))
            | ConnectionEnd::NoWorker => false,
            ConnectionEnd::Closed(close) => matches!(close.code, 1001 | 1006 | 1011 | 1012 | 1013),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_temporary_causes_may_pass() {
        let closed = |code| {
            ConnectionEnd::Closed(Close {
                code,
                reason: String::new(),
                opened: true,
                unanswered: 0,
            })
        };
        for code in [1001, 1006, 1011, 1012, 1013] {
            assert!(closed(code).may_pass(), "{code}");
        }
        for code in [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1015, 4000] {
            assert!(!closed(code).may_pass(), "{code}");
        }
        assert!(ConnectionEnd::Unavailable(InfoError::Unreachable).may_pass());
        assert!(ConnectionEnd::Unavailable(InfoError::Offline).may_pass());
        assert!(ConnectionEnd::Unavailable(InfoError::Status(502)).may_pass());
        assert!(!ConnectionEnd::Unavailable(InfoError::Status(404)).may_pass());
        assert!(!ConnectionEnd::Unavailable(InfoError::Malformed).may_pass());
    }
}
