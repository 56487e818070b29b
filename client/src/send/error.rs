//! Errors of sending.

use std::time::Duration;

use humantime::format_duration;
use protocol::FrameError;
use thiserror::Error;

use crate::connect::ConnectError;
use crate::connection_error::ConnectionError;
use crate::output::OutputError;
use crate::read::ReadError;
use crate::target::Target;

/// An error because of which not every message was answered.
#[derive(Debug, Error)]
pub enum SendError {
    /// The target cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A message cannot be read.
    #[error(transparent)]
    Input(#[from] ReadError),
    /// A message is not valid in the framing. The connection is still usable.
    #[error("{target}: {source}")]
    Message {
        /// The target.
        target: Target,
        /// The error in the message.
        source: FrameError,
    },
    /// Sending or receiving failed.
    #[error("{target}: {source}")]
    Connection {
        /// The target.
        target: Target,
        /// The connection's error.
        source: ConnectionError,
    },
    /// Sending a message, or waiting for a reply, timed out.
    #[error("{target}: timed out, no reply for {}", format_duration(*.limit))]
    TimedOut {
        /// The target.
        target: Target,
        /// The time limit.
        limit: Duration,
    },
    /// Replies cannot be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A WebSocket has no half-close.
    #[error(
        "--half-close is for tcp://, tls:// and unix: targets: a WebSocket such as {0} ends in both directions"
    )]
    HalfClose(Target),
}
