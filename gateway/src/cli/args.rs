//! The command line, as clap reads it. Its doc comments are the help text.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use client::ClientCommand;
use net::endpoint::{Endpoint, EndpointError};
use net::units::{OptionalDuration, Size};
use protocol::Framing;

use crate::access::{AllowedHost, AllowedOrigin};
use crate::config::LogFormat;
use crate::listener::trusted_proxy::TrustedProxy;
use crate::upstream::address::UpstreamConfig;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "framegate",
    version = env!("FRAMEGATE_VERSION"),
    about = "Joins browsers to framed TCP services",
    long_about = "Joins browsers to framed TCP services.\n\n\
        Serves a TCP echo service, bridges WebSocket messages to TCP frames and back, and \
        serves a page to talk to the service and see every message byte by byte. A frame is \
        a 4-byte little-endian length and that many bytes of payload, unless another framing \
        is chosen.",
    after_long_help = "Environment:\n  \
        Each option can be given as its FRAMEGATE_* variable.\n  \
        RUST_LOG  what to log, to standard error: error, warn, info (default), debug, or trace, \
        which alone shows payloads\n\n\
        Under systemd: sockets called tcp, http and admin are taken over from a socket unit; \
        NOTIFY_SOCKET and WATCHDOG_USEC are heeded.\n\n\
        Exit status: 0 after Ctrl-C or SIGTERM, 1 if it cannot start, 2 for a wrong option.",
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the echo service, the bridge and the page (also without naming it)
    Serve(ServeArgs),
    /// Print the options that are in force, and where each comes from
    ///
    /// What it prints is a file for --config.
    Config(ServeArgs),
    #[command(flatten)]
    Client(ClientCommand),
    /// Print what makes a shell complete framegate's options
    ///
    /// For bash, as one example: framegate completions bash >
    /// ~/.local/share/bash-completion/completions/framegate
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages, one for each command, into a folder
    Man {
        /// The folder, which has to be there; man finds it if MANPATH names its parent
        folder: PathBuf,
    },
}

impl Cli {
    /// What is asked for: to serve, if nothing is named.
    pub(crate) fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

impl ValueEnum for LogFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Json]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Text => PossibleValue::new("text").help("Lines for people"),
            Self::Json => PossibleValue::new("json").help("A JSON object a line, for programs"),
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// A TOML file with options, named as here: max-frame = "1MiB"
    ///
    /// The environment wins over the file, and the command line over both.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_CONFIG")]
    pub(crate) config: Option<PathBuf>,

    /// Where the echo service listens, or "off"
    ///
    /// Port 0 takes a free one. "off" needs an --upstream to bridge to.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FRAMEGATE_TCP",
        default_value = "127.0.0.1:9999"
    )]
    pub(crate) tcp: Switch,

    /// Where the page and the bridge listen
    ///
    /// Port 0 takes a free one.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FRAMEGATE_HTTP",
        default_value = "127.0.0.1:3000"
    )]
    pub(crate) http: Endpoint,

    /// Where /healthz, /readyz and /metrics are served [default: beside the page]
    ///
    /// An address of their own is open to whoever reaches it, needs no token, and goes on
    /// telling during a drain. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR", env = "FRAMEGATE_ADMIN")]
    pub(crate) admin: Option<Endpoint>,

    /// A service that WebSocket sessions are bridged to [default: the echo service]; repeatable
    ///
    /// [NAME=]ADDRESS[?KEY=VALUE&...]. ADDRESS is HOST:PORT, tls://HOST:PORT or unix:PATH. The
    /// one without a NAME is at /ws, the others at /ws/NAME; the echo service, while it is on
    /// and no other is without a name, stays at /ws. It need not be up at start: it is dialled
    /// once for each session. Settings: framing=NAME, which is u32le by default, u8 to u64be,
    /// varint, lines, crlf, nul or raw; ca=FILE, for tls, whom to trust instead of those whom
    /// the system does; proxy=v2, to begin with a PROXY header that tells the client's address.
    #[arg(
        long,
        value_name = "UPSTREAM",
        env = "FRAMEGATE_UPSTREAM",
        value_delimiter = ','
    )]
    pub(crate) upstream: Vec<UpstreamConfig>,

    /// How the echo service tells messages apart
    ///
    /// A length of 8, 16, 24, 32 or 64 bits, such as u32le, u24be or u16be-inclusive, which
    /// counts itself too; varint, lines, crlf or nul; or raw: no messages, every byte comes back.
    #[arg(
        long,
        value_name = "NAME",
        env = "FRAMEGATE_FRAMING",
        default_value = Framing::default().name()
    )]
    pub(crate) framing: Framing,

    /// What the echo service puts before each payload; may be empty [default: "echo : "]
    ///
    /// With --framing raw there are no payloads to put it before: then it is empty.
    #[arg(long, value_name = "TEXT", env = "FRAMEGATE_PREFIX")]
    pub(crate) prefix: Option<String>,

    /// How log lines are written to standard error
    #[arg(
        long,
        value_name = "FORMAT",
        env = "FRAMEGATE_LOG_FORMAT",
        default_value = "text"
    )]
    pub(crate) log_format: LogFormat,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    #[command(flatten)]
    pub(crate) access: AccessArgs,

    #[command(flatten)]
    pub(crate) tls: TlsArgs,

    #[command(flatten)]
    pub(crate) observe: ObserveArgs,
}

