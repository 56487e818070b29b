use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use protocol::Framing;
use thiserror::Error;

use crate::Endpoint;

/// The command line. Its doc comments are the help text.
#[derive(Debug, Parser)]
#[command(
    name = "framegate",
    version,
    about = "Joins browsers to framed TCP services",
    long_about = "Joins browsers to framed TCP services.\n\n\
        Serves a TCP echo service, bridges WebSocket messages to TCP frames and back, and \
        serves a page to talk to the service and see every message byte by byte. A frame is \
        a 4-byte little-endian length and that many bytes of payload.",
    after_long_help = "Environment:\n  \
        Each option can be given as its FRAMEGATE_* variable; the command line wins.\n  \
        RUST_LOG  what to log, to standard error: error, warn, info (default), debug, or trace, \
        which alone shows payloads\n\n\
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
enum Command {
    /// Serve the echo service, the bridge and the page (also without naming it)
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Where the echo service listens, or "off"
    ///
    /// Port 0 takes a free one. "off" needs an --upstream to bridge to.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FRAMEGATE_TCP",
        default_value = "127.0.0.1:9999"
    )]
    tcp: Switch,

    /// Where the page and the bridge listen
    ///
    /// Port 0 takes a free one.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FRAMEGATE_HTTP",
        default_value = "127.0.0.1:3000"
    )]
    http: Endpoint,

    /// The TCP service that WebSocket sessions are bridged to [default: the echo service]
    ///
    /// HOST:PORT of any service that speaks the framing. It need not be up at start: it is
    /// dialled once for each session.
    #[arg(long, value_name = "ADDR", env = "FRAMEGATE_UPSTREAM")]
    upstream: Option<Endpoint>,

    /// What the echo service puts before each payload; may be empty
    #[arg(
        long,
        value_name = "TEXT",
        env = "FRAMEGATE_PREFIX",
        default_value = "echo : "
    )]
    prefix: String,
}

/// A listener that can be left out.
#[derive(Debug, Clone)]
enum Switch {
    On(Endpoint),
    Off,
}

impl std::str::FromStr for Switch {
    type Err = crate::EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            addr => addr.parse().map(Self::On),
        }
    }
}

/// What to serve, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the echo service listens; `None` leaves it out.
    pub tcp: Option<Endpoint>,
    /// Where the page and the bridge listen.
    pub http: Endpoint,
    /// Where sessions are bridged to; `None` is the echo service, which is then on.
    pub upstream: Option<Endpoint>,
    /// What the echo service puts before each payload.
    pub prefix: String,
    /// How the echo service and the upstream tell messages apart.
    pub framing: Framing,
    /// How much, and how long, a peer may ask for.
    pub limits: Limits,
}

/// How much, and how long, a peer may ask for.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The longest payload that a client may send, in bytes.
    ///
    /// 16 MiB, as most WebSocket software: above any console message, and small
    /// enough that a hundred of them fit in memory.
    pub max_frame: usize,
    /// How long the request head of an HTTP connection may take.
    pub header_timeout: Duration,
    /// How long the upstream may take to accept a connection.
    pub connect_timeout: Duration,
    /// How long a client may take to answer a Close.
    pub close_timeout: Duration,
    /// How long what is still owed may take once no more is accepted.
    pub drain_timeout: Duration,
}

/// How much longer than [`Limits::max_frame`] an upstream's frame may be: services
/// wrap what they were sent, as the echo service does with its prefix.
const REPLY_ALLOWANCE: usize = 64 * 1024;

impl Limits {
    /// The longest payload that an upstream may send, in bytes.
    pub(crate) fn max_reply(&self) -> usize {
        self.max_frame.saturating_add(REPLY_ALLOWANCE)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame: 16 << 20,
            header_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// Options that are right by themselves and wrong together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// There is no echo service and no other upstream.
    #[error("nothing to bridge to: --tcp off needs an --upstream HOST:PORT")]
    NoUpstream,
    /// Port 0 cannot be dialled.
    #[error("--upstream {0} has no port to dial, expected a port from 1 to 65535")]
    UpstreamPort(Endpoint),
    /// A prefix too long for the bridge to let a reply through.
    #[error("--prefix is {len} bytes long, the most is {max}")]
    PrefixTooLong {
        /// The prefix's length in bytes.
        len: usize,
        /// The most allowed, in bytes.
        max: usize,
    },
}

impl TryFrom<Cli> for Config {
    type Error = ConfigError;

    fn try_from(cli: Cli) -> Result<Self, Self::Error> {
        let args = match cli.command {
            Some(Command::Serve(args)) => args,
            None => cli.serve,
        };
        let tcp = match args.tcp {
            Switch::On(endpoint) => Some(endpoint),
            Switch::Off => None,
        };
        match &args.upstream {
            None if tcp.is_none() => return Err(ConfigError::NoUpstream),
            Some(upstream) if upstream.port == 0 => {
                return Err(ConfigError::UpstreamPort(upstream.clone()));
            }
            _ => {}
        }
        if args.prefix.len() > REPLY_ALLOWANCE {
            return Err(ConfigError::PrefixTooLong {
                len: args.prefix.len(),
                max: REPLY_ALLOWANCE,
            });
        }
        Ok(Self {
            tcp,
            http: args.http,
            upstream: args.upstream,
            prefix: args.prefix,
            framing: Framing::default(),
            limits: Limits::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(args: &[&str]) -> Result<Config, ConfigError> {
        let cli = Cli::try_parse_from(["framegate"].iter().chain(args)).unwrap();
        Config::try_from(cli)
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_may_be_named_or_not() {
        for args in [&["--prefix", "> "][..], &["serve", "--prefix", "> "]] {
            let config = parse(args).unwrap();
            assert_eq!(config.prefix, "> ");
            assert_eq!(config.tcp.unwrap().to_string(), "127.0.0.1:9999");
            assert_eq!(config.http.to_string(), "127.0.0.1:3000");
            assert_eq!(config.upstream, None);
        }
    }

    #[test]
    fn without_an_echo_service_an_upstream_is_needed() {
        assert_eq!(
            parse(&["--tcp", "off"]).unwrap_err(),
            ConfigError::NoUpstream
        );
        let config = parse(&["--tcp", "off", "--upstream", "db:1"]).unwrap();
        assert_eq!(config.tcp, None);
    }

    #[test]
    fn an_upstream_needs_a_port_to_dial() {
        let error = parse(&["--upstream", "db:0"]).unwrap_err();
        assert!(matches!(error, ConfigError::UpstreamPort(_)));
    }

    #[test]
    fn a_prefix_leaves_room_for_the_payload() {
        let longest = "x".repeat(REPLY_ALLOWANCE);
        assert!(parse(&["--prefix", &longest]).is_ok());
        assert!(matches!(
            parse(&["--prefix", &format!("{longest}x")]),
            Err(ConfigError::PrefixTooLong { .. })
        ));
    }
}
