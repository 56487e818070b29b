//! The options of `framegate bench`. Its doc comments are the help text.

use clap::Args;
use net::units::{Period, Size};
use protocol::Framing;
use protocol::MessageKind;

use crate::Target;
use crate::bench::messages::Carriage;
use crate::connection::Wire;
use crate::options::{ConnectArgs, KindArgs};

/// What to measure, and how.
#[derive(Debug, Args)]
#[command(after_long_help = "What is measured:\n  \
    The loop is closed: each connection sends as soon as it has a reply, and never has more \
    than --in-flight messages under way. Latency is the time from handing a message to the \
    system to reading the end of its reply, so with many in flight it is above all the time \
    that a message waits behind the others: in flight x connections / rate.\n  \
    Every reply is compared with what it should be, byte by byte. Messages differ from each \
    other, and connections begin with different ones.\n\n\
    Exit status: 0 if every message was answered as it should be, 1 if not, 2 for a wrong \
    option.")]
pub struct BenchArgs {
    /// What to measure: tcp://HOST:PORT, tls://HOST:PORT, unix:PATH, ws://HOST:PORT/PATH, or
    /// wss://HOST:PORT/PATH
    #[arg(value_name = "TARGET")]
    pub(crate) target: Target,

    /// How many connections are open, all of them at work
    #[arg(short, long, value_name = "N", default_value = "1", value_parser = at_least_one)]
    pub(super) connections: u32,

    /// How long the payload of a message is, as 32 or 64KiB
    #[arg(short, long, value_name = "SIZE", default_value = "32")]
    pub(super) size: Size,

    /// How many messages a connection has sent and not seen answered
    ///
    /// One is lock-step: it shows the round trip. Dozens show what a server does with many
    /// messages at once.
    #[arg(short = 'f', long, value_name = "N", default_value = "1", value_parser = at_least_one)]
    pub(super) in_flight: u32,

    /// How long to measure, as 500ms or 10s
    #[arg(short, long, value_name = "DURATION", default_value = "10s", value_parser = a_time)]
    pub(super) duration: Period,

    /// Measure this many messages, all connections together, however long they take
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        conflicts_with = "duration",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub(super) count: Option<u64>,

    /// How long to send before that without measuring, or 0
    ///
    /// Buffers grow, code is loaded and the processor gets up to speed meanwhile.
    #[arg(short, long, value_name = "DURATION", default_value = "1s")]
    pub(super) warm_up: Period,

    /// What replies have before the payload that was sent [default: what the first one has]
    #[arg(long, value_name = "TEXT")]
    pub(super) prefix: Option<String>,

    /// The server's process: also measure its processor time and memory
    ///
    /// With the processes that it has started. Linux only.
    #[arg(long, value_name = "PID")]
    pub(super) server_pid: Option<u32>,

    /// Print the figures as a JSON object: seconds, bytes, latencies in microseconds
    #[arg(long)]
    pub(super) json: bool,

    /// Load a host that is not this machine: only with its owner's consent
    #[arg(long)]
    pub(super) i_own_this_host: bool,

    #[command(flatten)]
    pub(super) connect: ConnectArgs,

    #[command(flatten)]
    kind: KindArgs,
}

impl BenchArgs {
    pub(super) fn framing(&self) -> Framing {
        self.connect.framing.unwrap_or_default()
    }

    /// Whether nothing tells messages apart.
    pub(super) fn is_raw(&self) -> bool {
        let is_message = matches!(self.carriage(), Carriage::Message(_));
        self.framing() == Framing::Raw && !is_message
    }

    /// How messages are carried.
    pub(super) fn carriage(&self) -> Carriage {
        match (self.target.is_websocket(), self.connect.stream) {
            (false, _) => Carriage::Frames,
            (true, true) => Carriage::Stream,
            (true, false) if self.kind.text => Carriage::Message(MessageKind::Text),
            (true, false) => Carriage::Message(MessageKind::Binary),
        }
    }

    /// What carries the first message.
    pub(super) fn wire(&self) -> Wire {
        Wire {
            framing: self.framing(),
            stream: self.connect.stream,
            max_len: None,
        }
    }
}

fn at_least_one(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("expected a number from 1 on".into()),
    }
}

fn a_time(text: &str) -> Result<Period, String> {
    let period: Period = text.parse().map_err(|error| format!("{error}"))?;
    match period.limit() {
        Some(_) => Ok(period),
        None => Err("expected a duration such as 500ms, 30s or 5m".into()),
    }
}