/// A listener that can be left out.
#[derive(Debug, Clone)]
pub(crate) enum Switch {
    On(Endpoint),
    Off,
}

impl FromStr for Switch {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            addr => addr.parse().map(Self::On),
        }
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits (sizes as 64KiB, durations as 30s, 0 for none)")]
pub(crate) struct LimitArgs {
    /// The longest payload that a client may send
    ///
    /// A longer one is refused when it is announced, before memory is taken for it: TCP
    /// clients are disconnected, WebSocket clients closed with 1009. The default is above
    /// any message that people type, and a hundred of them fit into memory.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FRAMEGATE_MAX_FRAME",
        default_value = "16MiB"
    )]
    pub(crate) max_frame: Size,

    /// How many connections may be open at once, on both listeners together
    ///
    /// One more is refused at once: HTTP by 503, TCP by closing. The limit on open files is
    /// raised to match, as far as the system allows.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_MAX_CONNECTIONS",
        default_value = "10000"
    )]
    pub(crate) max_connections: usize,

    /// How many of them may come from one address
    ///
    /// None by default, because all users behind one proxy or NAT share its address.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_MAX_CONNECTIONS_PER_IP",
        default_value = "0"
    )]
    pub(crate) max_connections_per_ip: usize,

    /// How long a peer may be silent, or take nothing of what it is sent
    ///
    /// Also in the middle of a frame. A WebSocket client shows that it is there by
    /// answering pings; other TCP clients have to send something.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_IDLE_TIMEOUT",
        default_value = "5m"
    )]
    pub(crate) idle_timeout: OptionalDuration,

    /// How long a WebSocket client is silent before it is pinged
    ///
    /// The default is below the minute after which many proxies drop a silent connection.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_PING_INTERVAL",
        default_value = "20s"
    )]
    pub(crate) ping_interval: OptionalDuration,

    /// How long the upstream may take to accept a connection
    ///
    /// The default leaves time for two lost SYNs.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_CONNECT_TIMEOUT",
        default_value = "5s"
    )]
    pub(crate) connect_timeout: OptionalDuration,

    /// How long what is owed may take after Ctrl-C or SIGTERM, before the rest is cut
    ///
    /// The default is below the 30 seconds after which most supervisors kill.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_DRAIN_TIMEOUT",
        default_value = "10s"
    )]
    pub(crate) drain_timeout: OptionalDuration,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Access")]
