//! Errors of a benchmark.

use std::net::IpAddr;
use std::time::Duration;

use humantime::format_duration;
use protocol::{FrameError, Framing};
use thiserror::Error;

use crate::bench::process_stats::ProcessError;
use crate::connect::ConnectError;
use crate::output::OutputError;
use crate::target::Target;

/// An error because of which there is no report.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The target is not this machine, and `--i-own-this-host` is missing.
    #[error("{target} is at {addr}, not on this machine: this requires --i-own-this-host")]
    RemoteHost {
        /// The target.
        target: Target,
        /// Its address.
        addr: IpAddr,
    },
    /// The target cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The limit on open files is too low for the number of connections.
    #[error("--connections {connections} needs {wanted} open files, the system's limit is {limit}")]
    OpenFiles {
        /// The number of connections.
        connections: u32,
        /// The number of files that they need.
        wanted: u64,
        /// The limit.
        limit: u64,
    },
    /// The framing cannot carry a message of this length, or the reply to it.
    #[error("{0}; --size sets the length of messages")]
    Frame(#[from] FrameError),
    /// No message of the framing has exactly this length.
    #[error(
        "no message of {len} byte{} has framing {framing}: use another --size",
        if *.len == 1 { "" } else { "s" }
    )]
    NoMessage {
        /// The length.
        len: usize,
        /// The framing.
        framing: Framing,
    },
    /// Without framing, an empty message has no bytes to send.
    #[error("a message of 0 bytes cannot be sent with framing raw")]
    EmptyRawMessage,
    /// The reply to the first message is missing or wrong.
    #[error("wrong reply to the first message: {0}")]
    FirstReply(String),
    /// A reply is wrong, or a connection failed.
    #[error("connection {number}, after {answered} replies on all connections: {cause}")]
    Connection {
        /// The number of the connection, from 1 on.
        number: usize,
        /// The number of replies so far, on all connections.
        answered: u64,
        /// The error.
        cause: String,
    },
    /// A connection had an abnormal end after its last reply.
    #[error("abnormal end after the last reply: {0}")]
    End(String),
    /// The server has stopped answering.
    #[error(
        "no reply for {} after {answered} replies; {waiting} connections are waiting",
        format_duration(*.limit)
    )]
    Stalled {
        /// The time limit.
        limit: Duration,
        /// The number of replies so far.
        answered: u64,
        /// The number of connections with messages in flight.
        waiting: usize,
    },
    /// The server process cannot be measured.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The report cannot be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}
