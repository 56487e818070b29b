//! The definition of the command line, for clap. Doc comments are the help text, the manual
//! pages and docs/configuration.md.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use client::ClientCommand;
use net::listen_address::{ListenAddress, ListenAddressError};
use net::units::{OptionalDuration, Size};
use protocol::Framing;

use crate::access::{AllowedHost, AllowedOrigin};
use crate::cli::login_link::PageUrl;
use crate::config::LogFormat;
use crate::health::HealthArgs;
use crate::listener::trusted_proxy::TrustedProxy;
use crate::resume::options::GatewayId;
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

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits (sizes as 64KiB, durations as 30s; 0 disables)")]
pub(crate) struct LimitArgs {
    /// The longest payload that a client may send
    ///
    /// A longer payload is refused as soon as its header announces it, before memory is
    /// allocated: TCP clients are disconnected, WebSocket clients are closed with 1009. This
    /// limit cannot be disabled.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FRAMEGATE_MAX_FRAME",
        default_value = "16MiB"
    )]
    pub(crate) max_frame: Size,

    /// The most open connections, on both listeners together
    ///
    /// Beyond it, HTTP clients get 503, and TCP clients are disconnected. The limit on open files
    /// is raised to match, as far as the system allows. The --admin listener is not counted.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_MAX_CONNECTIONS",
        default_value = "10000"
    )]
    pub(crate) max_connections: usize,

    /// The most open connections from one IP address
    ///
    /// Disabled by default, because all users behind one proxy or NAT share its address. All peers
    /// on Unix sockets are one address, unless --proxy-protocol tells their clients'.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_MAX_CONNECTIONS_PER_IP",
        default_value = "0"
    )]
    pub(crate) max_connections_per_ip: usize,

    /// Idle timeout: the longest time without a sign of life from a peer
    ///
    /// Also the longest time without progress in the middle of a frame, or in writing to a peer.
    /// WebSocket clients stay connected by answering keep-alive pings; clients of the echo service
    /// have to send something, or to take replies. Upstreams may be idle.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_IDLE_TIMEOUT",
        default_value = "5m"
    )]
    pub(crate) idle_timeout: OptionalDuration,

    /// The time without bytes from a WebSocket client before it is sent a keep-alive ping
    /// [default: 20s, or a third of --idle-timeout if that is less]
    ///
    /// Has to be shorter than the idle timeout. Many proxies drop connections that are idle for
    /// a minute.
    #[arg(long, value_name = "DURATION", env = "FRAMEGATE_PING_INTERVAL")]
    pub(crate) ping_interval: Option<OptionalDuration>,

    /// The time that a WebSocket client has to answer a keep-alive ping [default: that of
    /// --ping-interval, but at least 5s]
    ///
    /// It begins anew while the client takes messages, and allows for those that are on their
    /// way.
    #[arg(long, value_name = "DURATION", env = "FRAMEGATE_PING_TIMEOUT")]
    pub(crate) ping_timeout: Option<OptionalDuration>,

    /// The longest time to connect to an upstream
    ///
    /// With the look-up of its name and the TLS handshake. The default allows for two lost SYNs.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_CONNECT_TIMEOUT",
        default_value = "5s"
    )]
    pub(crate) connect_timeout: OptionalDuration,

    /// Drain timeout: the longest graceful shutdown after Ctrl-C or SIGTERM
    ///
    /// A drain accepts nothing new, answers messages that have arrived and closes sessions with
    /// 1001; then the remaining connections are cut. Many supervisors kill a process after 30
    /// seconds.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_DRAIN_TIMEOUT",
        default_value = "10s"
    )]
    pub(crate) drain_timeout: OptionalDuration,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Resumable sessions (subprotocol framegate.1)")]
pub(crate) struct ResumeArgs {
    /// The time that a session waits for a client that lost its connection; 0 disables resumable
    /// sessions
    ///
    /// The upstream's connection stays open, and counts for --max-connections. A client that comes
    /// back in time gets every message once, as if nothing had happened. Most losses are over
    /// within seconds; the default allows for a walk through a tunnel.
    #[arg(
        long,
        value_name = "DURATION",
        env = "FRAMEGATE_RESUME_TIMEOUT",
        default_value = "60s"
    )]
    pub(crate) resume_timeout: OptionalDuration,

    /// The window of a session: the most bytes to a client that it has not acknowledged
    ///
    /// They are kept in memory, to be sent again. A client that acknowledges none holds the
    /// upstream back: this is backpressure up to the page's code. One longer message is kept all
    /// the same.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FRAMEGATE_RESUME_BUFFER",
        default_value = "256KiB"
    )]
    pub(crate) resume_buffer: Size,

    /// The most bytes that all detached sessions keep together
    ///
    /// Beyond it, the session that lost its client first ends: that client is the least likely to
    /// come back.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FRAMEGATE_RESUME_MEMORY",
        default_value = "64MiB"
    )]
    pub(crate) resume_memory: Size,

    /// The id of this gateway among several, at the beginning of its sessions' tokens [default: a
    /// random one]
    ///
    /// A load balancer sends a returning client to its gateway by it: letters, digits, - and _, 32
    /// at most.
    #[arg(long, value_name = "ID", env = "FRAMEGATE_GATEWAY_ID")]
    pub(crate) gateway_id: Option<GatewayId>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Access control")]
