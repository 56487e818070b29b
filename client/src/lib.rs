//! The client side: reaches a service as its users do, talks to it, and measures it.
//!
//! The serving side does not know it. The two share `protocol`, what they dial with, and how
//! endpoints, units and recordings are written.

mod bench;
mod connect;
mod connection;
mod escape;
mod options;
mod replay;
mod send;
mod target;
mod tls;

use clap::Subcommand;
use thiserror::Error;

pub use bench::{BenchArgs, BenchError};
pub use connect::ConnectError;
pub use replay::{ReplayArgs, ReplayError};
pub use send::{SendArgs, SendError};
pub use target::{Target, TargetError};

/// What a client is asked to do.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Send messages to a service, and print its replies
    Send(SendArgs),
    /// Send recorded messages to a service again, and compare the replies
    Replay(ReplayArgs),
    /// Load a service with messages, check every reply, and measure
    Bench(BenchArgs),
}

/// Why it was not done.
#[derive(Debug, Error)]
#[error(transparent)]
pub enum ClientError {
    /// Of [`ClientCommand::Send`].
    Send(#[from] SendError),
    /// Of [`ClientCommand::Replay`].
    Replay(#[from] ReplayError),
    /// Of [`ClientCommand::Bench`].
    Bench(#[from] BenchError),
}

impl ClientCommand {
    /// Does it, and prints what comes of it.
    ///
    /// # Errors
    /// [`ClientError`], which has the exit status that tells of it.
    pub async fn run(self) -> Result<(), ClientError> {
        match self {
            Self::Send(args) => send::run(args).await?,
            Self::Replay(args) => replay::run(args).await?,
            Self::Bench(args) => bench::run(args).await?,
        }
        Ok(())
    }
}

impl ClientError {
    /// The exit status that tells of it: 2 if an option is wrong, otherwise 1.
    pub fn status(&self) -> u8 {
        match self {
            Self::Send(error) => error.status(),
            Self::Replay(error) => error.status(),
            Self::Bench(error) => error.status(),
        }
    }
}
