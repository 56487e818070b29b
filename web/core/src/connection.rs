//! The life of a connection, and which ends of it are worth another attempt. Pure.

use std::time::Duration;

use crate::gateway::InfoError;
use crate::time::Moment;

/// How long a connection has to last to count as a good one. A gateway that accepts and
/// hangs up at once is not asked again as if nothing had happened.
pub const LASTING: Duration = Duration::from_secs(5);

/// The life of the connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Connection {
    /// The person has it so.
    Idle,
    /// The gateway is being asked what it offers.
    Asking,
    /// The WebSocket is being opened.
    Connecting,
    /// Messages can be sent.
    Open {
        /// When it opened.
        since: Moment,
    },
    /// It ended, and is going to be tried again by itself.
    Waiting {
        /// How many attempts failed before, counted from the last good connection.
        attempt: u32,
        /// How long the wait is.
        delay: Duration,
        /// When it began.
        since: Moment,
        /// What there is to wait for.
        end: End,
    },
    /// It ended, not because the person said so, and stays so until the person does.
    Ended(End),
}

/// How a connection ended, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// The gateway did not say what it offers.
    Unavailable(InfoError),
    /// The WebSocket closed, or never opened.
    Closed(Close),
}

/// How a WebSocket ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Close {
    /// The close code, RFC 6455 section 7.4.
    pub code: u16,
    /// The reason that came with it, often empty.
    pub reason: String,
    /// Whether it had been open.
    pub opened: bool,
    /// Messages that it leaves unanswered.
    pub unanswered: u64,
}

impl Connection {
    /// Whether messages can be sent.
    pub fn is_open(&self) -> bool {
        matches!(self, Connection::Open { .. })
    }

    /// Whether it is open, or on the way there.
    pub fn is_live(&self) -> bool {
        match self {
            Connection::Asking | Connection::Connecting | Connection::Open { .. } => true,
            Connection::Idle | Connection::Waiting { .. } | Connection::Ended(_) => false,
        }
    }

    /// Whether it is live, or going to be by itself.
    pub fn is_wanted(&self) -> bool {
        self.is_live() || matches!(self, Connection::Waiting { .. })
    }
}

impl End {
    /// Whether it may go away by itself, so that another attempt is worth its while.
    pub fn may_pass(&self) -> bool {
        match self {
            End::Unavailable(InfoError::Unreachable | InfoError::Offline) => true,
            // What a reverse proxy says while the gateway behind it restarts.
            End::Unavailable(InfoError::Status(status)) => matches!(status, 502..=504),
            End::Unavailable(
                InfoError::Malformed | InfoError::UnknownFraming(_) | InfoError::NoUpstream(_),
            ) => false,
            End::Closed(close) => matches!(close.code, 1001 | 1006 | 1011 | 1012 | 1013),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ends_that_may_pass_are_tried_again() {
        let closed = |code| {
            End::Closed(Close {
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
        assert!(End::Unavailable(InfoError::Unreachable).may_pass());
        assert!(End::Unavailable(InfoError::Offline).may_pass());
        assert!(End::Unavailable(InfoError::Status(502)).may_pass());
        assert!(!End::Unavailable(InfoError::Status(404)).may_pass());
        assert!(!End::Unavailable(InfoError::Malformed).may_pass());
    }
}
