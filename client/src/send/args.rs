//! The options of `framegate send`. Its doc comments are the help text.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use net::units::{Period, Size};
use protocol::MessageKind;

use crate::connection::Wire;
use crate::options::{ConnectArgs, KindArgs, TargetArgs};

/// What to send, and what to print.
#[derive(Debug, Args)]
#[command(after_long_help = "What is sent:\n  \
    Each MESSAGE, then each --file; or else each line of standard input. One message is sent \
    at a time, and the next once it is answered. At a terminal, without either, lines are \
    typed: Up and Down bring back earlier ones, Ctrl-C clears the line, Ctrl-D ends.\n\n\
    What is printed:\n  \
    Replies and nothing else, as soon as they are there, also those that nobody asked for. \
    All else is said on standard error.\n\n\
    Exit status: 0 if every message was answered, 1 if not, 2 for a wrong option.")]
pub struct SendArgs {
    /// What to send: each is a message
    #[arg(value_name = "MESSAGE")]
    pub(super) messages: Vec<OsString>,

    #[command(flatten)]
    pub(super) target: TargetArgs,

    /// Send all of FILE as one message; repeatable, "-" is standard input
    #[arg(short, long, value_name = "FILE")]
    pub(super) file: Vec<PathBuf>,

    /// Send each message so many times
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        default_value = "1",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub(super) count: u64,

    /// How replies are printed
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: Format,

    /// How many replies a message has
    ///
    /// One that comes unasked while a reply is awaited is taken for it.
    #[arg(short, long, value_name = "N", default_value = "1")]
    replies: u64,

    /// Messages have no replies: the same as --replies 0
    #[arg(long, conflicts_with = "replies")]
    no_reply: bool,

    /// After the last reply, print what else comes until there was nothing for so long
    ///
    /// 0 waits until the service closes the connection.
    #[arg(short, long, value_name = "DURATION")]
    pub(super) wait: Option<Period>,

    /// The longest reply that is taken
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    max_frame: Size,

    #[command(flatten)]
    pub(super) connect: ConnectArgs,

    #[command(flatten)]
    kind: KindArgs,
}

/// How a reply is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A line, in which a byte that is not UTF-8 is \xNN; at a terminal, control characters
    /// are too
    Text,
    /// A line of hexadecimal digits
    Hex,
    /// Its bytes, and nothing between two
    Raw,
}

impl SendArgs {
    /// How many replies each message has.
    pub(super) fn replies(&self) -> u64 {
        if self.no_reply { 0 } else { self.replies }
    }

    /// As what messages are sent over a WebSocket.
    pub(super) fn kind(&self) -> MessageKind {
        match self.kind.binary {
            true => MessageKind::Binary,
            false => MessageKind::Text,
        }
    }

    /// What carries them.
    pub(super) fn wire(&self) -> Wire {
        Wire {
            framing: self.connect.framing.unwrap_or_default(),
            stream: self.connect.stream,
            max_len: Some(self.max_frame.0),
        }
    }
}
