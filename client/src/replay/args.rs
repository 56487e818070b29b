//! The options of `framegate replay`. Its doc comments are the help text.

use std::path::PathBuf;

use clap::Args;
use net::units::{Size, number};

use crate::options::{ConnectArgs, TargetArgs};

/// The recording, the target and the comparison.
#[derive(Debug, Args)]
#[command(after_long_help = "Sending:\n  \
    Each session has its own connection, opened at its recorded time. A message is sent at its \
    recorded time, counted from the start of the first session, and not before all earlier \
    replies have arrived.\n\n\
    Comparing:\n  \
    The replies of each session, in order and byte by byte; with framing raw, as one byte \
    stream. Over WebSockets, also the kind of each reply, text or binary. At the end of the \
    session, the side that ends it, and over WebSockets the close code, but not the reason. An \
    end by another code than 1000 or 1001 that is not recorded is always a difference. \
    Each difference is printed as a line: session, message, line of FILE, expected, got.\n\n\
    Exit status: 0 if all is as recorded, 1 if not, or on failure, 2 for an invalid \
    option.")]
pub struct ReplayArgs {
    /// A recording, written by framegate --record
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) target: TargetArgs,

    /// Replay only the session with this id; repeatable
    #[arg(short, long, value_name = "ID", value_parser = number::<u64>)]
    pub(super) session: Vec<u64>,

    /// Send each message as soon as all earlier replies have arrived
    ///
    /// A session still waits for the end of sessions that had ended before it began.
    #[arg(short, long)]
    pub(super) fast: bool,

    /// Compare only bytes, not the kinds of messages and the ends of sessions
    ///
    /// Both can depend on timing: a gateway's reply has the kind of the client's latest
    /// message, and either side may be the first to end a session.
    #[arg(long)]
    pub(super) bytes_only: bool,

    /// The longest message, recorded or received, that is accepted
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    pub(super) max_frame: Size,

    #[command(flatten)]
    pub(super) connect: ConnectArgs,
}
