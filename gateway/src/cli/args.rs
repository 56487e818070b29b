//! The definition of the command line, for clap. Doc comments are the help text, the manual
//! pages and docs/configuration.md.

mod access;
mod limits;
mod observe;
mod resume;
mod tls;

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use client::ClientCommand;
use net::listen_address::{ListenAddress, ListenAddressError};
use protocol::Framing;

use self::access::AccessArgs;
pub(crate) use self::limits::LimitArgs;
pub(crate) use self::observe::ObserveArgs;
pub(crate) use self::resume::ResumeArgs;
pub(crate) use self::tls::TlsArgs;
use crate::cli::login_link::LoginLinkArgs;
use crate::config::LogFormat;
use crate::health::HealthArgs;
use crate::upstream::address::UpstreamConfig;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "framegate",
    version = env!("FRAMEGATE_VERSION"),
    about = "WebSocket-to-TCP gateway for framed services",
    long_about = "WebSocket-to-TCP gateway for framed services.\n\n\
        Bridges WebSocket messages to TCP frames and back, serves a page to talk to the service \
        and see every message byte by byte, and includes a TCP echo service. By default, a \
        frame is a 4-byte little-endian length and that many bytes of payload; see --framing.",
    after_long_help = "Environment:\n  \
        Each option has a FRAMEGATE_* variable.\n  \
        RUST_LOG  the log level: error, warn, info (default), debug, or trace, which includes \
        payloads\n\n\
        systemd: takes over the sockets called tcp, http and admin of socket units, any number of \
        each (socket activation), and supports Type=notify-reload (NOTIFY_SOCKET) and the watchdog \
        (WATCHDOG_USEC).\n\n\
        Exit status: 0 after Ctrl-C or SIGTERM, 130 after a second one, 1 if it cannot start, 2 for \
        a wrong option.",
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one")]
pub(crate) enum Command {
    /// Serve the bridge, the page and the echo service (the default command)
    Serve(ServeArgs),
    /// Print the options in force and the source of each
    ///
    /// The output is a configuration file for --config.
    Config(ServeArgs),
    #[command(flatten)]
    Client(ClientCommand),
    /// Print a link that logs a browser in at a gateway with --token-file
    ///
    /// The link works once at each gateway with this token that has been started before, for 10
    /// minutes. It is computed from the token, without a connection to the gateway.
    LoginLink(LoginLinkArgs),
    /// Ask a running gateway whether it is ready, for health checks
    Health(HealthArgs),
    /// Print a shell script that completes framegate's commands and options
    ///
    /// For example, for bash: framegate completions bash >
    /// ~/.local/share/bash-completion/completions/framegate
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages, one per command, into a folder
    Man {
        /// The folder, which has to exist
        ///
        /// man finds the pages if the folder is called man1 and MANPATH contains its parent.
        folder: PathBuf,
    },
}

impl Cli {
    /// The command to run; without a subcommand, `serve`.
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
            Self::Text => PossibleValue::new("text").help("Text for people"),
            Self::Json => PossibleValue::new("json").help("A JSON object per line, for programs"),
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// A configuration file: TOML, with option names as keys, as in max-frame = "1MiB"
    ///
    /// The environment overrides the file, and the command line overrides both.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_CONFIG")]
    pub(crate) config: Option<PathBuf>,

