//! The options of `framegate replay`. Its doc comments are the help text.

use std::path::PathBuf;

use clap::Args;
use protocol::Framing;

use crate::connection::Wire;
use crate::options::{ConnectArgs, TargetArgs};

/// What to send again, and where to.
#[derive(Debug, Args)]
#[command(after_long_help = "What is sent:\n  \
    Each session has a connection of its own, opened when it was. A message is sent at its \
    time, counted from the beginning of the first session, and once all the replies that had \
    come before it have come again.\n\n\
    What is compared:\n  \
    The replies of a session, in order, byte by byte; what is raw, wherever it is cut. Over \
    WebSockets, also whether a reply is text or binary. At its end, whether it is the service \
    that ends it, as recorded, and over WebSockets with which close code; its reason may be \
    another. Each difference is a line: session, message, line of FILE, what was recorded and \
    what came.\n\n\
    Exit status: 0 if all is as recorded, 1 if not, or if it fails, 2 for a wrong \
    option.")]
pub struct ReplayArgs {
    /// A recording, as framegate --record made it
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) target: TargetArgs,

    /// Send the messages of this session alone; repeatable
    #[arg(short, long, value_name = "ID")]
    pub(super) session: Vec<u64>,

    /// Send as fast as the replies allow
    ///
    /// A session still begins only when those are over that had ended before it.
    #[arg(short, long)]
    pub(super) fast: bool,

    /// Compare bytes alone, neither kinds nor ends
    ///
    /// Both can be chance: a gateway's reply is of the kind of the client's latest message,
    /// and either side may be the first to end a session.
    #[arg(long)]
    pub(super) bytes_only: bool,

    #[command(flatten)]
    pub(super) connect: ConnectArgs,
}

impl ReplayArgs {
    /// What carries messages that were recorded in `framing`.
    pub(super) fn wire(&self, framing: Framing) -> Wire {
        Wire {
            framing: self.connect.framing.unwrap_or(framing),
            stream: self.connect.stream,
            max_len: None,
        }
    }
}
