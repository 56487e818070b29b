//! Events of a session that its program sees: messages, and changes of the connection.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use humantime::format_duration;
use protocol::MessageKind;

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Kind of the message.
    pub kind: MessageKind,
    /// Its payload.
    pub payload: Bytes,
    /// Time from the request's last byte, written to the service, to the reply's last byte;
    /// `None` if it answers no request.
    pub service_time: Option<Duration>,
}

/// A change of a session's connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The connection is lost, and the session connects again.
    Detached {
        /// The cause.
        cause: String,
    },
    /// The session has a connection again.
    Resumed {
        /// Messages that were sent again.
        sent_again: u64,
        /// Time without a connection.
        detached_for: Duration,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Detached { cause } => write!(f, "detached: {cause}"),
            Self::Resumed {
                sent_again,
                detached_for,
            } => {
                let millis = Duration::from_millis(detached_for.as_millis() as u64);
                let messages = if *sent_again == 1 {
                    "message"
                } else {
                    "messages"
                };
                write!(
                    f,
                    "resumed after {}, {sent_again} {messages} sent again",
                    format_duration(millis)
                )
            }
        }
    }
}