pub(crate) struct AccessArgs {
    /// Allow-list of origins whose pages may open WebSockets, besides the gateway's own;
    /// repeatable
    ///
    /// As in a browser's Origin header: scheme, host, and the port unless it is the scheme's
    /// default. "*." before the name, as in "https://*.app.example", allows all names below
    /// app.example, of one label or more, and not app.example itself; "*" allows any. Prevents
    /// cross-site WebSocket hijacking. Requests without an Origin header do not come from a
    /// page, and are allowed; see --require-origin.
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "FRAMEGATE_ALLOW_ORIGIN",
        value_delimiter = ','
    )]
    pub(crate) allow_origin: Vec<AllowedOrigin>,

    /// Refuse WebSockets without an Origin header, as programs open them
    ///
    /// Also subscriptions of the live feed that come from no browser's page. A program can send an
    /// allowed Origin all the same: this is no authentication.
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

    /// Allow-list of host names of the gateway, besides localhost and IP addresses; repeatable
    ///
    /// Without scheme and port. *.example.com allows all names below example.com, of one label or
    /// more, and not example.com itself; "*" allows any. A request with another Host header is
    /// refused, except for /healthz and /readyz. Prevents DNS rebinding: a foreign site that
    /// points its own name at this address, so that the browser takes its pages for the
    /// gateway's.
    #[arg(
        long,
        value_name = "HOST",
        env = "FRAMEGATE_ALLOW_HOST",
        value_delimiter = ','
    )]
    pub(crate) allow_host: Vec<AllowedHost>,

    /// Allow-list of trusted proxies, whose forwarded headers are believed; repeatable
    ///
    /// An IP address, a network such as 10.0.0.0/8, or "unix" for all peers on Unix sockets. Host
    /// and Origin are checked against the proxy's X-Forwarded-Host and X-Forwarded-Proto. The last
    /// address in X-Forwarded-For that is not a trusted proxy's, with or without a port, is the
    /// client that is logged and that ?proxy=v2 tells the upstream. The proxy has to set or remove
    /// all three headers, so that clients cannot forge them. See also --proxy-protocol.
    #[arg(
        long,
        value_name = "NET",
        env = "FRAMEGATE_TRUSTED_PROXY",
        value_delimiter = ','
    )]
    pub(crate) trusted_proxy: Vec<TrustedProxy>,

    /// Require a PROXY protocol header from each --trusted-proxy, and refuse one from others
    ///
    /// Version 1 or 2, at the beginning of each connection to the page, the bridge and the echo
    /// service, before TLS. The client in the header is the one that is logged and counted for
    /// --max-connections-per-ip; X-Forwarded-* headers are then not believed, because they are the
    /// client's own. The --admin listener does not use the PROXY protocol.
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

    /// Require the token in FILE for the page, the bridge and the metrics, except on --admin
    ///
    /// One line of at least 16 characters. Programs send Authorization: Bearer TOKEN. Browsers
    /// log in by entering the token, or by a link, which works once, for 10 minutes: it is
    /// printed at start at a terminal, and by framegate login-link. They get a cookie for a day.
    /// An address with more than 4 wrong tokens has to wait for up to a minute between guesses.
    /// Pages of other sites, see --allow-origin, offer the subprotocols framegate and
    /// framegate.token.BASE64URL, with the token in base64url without padding.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct LoginLinkArgs {
    /// The file with the gateway's token
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TOKEN_FILE")]
    pub(crate) token_file: PathBuf,

    /// The URL of the page, as in the browser's address bar
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:3000/")]
    pub(crate) page: PageUrl,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "TLS for the page and the bridge")]
pub(crate) struct TlsArgs {
    /// The certificate chain, the server's certificate first, in PEM
    ///
    /// SIGHUP reloads the certificate and the key, for new connections.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TLS_CERT")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_TLS_KEY")]
    pub(crate) tls_key: Option<PathBuf>,

    /// Generate a self-signed certificate at each start, for trials: browsers warn about it
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
#[command(next_help_heading = "Recording and live feed")]
pub(crate) struct ObserveArgs {
    /// Enable the live feed: the page shows all clients and their messages
    ///
    /// Clients of the bridge and of the echo service. Programs get the live feed at /api/monitor,
    /// as server-sent events. Everyone who may open the page can then see the messages of
    /// others.
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

    /// Record all sessions to FILE: append their messages, a JSON object per line
    ///
    /// With the time of each message, and when sessions open and close; clients of the echo
    /// service are not recorded. Recording never blocks the bridge: if the disk is too slow,
    /// messages are dropped, and counted in the file and in /metrics. Only the owner can read the
    /// file. SIGHUP reopens it.
    #[arg(long, value_name = "FILE", env = "FRAMEGATE_RECORD")]
    pub(crate) record: Option<PathBuf>,

    /// The size at which the recording is rotated; 0 disables rotation
    ///
    /// FILE is renamed to FILE.1, FILE.1 to FILE.2, and so on. A session may continue in the next
    /// file.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FRAMEGATE_RECORD_MAX_SIZE",
        default_value = "100MiB"
    )]
    pub(crate) record_max_size: Size,

    /// The number of rotated files to keep
    ///
    /// With the defaults, all files together stay below 1 GiB.
    #[arg(
        long,
        value_name = "N",
        env = "FRAMEGATE_RECORD_KEEP",
        default_value = "9"
    )]
    pub(crate) record_keep: usize,
}
