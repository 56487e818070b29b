//! Clients of framed TCP services and of WebSocket bridges: `send`, `replay`, `bench` and
//! `frames`.
//!
//! Each is a subcommand with its clap options, so that any program can have it:
//!
//! ```no_run
//! use clap::Parser;
//! use client::{ClientCommand, ClientError};
//!
//! #[derive(Parser)]
//! struct Args {
//!     #[command(subcommand)]
//!     command: ClientCommand,
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), ClientError> {
//!     let args = Args::parse_from(["example", "send", "--to", "tcp://127.0.0.1:9999", "hello"]);
//!     args.command.run().await
//! }
//! ```
//!
//! The modules, from the command line to the socket:
//!
//! - `send`: messages from arguments, files or a prompt; prints the replies
//! - `replay`: the messages of a recording; compares the replies with the recorded ones
//! - `bench`: a closed-loop load generator; checks every reply, reports rates and latencies
//! - `frames`: cuts a captured byte stream into frames, or guesses its framing
//! - `decode`: the fields of messages, for `send` and `frames`
//! - `options`, `handshake`, `secret`: the options that they share
//! - `connection`: sends and receives messages; `wire_format` says how they are framed
//! - `message_socket`: the messages of a WebSocket, plain or with a resumable session
//! - [`resumable`]: a session that outlives its connections, also for other programs
//! - `connect`: name lookup, TCP, TLS and the WebSocket handshake
//! - `target`: the URL of a service
//! - `escape`, `output`, `read`: printed payloads, standard output, and files
//!
//! The crate knows no server. What it shares with one is in the crates `protocol`, `net` and
//! `recording`.

mod bench;
mod connect;
mod connection;
mod connection_error;
mod decode;
mod escape;
mod frames;
mod handshake;
mod message_socket;
mod options;
mod output;
mod read;
mod replay;
pub mod resumable;
mod secret;
mod send;
mod target;
mod wire_format;

use clap::Subcommand;
use thiserror::Error;

pub use bench::{BenchArgs, BenchError};
pub use connect::ConnectError;
pub use frames::{FramesArgs, FramesError};
pub use handshake::HandshakeError;
pub use output::OutputError;
pub use replay::{ReplayArgs, ReplayError};
pub use send::{SendArgs, SendError};
pub use target::{Target, TargetError};

/// A subcommand, and its options.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Send messages to a service, and print its replies
    Send(SendArgs),
    /// Send recorded messages to a service again, and compare the replies
    Replay(ReplayArgs),
    /// Load a service with messages, check every reply, and measure
    Bench(BenchArgs),
    /// Cut a captured byte stream into frames, or guess its framing
    Frames(FramesArgs),
}

/// An error of a subcommand.
#[derive(Debug, Error)]
#[error(transparent)]
pub enum ClientError {
    /// Of [`ClientCommand::Send`].
    Send(#[from] SendError),
    /// Of [`ClientCommand::Replay`].
    Replay(#[from] ReplayError),
    /// Of [`ClientCommand::Bench`].
    Bench(#[from] BenchError),
    /// Of [`ClientCommand::Frames`].
    Frames(#[from] FramesError),
}

impl ClientCommand {
    /// Runs the subcommand, which prints its results to standard output.
    ///
    /// # Errors
    /// [`ClientError`], with the exit status for it.
    pub async fn run(self) -> Result<(), ClientError> {
        match self {
            Self::Send(args) => send::run(args).await?,
            Self::Replay(args) => replay::run(args).await?,
            Self::Bench(args) => bench::run(args).await?,
            Self::Frames(args) => frames::run(&args)?,
        }
        Ok(())
    }
}

impl ClientError {
    /// The exit status of the process: 2 for an invalid option, otherwise 1.
    pub fn status(&self) -> u8 {
        let is_usage_error = match self {
            Self::Send(SendError::Connect(error))
            | Self::Replay(ReplayError::Connect(error))
            | Self::Bench(BenchError::Connect(error)) => error.is_usage_error(),
            Self::Send(SendError::HalfClose(_))
            | Self::Replay(ReplayError::NoSession { .. })
            | Self::Frames(FramesError::NoSession { .. } | FramesError::NotRaw { .. })
            | Self::Bench(
                BenchError::RemoteHost { .. }
                | BenchError::Frame(_)
                | BenchError::NoMessage { .. }
                | BenchError::EmptyRawMessage,
            ) => true,
            _ => false,
        };
        if is_usage_error { 2 } else { 1 }
    }
}
