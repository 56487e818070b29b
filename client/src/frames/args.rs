//! The options of `framegate frames`. Its doc comments are the help text.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use net::units::{Size, number};
use protocol::Framing;
use recording::Direction;

use crate::decode::{self, Decode};

/// The capture, its framing, and the output format.
#[derive(Debug, Args)]
#[command(after_long_help = "Input:\n  \
    One direction of a connection, from its first byte on: as nc, socat or a proxy saves it. \
    Hexadecimal is read as people write it: \"51 00\", \"5100\", \"0x51, 0x00\", and the dumps \
    of xxd and hexdump -C, also in UTF-16, as PowerShell saves them. From a packet capture, tshark \
    extracts a stream: tshark -r FILE -q -z follow,tcp,raw,0.\n\n\
    Guess:\n  \
    Without --framing, the likeliest framings of the first 64 KiB are listed, and the first \
    frames by the best one. Evidence is strong if it is hardly chance, weak if it may be.\n\n\
    Output:\n  \
    A line for each frame: its offset in the capture and its length, in bytes, and its message, \
    escaped and shortened.\n\n\
    Exit status: 0 if all frames are whole, 1 if one is broken or incomplete, or if no framing \
    is likely, 2 for an invalid option.")]
pub struct FramesArgs {
    /// The capture; "-", or none, is standard input
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,

    /// The framing of the capture, as of `framegate send` [default: guessed]
    #[arg(short, long, value_name = "FRAMING")]
    pub(super) framing: Option<Framing>,

    /// The framing of the first message, if it is another
    #[arg(long, value_name = "FRAMING", requires = "framing")]
    pub(super) first: Option<Framing>,

    /// The format of the capture
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "auto",
        conflicts_with = "session"
    )]
    pub(super) input: InputFormat,

    /// Read FILE as a recording, and take the session with this id, which has framing raw
    #[arg(
        short,
        long,
        value_name = "ID",
        value_parser = number::<u64>,
        requires_all = ["file", "direction"]
    )]
    pub(super) session: Option<u64>,

    /// The direction of the recorded session
    #[arg(short, long, value_name = "DIRECTION", requires = "session")]
    pub(super) direction: Option<SessionDirection>,

    /// Print the bytes of each frame below it, by their role in the frame
    #[arg(short, long, conflicts_with = "json")]
    wire: bool,

    #[arg(
        long,
        value_name = "FORMAT[:FILE]",
        help = decode::HELP,
        long_help = decode::LONG_HELP,
        conflicts_with = "json"
    )]
    pub(super) decode: Option<Decode>,

    /// Print a JSON object for each frame, with the message in base64
    #[arg(long)]
    json: bool,

    /// The longest message
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    pub(super) max_frame: Size,
}

/// The format of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum InputFormat {
    /// Hexadecimal if all of the beginning is, otherwise raw
    Auto,
    /// The bytes of the stream
    Raw,
    /// Hexadecimal digits, or a dump of xxd or hexdump -C
    Hex,
}

/// The direction of a recorded stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SessionDirection {
    /// From the client to the service
    Sent,
    /// From the service to the client
    Received,
}

impl From<SessionDirection> for Direction {
    fn from(direction: SessionDirection) -> Self {
        match direction {
            SessionDirection::Sent => Self::Sent,
            SessionDirection::Received => Self::Received,
        }
    }
}

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputFormat {
    Lines,
    Wire,
    Json,
}

impl FramesArgs {
    pub(super) fn format(&self) -> OutputFormat {
        match (self.wire, self.json) {
            (true, _) => OutputFormat::Wire,
            (_, true) => OutputFormat::Json,
            _ => OutputFormat::Lines,
        }
    }
}
