//! What to serve: the options, checked together.

use std::time::Duration;

use net::endpoint::Endpoint;
use protocol::{Frame, FrameError, Framing};
use thiserror::Error;

use crate::access::token::{Token, TokenError};
use crate::access::{Access, AllowedHost};
use crate::cli::args::{LimitArgs, LogFormat, ObserveArgs, ServeArgs, Switch, TlsArgs};
use crate::http::tls::{Tls, TlsError};
use crate::observe::recording_file::Recording;
use crate::upstream::address::{UpstreamAddress, UpstreamConfig};
use crate::upstream::registry::ECHO;

/// What to serve, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the echo service listens; `None` leaves it out.
    pub tcp: Option<Endpoint>,
    /// Where the page and the bridge listen.
    pub http: Endpoint,
    /// Where sessions are bridged to, besides the echo service if that is on. At most one
    /// is without a name, and no two have the same.
    pub upstreams: Vec<UpstreamConfig>,
    /// What the echo service puts before each payload.
    pub prefix: String,
    /// How the echo service tells messages apart.
    pub framing: Framing,
    /// How much, and how long, a peer may ask for.
    pub limits: Limits,
    /// Where monitoring is served; `None` puts it beside the page.
    pub admin: Option<Endpoint>,
    /// Who may come in.
    pub access: Access,
    /// Whether trusted proxies begin each connection with a PROXY header.
    pub proxy_protocol: bool,
    /// What whoever comes in has to know.
    pub token: Option<Token>,
    /// Encrypts the page and the bridge.
    pub tls: Option<Tls>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// What keeps the messages of sessions.
    pub recording: Option<Recording>,
    /// Whether clients and their messages can be watched.
    pub monitor: bool,
}

/// How much, and how long, a peer may ask for. `None` is no limit; the options' help
/// has the reasons.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The longest payload that a client may send, in bytes.
    pub max_frame: usize,
    /// How many connections may be open at once, on both listeners together.
    pub max_connections: Option<usize>,
    /// How many of them may come from one address.
    pub max_connections_per_ip: Option<usize>,
    /// How long a peer may be silent, or take nothing of what it is sent.
    pub idle_timeout: Option<Duration>,
    /// How long a WebSocket client is silent before it is pinged.
    pub ping_interval: Option<Duration>,
    /// How long the upstream may take to accept a connection.
    pub connect_timeout: Option<Duration>,
    /// How long what is still owed may take once no more is accepted.
    pub drain_timeout: Option<Duration>,
    /// How long a client may take to send a request's head, which is a second's work.
    pub header_timeout: Duration,
    /// How long a client may take to answer a Close.
    pub close_timeout: Duration,
}

/// How much longer than [`Limits::max_frame`] an upstream's frame may be: services
/// wrap what they were sent, as the echo service does with its prefix.
const REPLY_ALLOWANCE: usize = 64 * 1024;

/// What the echo service puts before each payload by default.
const PREFIX: &str = "echo : ";

impl Config {
    /// The longest payload that the echo service can answer, in bytes: its framing has to
    /// hold the prefix too.
    pub(crate) fn max_echo(&self) -> usize {
        let room = self.framing.max_payload_len();
        room.saturating_sub(self.prefix.len())
            .min(self.limits.max_frame)
    }
}

impl Limits {
    /// The longest payload that an upstream may send, in bytes.
    pub(crate) fn max_reply(&self) -> usize {
        self.max_frame.saturating_add(REPLY_ALLOWANCE)
    }
}

/// What the options are by default.
impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame: 16 << 20,
            max_connections: Some(10_000),
            max_connections_per_ip: None,
            idle_timeout: Some(Duration::from_secs(300)),
            ping_interval: Some(Duration::from_secs(20)),
            connect_timeout: Some(Duration::from_secs(5)),
            drain_timeout: Some(Duration::from_secs(10)),
            header_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
        }
    }
}

