use std::net::IpAddr;
use std::time::Duration;

use humantime::format_duration;
use protocol::FrameError;
use thiserror::Error;

use crate::bench::process_stats::UsageError;
use crate::{ConnectError, Target};

/// Why a run has no figures.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The target is not this machine, and nobody said that it may be loaded.
    #[error("{target} is at {addr}, not on this machine: that needs --i-own-this-host")]
    Foreign {
        /// What was to be measured.
        target: Target,
        /// Where it is.
        addr: IpAddr,
    },
    /// The target cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There cannot be as many connections.
    #[error("{connections} connections need {wanted} open files, the system's limit is {limit}")]
    OpenFiles {
        /// How many were asked for.
        connections: u32,
        /// How many files that takes.
        wanted: u64,
        /// How many there may be.
        limit: u64,
    },
    /// The messages, or their replies, are too long for their framing.
    #[error(transparent)]
    TooLong(#[from] FrameError),
    /// There is nothing on the wire to be answered.
    #[error("a message of 0 bytes cannot be sent raw")]
    Nothing,
    /// The first message had no answer, or a wrong one.
    #[error("the first message was not answered as it should be: {0}")]
    First(String),
    /// A reply is wrong, or a connection was lost.
    #[error("connection {connection}, after {answered} replies on all of them: {what}")]
    Failed {
        /// Which connection, the first being 1.
        connection: usize,
        /// How many messages had been answered, on all connections.
        answered: u64,
        /// What happened, and what was expected.
        what: String,
    },
    /// The server has stopped answering.
    #[error(
        "no reply for {}, after {answered}; {waiting} connections wait for one",
        format_duration(*.limit)
    )]
    Stalled {
        /// How long.
        limit: Duration,
        /// How many messages had been answered.
        answered: u64,
        /// How many connections wait.
        waiting: usize,
    },
    /// The server's process cannot be looked at.
    #[error(transparent)]
    Usage(#[from] UsageError),
}

impl BenchError {
    /// The exit status that tells of it: 2 if an option is wrong, otherwise 1.
    pub fn status(&self) -> u8 {
        match self {
            Self::Foreign { .. } | Self::TooLong(_) | Self::Nothing => 2,
            Self::Connect(error) => error.status(),
            _ => 1,
        }
    }
}