pub(crate) struct AccessArgs {
    /// An origin whose pages may open WebSockets, besides the gateway's own; repeatable
    ///
    /// As a browser names it: scheme, host, and port if it is not the usual one; "*" for any.
    /// Requests without an origin do not come from a page, and are let in.
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "FRAMEGATE_ALLOW_ORIGIN",
        value_delimiter = ','
    )]
    pub(crate) allow_origin: Vec<AllowedOrigin>,

    /// Refuse WebSockets to whoever names no origin: to all that is no browser
    #[arg(
        long,
        value_name = "BOOL",
        env = "FRAMEGATE_REQUIRE_ORIGIN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false"
    )]
    pub(crate) require_origin: bool,

    /// A host name to be reached by, besides localhost and addresses; repeatable
    ///
    /// "*" for any. A request for another name is refused: a foreign site could have
    /// pointed its name here, to have its pages taken for the gateway's own (DNS rebinding).
    #[arg(
        long,
        value_name = "HOST",
        env = "FRAMEGATE_ALLOW_HOST",
        value_delimiter = ','
    )]
    pub(crate) allow_host: Vec<AllowedHost>,

    /// A reverse proxy that is believed on whom it speaks for; repeatable
    ///
    /// An address, or a network such as 10.0.0.0/8. Its X-Forwarded-Host and
    /// X-Forwarded-Proto are then what Host and Origin are checked against, and the last
    /// foreign address in X-Forwarded-For is logged as the client. It has to set or remove
    /// all three: what a client sends in them must not get through. With --proxy-protocol
    /// it is also believed on whose connections it passes on.
    #[arg(
        long,
        value_name = "NET",
        env = "FRAMEGATE_TRUSTED_PROXY",
        value_delimiter = ','
    )]
    pub(crate) trusted_proxy: Vec<TrustedProxy>,

    /// Expect a PROXY header from each --trusted-proxy, and refuse one from anybody else
    ///
    /// Of version 1 or 2, before all else, TLS included, on the connections to the page, the
    /// bridge and the echo service. Whom it names is then the client in the log and for
    /// --max-connections-per-ip, and is not trusted with X-Forwarded-* itself. Connections to
    /// --admin go without.
    #[arg(
        long,
        value_name = "BOOL",
        env = "FRAMEGATE_PROXY_PROTOCOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false"
    )]
    pub(crate) proxy_protocol: bool,

    /// Ask for the token in FILE before the page, the bridge and the metrics
    ///
    /// One line of at least 16 characters. Programs send it as Authorization: Bearer TOKEN;
    /// a browser gets a cookie, by the link that is printed at the start and works once, or
    /// by entering the token.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "TLS, for the page and the bridge")]
pub(crate) struct TlsArgs {
    /// The server's certificate and those that vouch for it, in PEM
    ///
    /// Read again, with the key, at SIGHUP: for the connections to come.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TLS_CERT")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TLS_KEY")]
    pub(crate) tls_key: Option<PathBuf>,

    /// Make a certificate at each start, to try TLS out: browsers will warn of it
    #[arg(
        long,
        value_name = "BOOL",
        env = "FRAMEGATE_TLS_SELF_SIGNED",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false"
    )]
    pub(crate) tls_self_signed: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Recording and monitoring")]
pub(crate) struct ObserveArgs {
    /// Let the page show all clients and their messages, live
    ///
    /// Those of the echo service and of the bridge; programs have them at /api/monitor, as
    /// server-sent events. Whoever may open the page may then see what others send and
    /// receive.
    #[arg(
        long,
        value_name = "BOOL",
        env = "FRAMEGATE_MONITOR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false"
    )]
    pub(crate) monitor: bool,

    /// Append the messages of all sessions to FILE, a JSON object a line
    ///
    /// With their times, and when sessions open and close; echo clients are not sessions. The
    /// bridge never waits for the disk: messages that come faster than they are written are
    /// left out, and counted in the file and in /metrics. Only its owner may read the file. It
    /// is opened again at SIGHUP.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_RECORD")]
    pub(crate) record: Option<PathBuf>,

    /// How long the file may become before another is begun; 0 for any length
    ///
    /// FILE then becomes FILE.1, that FILE.2, and so on. A session may go on in the next file.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FRAMEGATE_RECORD_MAX_SIZE",
        default_value = "100MiB"
    )]
    pub(crate) record_max_size: Size,

    /// How many older files are kept
    ///
    /// With the default, all of them together stay below 1 GiB.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_RECORD_KEEP",
        default_value = "9"
    )]
    pub(crate) record_keep: usize,
}