    /// The address of the echo service, or "off"; repeatable
    ///
    /// HOST:PORT or unix:PATH, as for --http. "off" needs an --upstream to bridge to.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FRAMEGATE_TCP",
        value_delimiter = ',',
        default_value = "127.0.0.1:9999"
    )]
    pub(crate) tcp: Vec<OptionalAddress>,

    /// The address of the page and the bridge; repeatable
    ///
    /// HOST:PORT, where port 0 selects a free port, and a host name, such as localhost, is listened
    /// on at each of its addresses; or unix:PATH[?mode=MODE], a Unix socket, to which the owner and
    /// the group of its file may connect, unless MODE sets other permissions (default: 660). Unix
    /// sockets have no TLS.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FRAMEGATE_HTTP",
        value_delimiter = ',',
        default_value = "127.0.0.1:3000"
    )]
    pub(crate) http: Vec<ListenAddress>,

    /// The address of health checks and metrics: /healthz, /readyz, /metrics [default: that of
    /// the page]; repeatable
    ///
    /// HOST:PORT or unix:PATH, as for --http. A separate admin listener requires no token, and
    /// keeps answering during a drain.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FRAMEGATE_ADMIN",
        value_delimiter = ','
    )]
    pub(crate) admin: Vec<ListenAddress>,

    /// An upstream: a service to bridge sessions to [default: the echo service]; repeatable
    ///
    /// [NAME=]ADDRESS[?KEY=VALUE&...]. ADDRESS is HOST:PORT, tls://HOST:PORT or unix:PATH. The
    /// upstream without a NAME is at /ws, the others at /ws/NAME. If every upstream has a name,
    /// /ws leads to the echo service, or with --tcp off to the first upstream. Each session
    /// connects on its own, so the service may start later. Settings: framing=FRAMING, as in
    /// --framing (default: u32le); first=FRAMING, of the first message each way if it is another,
    /// or first-sent=FRAMING and first-received=FRAMING for one way; subprotocol=NAME, repeatable, a WebSocket subprotocol that
    /// is confirmed to clients, besides binary and framegate (default: with framing=raw any, as
    /// the bytes pass through unchanged); compress=messages, which compresses each message to and
    /// from clients that offer permessage-deflate, or compress=takeover, which saves more and takes
    /// 300 KiB a session; proxy=v2, which begins each connection with a PROXY
    /// protocol header that contains the client's address. For tls:// also: ca=FILE, a PEM file
    /// of CAs to trust instead of the system's; fingerprint=SHA256, which trusts the certificate
    /// with this SHA-256 alone, whoever signed it; name=HOST, the server's name for SNI and its
    /// certificate, instead of the address's; cert=FILE and key=FILE, PEM files of a client
    /// certificate and its key. SIGHUP reads these files again.
    #[arg(
        long,
        value_name = "UPSTREAM",
        env = "FRAMEGATE_UPSTREAM",
        value_delimiter = ','
    )]
    pub(crate) upstream: Vec<UpstreamConfig>,

    /// The framing of the echo service
    ///
    /// A length prefix: u8, u16le, u16be and so on to u64be, each also with -inclusive for a
    /// length that counts the prefix itself, or varint. A delimiter: lines, crlf or nul. A
    /// picture of a frame, its parts in wire order with + between them and ... in the place of
    /// the body: counts of bytes of any kind, fixed bytes and a length, as in 1+u32be-inclusive,
    /// 4+u16be, 0x0b...0x1c0d or digits+0x20; also mllp, stx-etx, netstring and octet-counting.
    /// With whole: before it, a message is the whole frame. A value: json, msgpack, cbor, resp,
    /// bencode or ber. A head with Content-Length: lsp or headers. Byte stuffing: slip, cobs or
    /// hdlc. Messages of N bytes: fixedN. Or raw: a byte stream without frames, which comes back
    /// unchanged.
    #[arg(
        long,
        value_name = "FRAMING",
        env = "FRAMEGATE_FRAMING",
        default_value_t = Framing::default()
    )]
    pub(crate) framing: Framing,

    /// The prefix that the echo service adds to each payload; may be empty [default: "echo : "]
    ///
    /// It is empty if a prefix would break messages: with raw, fixedN, headers, whole:, values,
    /// and pictures with bytes of any kind.
    #[arg(long, value_name = "TEXT", env = "FRAMEGATE_PREFIX")]
    pub(crate) prefix: Option<String>,

    /// The format of the log, which goes to standard error
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
    pub(crate) resume: ResumeArgs,

    #[command(flatten)]
    pub(crate) access: AccessArgs,

    #[command(flatten)]
    pub(crate) tls: TlsArgs,

    #[command(flatten)]
    pub(crate) observe: ObserveArgs,
}

/// The address of a listener that can be switched off.
#[derive(Debug, Clone)]
pub(crate) enum OptionalAddress {
    On(ListenAddress),
    Off,
}

impl FromStr for OptionalAddress {
    type Err = ListenAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            addr => addr.parse().map(Self::On),
        }
    }
}
