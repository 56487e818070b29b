//! The options of `framegate send`. Its doc comments are the help text.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use net::units::{OptionalDuration, Size, number, positive};
use protocol::MessageKind;

use crate::decode::{self, Decode};
use crate::options::{ConnectArgs, KindArgs, TargetArgs};

/// The messages, and the output format.
#[derive(Debug, Args)]
#[command(after_long_help = "Input:\n  \
    Each MESSAGE, then each --file; without either, each line of standard input. Each message \
    waits for the replies to the one before it. At a terminal, lines are typed at a prompt: \
    Up and Down recall earlier lines, Ctrl-C clears the line, Ctrl-D ends.\n\n\
    Output:\n  \
    Replies are printed as soon as they arrive, expected or not, and nothing else. Errors and \
    notes go to standard error.\n\n\
    Exit status: 0 if every message was answered and the connection ended normally, 1 if not, 2 \
    for an invalid option.")]
pub struct SendArgs {
    /// Messages to send
    #[arg(value_name = "MESSAGE")]
    pub(super) messages: Vec<OsString>,

    #[command(flatten)]
    pub(super) target: TargetArgs,

    /// Send the contents of FILE as one message; repeatable, "-" is standard input
    #[arg(short, long, value_name = "FILE")]
    pub(super) file: Vec<PathBuf>,

    /// Send each message N times
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        default_value = "1",
        value_parser = positive::<u64>
    )]
    pub(super) count: u64,

    /// The format in which replies are printed
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: Format,

    #[arg(
        long,
        value_name = "FORMAT[:FILE]",
        help = decode::HELP,
        long_help = decode::LONG_HELP,
        conflicts_with = "output"
    )]
    pub(super) decode: Option<Decode>,

    /// The number of replies to each message [default: 1, or 0 with --half-close]
    ///
    /// Any message that arrives while a reply is awaited counts as one.
    #[arg(short, long, value_name = "N", value_parser = number::<u64>)]
    replies: Option<u64>,

    /// Messages have no replies, as with --replies 0
    #[arg(long, conflicts_with = "replies")]
    no_reply: bool,

    /// After the last reply, print further messages until none arrives for DURATION
    ///
    /// 0 waits until the service closes the connection.
    #[arg(short, long, value_name = "DURATION")]
    pub(super) wait: Option<OptionalDuration>,

    /// After the last message, end the sending direction, and print replies until the service
    /// closes
    ///
    /// As nc -N does, for services that answer at the end of their input. Not for WebSockets,
    /// which have no half-close.
    #[arg(long)]
    pub(super) half_close: bool,

    /// Print to standard error the service's time for each reply, and each loss of the connection
    ///
    /// The service's time is the gateway's measurement, without the way to the gateway.
    #[arg(short, long, requires = "resume")]
    pub(super) verbose: bool,

    /// The longest reply, and the longest file or line to send
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    pub(super) max_frame: Size,

    #[command(flatten)]
    pub(super) connect: ConnectArgs,

    #[command(flatten)]
    kind: KindArgs,
}

/// The output format of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A line of text: bytes that are not UTF-8 are printed as \xNN, and at a terminal control
    /// and invisible characters are escaped too
    Text,
    /// A line of hexadecimal digits
    Hex,
    /// The bytes, without separators; at a terminal as text
    Raw,
}

impl SendArgs {
    /// The number of replies to each message.
    pub(super) fn replies(&self) -> u64 {
        let default = if self.no_reply || self.half_close {
            0
        } else {
            1
        };
        self.replies.unwrap_or(default)
    }

    /// The kind of WebSocket messages.
    pub(super) fn kind(&self) -> MessageKind {
        match self.kind.binary {
            true => MessageKind::Binary,
            false => MessageKind::Text,
        }
    }
}