/// Options that are right by themselves and wrong together.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// There is no echo service and no other upstream.
    #[error("nothing to bridge to: --tcp off needs an --upstream HOST:PORT")]
    NoUpstream,
    /// Only one can be the default.
    #[error("two upstreams without a name, {0} and {1}: name one of them, as in NAME={1}")]
    TwoDefaults(UpstreamAddress, UpstreamAddress),
    /// A client could not choose between them.
    #[error("two upstreams are called {0:?}, and a name is for one")]
    SameName(String),
    /// A prefix too long for the bridge to let a reply through.
    #[error("--prefix is {len} bytes long, the most is {max}")]
    PrefixTooLong {
        /// The prefix's length in bytes.
        len: usize,
        /// The most allowed, in bytes.
        max: usize,
    },
    /// A prefix that would end each reply early.
    #[error("--prefix cannot be used with --framing {0}: {1}")]
    PrefixUncarriable(Framing, FrameError),
    /// A prefix without messages to put it before.
    #[error("--prefix stands before messages, and with --framing raw there are none")]
    PrefixOfStream,
    /// A limit under which no message would pass.
    #[error("--max-frame is 0: no message would pass")]
    MaxFrame,
    /// Clients would be cut off before they are asked whether they are there.
    #[error("--ping-interval {ping:?} has to be shorter than --idle-timeout {idle:?}")]
    PingTooLate {
        /// The ping interval.
        ping: Duration,
        /// The idle timeout.
        idle: Duration,
    },
    /// No token can be read.
    #[error("--token-file: {0}")]
    Token(#[from] TokenError),
    /// Headers would be asked of nobody.
    #[error("--proxy-protocol needs a --trusted-proxy whose headers are believed")]
    NoProxy,
    /// A certificate without its key, or the other way round, or more than one kind.
    #[error("TLS takes either --tls-cert and --tls-key together, or --tls-self-signed")]
    TlsChoice,
    /// The certificate cannot be used.
    #[error("TLS: {0}")]
    Tls(#[from] TlsError),
}

impl TryFrom<ServeArgs> for Config {
    type Error = ConfigError;

    fn try_from(args: ServeArgs) -> Result<Self, Self::Error> {
        let framing = args.framing;
        let tls = tls(&args)?;
        let tcp = match args.tcp {
            Switch::On(endpoint) => Some(endpoint),
            Switch::Off => None,
        };
        if tcp.is_none() && args.upstream.is_empty() {
            return Err(ConfigError::NoUpstream);
        }
        tell_apart(&args.upstream)?;
        let proxy_protocol = args.access.proxy_protocol;
        if proxy_protocol && args.access.trusted_proxy.is_empty() {
            return Err(ConfigError::NoProxy);
        }
        Ok(Self {
            tcp,
            tls,
            proxy_protocol,
            token: args
                .access
                .token_file
                .as_deref()
                .map(Token::read)
                .transpose()?,
            http: args.http,
            admin: args.admin,
            upstreams: args.upstream,
            prefix: prefix(args.prefix, framing)?,
            log_format: args.log_format,
            monitor: args.observe.monitor,
            recording: recording(args.observe),
            framing,
            limits: limits(&args.limits)?,
            access: Access {
                hosts: args.access.allow_host,
                origins: args.access.allow_origin,
                require_origin: args.access.require_origin,
                trusted_proxies: args.access.trusted_proxy,
            },
        })
    }
}

/// What replies begin with, if they can be framed so and get through the bridge.
fn prefix(given: Option<String>, framing: Framing) -> Result<String, ConfigError> {
    let prefix = match (given, framing) {
        // Where a chunk begins is up to the network.
        (Some(given), Framing::Raw) if !given.is_empty() => {
            return Err(ConfigError::PrefixOfStream);
        }
        (Some(given), _) => given,
        (None, Framing::Raw) => String::new(),
        (None, _) => PREFIX.into(),
    };
    // A payload of one byte has to fit as well.
    let max = REPLY_ALLOWANCE.min(framing.max_payload_len() - 1);
    let len = prefix.len();
    if len > max {
        return Err(ConfigError::PrefixTooLong { len, max });
    }
    match Frame::new(framing, prefix.clone()) {
        Ok(_) => Ok(prefix),
        Err(error) => Err(ConfigError::PrefixUncarriable(framing, error)),
    }
}

/// Checks that each of `upstreams` can be chosen.
fn tell_apart(upstreams: &[UpstreamConfig]) -> Result<(), ConfigError> {
    for (at, later) in upstreams.iter().enumerate() {
        let same = upstreams[..at].iter().find(|it| it.name == later.name);
        match (same, &later.name) {
            (None, _) if later.name.as_deref() != Some(ECHO) => {}
            (Some(first), None) => {
                return Err(ConfigError::TwoDefaults(
                    first.address.clone(),
                    later.address.clone(),
                ));
            }
            (_, name) => return Err(ConfigError::SameName(name.clone().unwrap_or_default())),
        }
    }
    Ok(())
}

fn tls(args: &ServeArgs) -> Result<Option<Tls>, ConfigError> {
    let TlsArgs {
        tls_cert,
        tls_key,
        tls_self_signed,
    } = &args.tls;
    match (tls_cert, tls_key, tls_self_signed) {
        (None, None, false) => Ok(None),
        (Some(cert), Some(key), false) => Ok(Some(Tls::from_files(cert, key)?)),
        (None, None, true) => Ok(Some(Tls::self_signed(&own_names(args))?)),
        _ => Err(ConfigError::TlsChoice),
    }
}

fn recording(args: ObserveArgs) -> Option<Recording> {
    Some(Recording {
        path: args.record?,
        max_size: Some(args.record_max_size.0 as u64).filter(|&size| size > 0),
        keep: args.record_keep,
        room: Recording::ROOM,
    })
}

/// The names that clients may reach the page by, as far as they are known.
fn own_names(args: &ServeArgs) -> Vec<String> {
    let mut names = vec!["localhost".into(), "127.0.0.1".into(), "::1".into()];
    let allowed = args.access.allow_host.iter().filter_map(|host| match host {
        AllowedHost::Name(name) => Some(name),
        AllowedHost::Any => None,
    });
    for name in allowed.chain([&args.http.host]) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn limits(args: &LimitArgs) -> Result<Limits, ConfigError> {
    let max_frame = args.max_frame.0;
    if max_frame == 0 {
        return Err(ConfigError::MaxFrame);
    }
    if let (Some(ping), Some(idle)) = (args.ping_interval.get(), args.idle_timeout.get())
        && ping >= idle
    {
        return Err(ConfigError::PingTooLate { ping, idle });
    }
    let count = |n: usize| (n > 0).then_some(n);
    Ok(Limits {
        max_frame,
        max_connections: count(args.max_connections),
        max_connections_per_ip: count(args.max_connections_per_ip),
        idle_timeout: args.idle_timeout.get(),
        ping_interval: args.ping_interval.get(),
        connect_timeout: args.connect_timeout.get(),
        drain_timeout: args.drain_timeout.get(),
        ..Limits::default()
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::args::{Cli, Command};

    fn parse(args: &[&str]) -> Result<Config, ConfigError> {
        let cli = Cli::try_parse_from(["framegate"].iter().chain(args)).unwrap();
        match cli.into_command() {
            Command::Serve(args) => Config::try_from(args),
            other => panic!("{other:?} does not serve"),
        }
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
            assert_eq!(config.upstreams, []);
        }
    }

    #[test]
    fn without_an_echo_service_an_upstream_is_needed() {
        let error = parse(&["--tcp", "off"]).unwrap_err();
        assert!(matches!(error, ConfigError::NoUpstream));
        let config = parse(&["--tcp", "off", "--upstream", "db:1"]).unwrap();
        assert_eq!(config.tcp, None);
    }

    #[test]
    fn each_upstream_can_be_chosen() {
        let check = |upstreams: &[&str], fits: bool| {
            let args: Vec<_> = upstreams.iter().flat_map(|it| ["--upstream", it]).collect();
            let config = parse(&args);
            assert_eq!(config.is_ok(), fits, "{config:?}");
        };
        check(&["db:1"], true);
        check(&["db:1", "a=db:2", "b=db:2"], true);
        check(&["db:1", "db:2"], false);
        check(&["a=db:1", "a=db:2"], false);
        check(&["echo=db:1"], false);
    }

    #[test]
    fn proxy_headers_are_asked_of_somebody() {
        let error = parse(&["--proxy-protocol"]).unwrap_err();
        assert!(matches!(error, ConfigError::NoProxy));
        let config = parse(&["--proxy-protocol", "--trusted-proxy=10.0.0.0/8"]);
        assert!(config.unwrap().proxy_protocol);
    }

    #[test]
    fn the_defaults_are_those_of_the_options() {
        let options = parse(&[]).unwrap().limits;
        assert_eq!(format!("{options:?}"), format!("{:?}", Limits::default()));
    }

    #[test]
    fn zero_switches_a_limit_off() {
        let off = [
            "idle-timeout",
            "ping-interval",
            "connect-timeout",
            "drain-timeout",
        ];
        let mut args = off.map(|name| format!("--{name}=0")).to_vec();
        args.push("--max-connections=0".into());
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let limits = parse(&args).unwrap().limits;
        assert_eq!(limits.idle_timeout, None);
        assert_eq!(limits.ping_interval, None);
        assert_eq!(limits.connect_timeout, None);
        assert_eq!(limits.drain_timeout, None);
        assert_eq!(limits.max_connections, None);
        assert_eq!(limits.max_connections_per_ip, None);
    }

    #[test]
    fn the_longest_message_is_one_that_can_be_answered() {
        let check = |args: &[&str], expected: usize| {
            assert_eq!(parse(args).unwrap().max_echo(), expected, "{args:?}");
        };
        check(&["--max-frame=1"], 1);
        check(&["--max-frame=1MiB"], 1 << 20);
        check(&["--max-frame=8GiB"], u32::MAX as usize - PREFIX.len());
        check(&["--framing=u8"], 255 - PREFIX.len());
        check(&["--framing=u8-inclusive", "--prefix="], 254);
        check(&["--framing=u16be", "--max-frame=1KiB"], 1024);
        check(&["--framing=raw", "--max-frame=1KiB"], 1024);
        let zero = parse(&["--max-frame=0"]);
        assert!(matches!(zero, Err(ConfigError::MaxFrame)));
    }

    #[test]
    fn pings_come_before_the_idle_timeout() {
        let error = parse(&["--ping-interval=10s", "--idle-timeout=10s"]).unwrap_err();
        assert!(matches!(error, ConfigError::PingTooLate { .. }));
        assert!(parse(&["--ping-interval=0", "--idle-timeout=1s"]).is_ok());
        assert!(parse(&["--ping-interval=1s", "--idle-timeout=0"]).is_ok());
    }

    #[test]
    fn a_prefix_leaves_room_for_the_payload() {
        let longest = "x".repeat(REPLY_ALLOWANCE);
        assert!(parse(&["--prefix", &longest]).is_ok());
        assert!(matches!(
            parse(&["--prefix", &format!("{longest}x")]),
            Err(ConfigError::PrefixTooLong { .. })
        ));
        let all = "x".repeat(255);
        assert!(matches!(
            parse(&["--framing=u8", "--prefix", &all]),
            Err(ConfigError::PrefixTooLong { len: 255, max: 254 })
        ));
    }

    #[test]
    fn a_prefix_goes_with_the_framing() {
        let check = |framing: &str, prefix: &str, expected: Result<(), &str>| {
            let config = parse(&["--framing", framing, "--prefix", prefix]);
            let error = config.map(drop).map_err(|error| error.to_string());
            assert_eq!(error, expected.map_err(Into::into));
        };
        let lines = "--prefix cannot be used with --framing lines: \
            message has a line break after 1 bytes, which its framing cannot carry";
        check("lines", "a\nb", Err(lines));
        check("lines", "a\0b", Ok(()));
        let nul = "--prefix cannot be used with --framing nul: \
            message has a NUL after 1 bytes, which its framing cannot carry";
        check("nul", "a\0b", Err(nul));
        check("nul", "a\nb", Ok(()));
        let raw = "--prefix stands before messages, and with --framing raw there are none";
        check("raw", "a", Err(raw));
        check("raw", "", Ok(()));
        assert_eq!(parse(&["--framing=raw"]).unwrap().prefix, "");
    }
}
