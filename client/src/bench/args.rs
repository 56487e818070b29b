//! The options of `framegate bench`. Its doc comments are the help text.

use std::time::Duration;

use clap::Args;
use net::units::{OptionalDuration, Size, number, positive};
use protocol::{FrameError, Framing, MessageKind};

use crate::bench::messages::Transport;
use crate::options::{ConnectArgs, KindArgs};
use crate::target::Target;

/// The target, the load and the output.
#[derive(Debug, Args)]
#[command(after_long_help = "Measurement:\n  \
    The load is closed-loop: each connection sends a message for each reply, and never has more \
    than --in-flight messages in flight. Latency is the time from writing a message to reading \
    the end of its reply. With many in flight, it is mostly the time that a message waits \
    behind the others: in flight x connections / rate.\n  \
    With --resume, each connection is a resumable session, and the report also has the time that \
    the service took, as the gateway measures it. A lost connection is an error all the same.\n  \
    Every reply is compared with the expected one, byte by byte. Messages differ from each \
    other, and connections begin with different ones.\n\n\
    Exit status: 0 if every reply was correct, 1 if not, 2 for an invalid option.")]
pub struct BenchArgs {
    /// The service to measure: tcp://HOST:PORT, tls://HOST:PORT, unix:PATH, ws://HOST:PORT/PATH, or
    /// wss://HOST:PORT/PATH
    #[arg(value_name = "TARGET")]
    pub(crate) target: Target,

    /// The number of connections, all under load
    #[arg(
        short,
        long,
        value_name = "N",
        default_value = "1",
        value_parser = positive::<u32>
    )]
    pub(super) connections: u32,

    /// The length of each message's payload, such as 32 or 64KiB; at most 1GiB
    #[arg(short, long, value_name = "SIZE", default_value = "32")]
    pub(super) size: Size,

    /// The number of messages that each connection keeps in flight
    ///
    /// One measures the round trip. Dozens measure throughput, as a server handles many messages
    /// at once.
    #[arg(
        short = 'f',
        long,
        value_name = "N",
        default_value = "1",
        value_parser = positive::<u32>
    )]
    pub(super) in_flight: u32,

    /// The length of the measurement, such as 500ms or 10s
    #[arg(short, long, value_name = "DURATION", default_value = "10s", value_parser = non_zero)]
    pub(super) duration: Duration,

    /// Measure N messages, on all connections together, instead of a duration
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        conflicts_with = "duration",
        value_parser = positive::<u64>
    )]
    pub(super) count: Option<u64>,

    /// The length of the load before the measurement, or 0
    ///
    /// Meanwhile, buffers grow, code is loaded and the processor reaches its full speed.
    #[arg(short, long, value_name = "DURATION", default_value = "1s")]
    pub(super) warm_up: OptionalDuration,

    /// The text before the payload in each reply [default: that of the first reply]
    #[arg(long, value_name = "TEXT")]
    pub(super) prefix: Option<String>,

    /// Also measure the processor time and memory of this server process
    ///
    /// Its child processes are included. Linux only.
    #[arg(long, value_name = "PID", value_parser = number::<u32>)]
    pub(super) server_pid: Option<u32>,

    /// The time without load before the memory is measured at the end, or 0
    ///
    /// All connections stay open, and answer keep-alive pings. Allocators return memory to the
    /// system with a delay: the gateway's takes some 25s.
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "0",
        requires = "server_pid"
    )]
    pub(super) idle: OptionalDuration,

    /// Print the report as a JSON object: seconds, bytes, latencies in microseconds
    #[arg(long)]
    pub(super) json: bool,

    /// Allow a target that is not this machine: only with its owner's consent
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

    /// Checks that the framing can carry messages of this length, and memory hold them.
    ///
    /// # Errors
    /// A [`FrameError`].
    pub(super) fn check_size(&self) -> Result<(), FrameError> {
        const MAX_SIZE: usize = 1 << 30;
        self.framing().check_len(self.size.0)?;
        match self.size.0 {
            len if len > MAX_SIZE => Err(FrameError::TooLong {
                len: len as u64,
                max: MAX_SIZE,
            }),
            _ => Ok(()),
        }
    }

    /// The longest first reply, in bytes: a message, and what a service puts around it.
    pub(super) fn max_reply(&self) -> usize {
        const MAX_PREFIX: usize = 64 << 20;
        self.size.0.saturating_add(MAX_PREFIX)
    }

    /// Returns true if messages have no boundaries.
    pub(super) fn is_raw(&self) -> bool {
        let is_message = matches!(self.transport(), Transport::WebSocketMessage(_));
        self.framing() == Framing::Raw && !is_message
    }

    pub(super) fn transport(&self) -> Transport {
        match (self.target.is_websocket(), self.connect.stream) {
            (false, _) => Transport::Stream,
            (true, true) => Transport::WebSocketStream,
            (true, false) if self.kind.text => Transport::WebSocketMessage(MessageKind::Text),
            (true, false) => Transport::WebSocketMessage(MessageKind::Binary),
        }
    }
}

fn non_zero(text: &str) -> Result<Duration, String> {
    let duration: OptionalDuration = text.parse().map_err(|error| format!("{error}"))?;
    let expected = "expected a duration such as 500ms, 30s or 5m";
    duration.get().ok_or_else(|| expected.into())
}
