//! Checks of options against each other: converts the command line to a [`Config`].

use std::time::Duration;

use net::listen_address::ListenAddress;
use protocol::{Frame, FrameError, Framing};
use thiserror::Error;

use crate::access::{Access, AllowedHost};
use crate::cli::args::{LimitArgs, ObserveArgs, OptionalAddress, ResumeArgs, ServeArgs, TlsArgs};
use crate::cli::derived_defaults::{ping_interval, ping_timeout};
use crate::config::{Config, TlsSource};
use crate::limits::{Limits, REPLY_ALLOWANCE};
use crate::observe::recording_file::RecordingOptions;
use crate::resume::options::ResumeOptions;
use crate::upstream::address::{ECHO, UpstreamAddress, UpstreamConfig};

/// The default prefix of the echo service.
const DEFAULT_PREFIX: &str = "echo : ";

/// The least window of a resumable session, in bytes: that of some short messages.
const MIN_RESUME_BUFFER: usize = 4096;

/// Options contradict each other.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// There is neither an echo service nor another upstream.
    #[error("nothing to bridge to: --tcp off needs an --upstream HOST:PORT")]
    NoUpstream,
    /// The echo service is off, and has an address.
    #[error("--tcp off and an address of --tcp contradict each other")]
    TcpOnAndOff,
    /// Two upstreams have no name: only one can be the default.
    #[error("two upstreams without a name, {0} and {1}: name one of them, as in NAME={1}")]
    TwoDefaults(UpstreamAddress, UpstreamAddress),
    /// Two upstreams have one name. `echo` is the name of the echo service.
    #[error("two upstreams are called {0:?}: upstream names must be unique")]
    DuplicateName(String),
    /// The prefix is so long that replies exceed the bridge's limit or the framing's.
    #[error("--prefix is {len} bytes long, the maximum is {max}")]
    PrefixTooLong {
        /// The prefix's length in bytes.
        len: usize,
        /// The longest prefix, in bytes.
        max: usize,
    },
    /// The prefix contains the framing's delimiter.
    #[error("--prefix cannot be used with --framing {0}: {1}")]
    PrefixUnframeable(Box<Framing>, FrameError),
    /// The framing has no place before a message.
    #[error("--prefix has no place in the messages of --framing {0}, expected an empty one")]
    NoPlaceForPrefix(Box<Framing>),
    /// No message that the framing can carry is within the limit on payloads.
    #[error("--max-frame is {max} bytes, and framing {framing} has no message under {min}")]
    MaxFrameTooShort {
        /// The limit.
        max: usize,
        /// The framing.
        framing: Box<Framing>,
        /// Its shortest message, in bytes.
        min: usize,
    },
    /// The limit on payloads is 0.
    #[error("--max-frame is 0: every message would be refused")]
    MaxFrameZero,
    /// The idle timeout would end sessions before the first keep-alive ping.
    #[error("--ping-interval {ping:?} has to be shorter than --idle-timeout {idle:?}")]
    PingAfterIdleTimeout {
        /// The ping interval.
        ping: Duration,
        /// The idle timeout.
        idle: Duration,
    },
    /// The window of a resumable session is so short that each message would wait.
    #[error("--resume-buffer is {0} bytes, the minimum is {MIN_RESUME_BUFFER}")]
    ResumeBufferTooSmall(usize),
    /// Not even one detached session could keep its messages.
    #[error(
        "--resume-memory is {memory} bytes, less than the {buffer} bytes of one session's \
         --resume-buffer"
    )]
    ResumeMemoryTooSmall {
        /// The bytes that all detached sessions may keep together.
        memory: usize,
        /// The bytes that each session may keep.
        buffer: usize,
    },
    /// The PROXY protocol is on, but there is no proxy to receive headers from.
    #[error("--proxy-protocol needs a --trusted-proxy to receive PROXY headers from")]
    NoTrustedProxy,
    /// A certificate without its key, a key without its certificate, or two certificates.
    #[error("TLS takes either --tls-cert and --tls-key together, or --tls-self-signed")]
    TlsChoice,
    /// A Unix socket and TLS for the page and the bridge.
    #[error(
        "TLS is not served on Unix sockets, and --http has {0}: let the reverse proxy in front of \
         it serve TLS"
    )]
    TlsOnUnix(ListenAddress),
}

impl TryFrom<ServeArgs> for Config {
    type Error = ConfigError;

    fn try_from(args: ServeArgs) -> Result<Self, Self::Error> {
        let framing = args.framing;
        let tls = tls(&args)?;
        let tcp = tcp(args.tcp)?;
        if tcp.is_empty() && args.upstream.is_empty() {
            return Err(ConfigError::NoUpstream);
        }
        check_upstream_names(&args.upstream)?;
        for upstream in &args.upstream {
            for framing in upstream.framings.all() {
                check_max_frame(framing, args.limits.max_frame.0)?;
            }
        }
        check_max_frame(framing, args.limits.max_frame.0)?;
        let proxy_protocol = args.access.proxy_protocol;
        if proxy_protocol && args.access.trusted_proxy.is_empty() {
            return Err(ConfigError::NoTrustedProxy);
        }
        Ok(Self {
            tcp,
            tls,
            proxy_protocol,
            token_file: args.access.token_file,
            http: args.http,
            admin: args.admin,
            upstreams: args.upstream,
            prefix: prefix(args.prefix, framing)?,
            log_format: args.log_format,
            monitor: args.observe.monitor,
            recording: recording(args.observe),
            framing,
            resume: resume(args.resume)?,
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

/// Returns the addresses of the echo service; none if it is off.
fn tcp(given: Vec<OptionalAddress>) -> Result<Vec<ListenAddress>, ConfigError> {
    let count = given.len();
    let on = given.into_iter().filter_map(|it| match it {
        OptionalAddress::On(address) => Some(address),
        OptionalAddress::Off => None,
    });
    let on: Vec<_> = on.collect();
    match on.len() == count || on.is_empty() {
        true => Ok(on),
        false => Err(ConfigError::TcpOnAndOff),
    }
}

/// Checks that a reply with the prefix fits the framing and the bridge.
fn prefix(given: Option<String>, framing: Framing) -> Result<String, ConfigError> {
    let prefix = match (given, framing.allows_prefix()) {
        (Some(given), false) if !given.is_empty() => {
            return Err(ConfigError::NoPlaceForPrefix(framing.into()));
        }
        (Some(given), _) => given,
        (None, false) => String::new(),
        (None, true) => DEFAULT_PREFIX.into(),
    };
    // Leaves room for a payload of one byte.
    let max = REPLY_ALLOWANCE.min(framing.max_payload_len() - 1);
    let len = prefix.len();
    if len > max {
        return Err(ConfigError::PrefixTooLong { len, max });
    }
    match Frame::new(framing, prefix.clone()) {
        Ok(_) => Ok(prefix),
        Err(_) if prefix.is_empty() => Ok(prefix),
        Err(error) => Err(ConfigError::PrefixUnframeable(framing.into(), error)),
    }
}

/// Checks that the limit on payloads allows the framing's shortest message.
fn check_max_frame(framing: Framing, max: usize) -> Result<(), ConfigError> {
    match framing.min_payload_len() {
        min if min > max.max(1) => {
            let framing = framing.into();
            Err(ConfigError::MaxFrameTooShort { max, framing, min })
        }
        _ => Ok(()),
    }
}

/// Checks that names are unique, and that at most one upstream has none.
fn check_upstream_names(upstreams: &[UpstreamConfig]) -> Result<(), ConfigError> {
    for (at, later) in upstreams.iter().enumerate() {
        let namesake = upstreams[..at].iter().find(|it| it.name == later.name);
        match (namesake, &later.name) {
            (None, _) if later.name.as_deref() != Some(ECHO) => {}
            (Some(first), None) => {
                return Err(ConfigError::TwoDefaults(
                    first.address.clone(),
                    later.address.clone(),
                ));
            }
            (_, name) => return Err(ConfigError::DuplicateName(name.clone().unwrap_or_default())),
        }
    }
    Ok(())
}

fn tls(args: &ServeArgs) -> Result<Option<TlsSource>, ConfigError> {
    let TlsArgs {
        tls_cert,
        tls_key,
        tls_self_signed,
    } = &args.tls;
    let source = match (tls_cert, tls_key, tls_self_signed) {
        (None, None, false) => return Ok(None),
        (Some(cert), Some(key), false) => TlsSource::Files {
            cert: cert.clone(),
            key: key.clone(),
        },
        (None, None, true) => TlsSource::SelfSigned {
            names: certificate_names(args),
        },
        _ => return Err(ConfigError::TlsChoice),
    };
    let is_unix = |it: &&ListenAddress| matches!(it, ListenAddress::Unix { .. });
    match args.http.iter().find(is_unix) {
        Some(unix) => Err(ConfigError::TlsOnUnix(unix.clone())),
        None => Ok(Some(source)),
    }
}

fn resume(args: ResumeArgs) -> Result<ResumeOptions, ConfigError> {
    let (buffer, memory) = (args.resume_buffer.0, args.resume_memory.0);
    if buffer < MIN_RESUME_BUFFER {
        return Err(ConfigError::ResumeBufferTooSmall(buffer));
    }
    if memory < buffer {
        return Err(ConfigError::ResumeMemoryTooSmall { memory, buffer });
    }
    Ok(ResumeOptions {
        timeout: args.resume_timeout.get(),
        buffer,
        memory,
        gateway_id: args.gateway_id,
    })
}

fn recording(args: ObserveArgs) -> Option<RecordingOptions> {
    Some(RecordingOptions {
        path: args.record?,
        max_size: Some(args.record_max_size.0 as u64).filter(|&size| size > 0),
        keep: args.record_keep,
        queue_bytes: RecordingOptions::DEFAULT_QUEUE_BYTES,
    })
}

/// The names in a self-signed certificate: those that clients are known to use.
fn certificate_names(args: &ServeArgs) -> Vec<String> {
    let mut names = vec!["localhost".into(), "127.0.0.1".into(), "::1".into()];
    let allowed = args.access.allow_host.iter().filter_map(AllowedHost::name);
    let bound = args.http.iter().filter_map(|it| match it {
        ListenAddress::Tcp(endpoint) => Some(&endpoint.host),
        ListenAddress::Unix { .. } => None,
    });
    for name in allowed.chain(bound) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn limits(args: &LimitArgs) -> Result<Limits, ConfigError> {
    let max_frame = args.max_frame.0;
    if max_frame == 0 {
        return Err(ConfigError::MaxFrameZero);
    }
    let idle_timeout = args.idle_timeout.get();
    let ping_interval = match args.ping_interval {
        Some(given) => given.get(),
        None => ping_interval(idle_timeout),
    };
    if let (Some(ping), Some(idle)) = (ping_interval, idle_timeout)
        && ping >= idle
    {
        return Err(ConfigError::PingAfterIdleTimeout { ping, idle });
    }
    let ping_timeout = match args.ping_timeout {
        Some(given) => given.get(),
        None => ping_timeout(ping_interval),
    };
    let limit = |n: usize| (n > 0).then_some(n);
    Ok(Limits {
        max_frame,
        max_connections: limit(args.max_connections),
        max_connections_per_ip: limit(args.max_connections_per_ip),
        idle_timeout,
        ping_interval,
        ping_timeout,
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
            other => panic!("expected serve, found {other:?}"),
        }
    }

    #[test]
    fn command_line_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_is_the_default_command() {
        for args in [&["--prefix", "> "][..], &["serve", "--prefix", "> "]] {
            let config = parse(args).unwrap();
            assert_eq!(config.prefix, "> ");
            assert_eq!(config.tcp[0].to_string(), "127.0.0.1:9999");
            assert_eq!(config.http[0].to_string(), "127.0.0.1:3000");
            assert_eq!(config.upstreams, []);
        }
    }

    #[test]
    fn upstream_is_required_if_echo_service_is_off() {
        let error = parse(&["--tcp", "off"]).unwrap_err();
        assert!(matches!(error, ConfigError::NoUpstream));
        let config = parse(&["--tcp", "off", "--upstream", "db:1"]).unwrap();
        assert_eq!(config.tcp, []);
        let error = parse(&["--tcp=off,127.0.0.1:0", "--upstream=db:1"]).unwrap_err();
        assert!(matches!(error, ConfigError::TcpOnAndOff));
    }

    #[test]
    fn upstream_names_must_be_unique() {
        let check = |upstreams: &[&str], is_valid: bool| {
            let args: Vec<_> = upstreams.iter().flat_map(|it| ["--upstream", it]).collect();
            let config = parse(&args);
            assert_eq!(config.is_ok(), is_valid, "{config:?}");
        };
        check(&["db:1"], true);
        check(&["db:1", "a=db:2", "b=db:2"], true);
        check(&["db:1", "db:2"], false);
        check(&["a=db:1", "a=db:2"], false);
        check(&["echo=db:1"], false);
    }

    #[test]
    fn proxy_protocol_needs_a_trusted_proxy() {
        let error = parse(&["--proxy-protocol"]).unwrap_err();
        assert!(matches!(error, ConfigError::NoTrustedProxy));
        let config = parse(&["--proxy-protocol", "--trusted-proxy=10.0.0.0/8"]);
        assert!(config.unwrap().proxy_protocol);
    }

    #[test]
    fn default_limits_are_the_options_defaults() {
        let options = parse(&[]).unwrap().limits;
        assert_eq!(format!("{options:?}"), format!("{:?}", Limits::default()));
    }

    #[test]
    fn default_resume_options_are_those_of_the_command_line() {
        let options = parse(&[]).unwrap().resume;
        assert_eq!(
            format!("{options:?}"),
            format!("{:?}", ResumeOptions::default())
        );
        let off = parse(&["--resume-timeout=0"]).unwrap().resume;
        assert_eq!(off.timeout, None);
    }

    #[test]
    fn resume_options_have_bounds() {
        let check = |args: &[&str], expected: &str| {
            let error = parse(args).unwrap_err().to_string();
            assert_eq!(error, expected);
        };
        let buffer = "--resume-buffer is 100 bytes, the minimum is 4096";
        check(&["--resume-buffer=100"], buffer);
        let memory = "--resume-memory is 65536 bytes, less than the 262144 bytes of one session's \
            --resume-buffer";
        check(&["--resume-memory=64KiB"], memory);
        for id in ["", "a.b", "é", "a b", &"x".repeat(33)] {
            let args = ["framegate", "--gateway-id", id];
            assert!(Cli::try_parse_from(args).is_err(), "{id:?}");
        }
        let id = parse(&["--gateway-id=gate-1"]).unwrap().resume.gateway_id;
        assert_eq!(id.unwrap().to_string(), "gate-1");
    }

    #[test]
    fn zero_disables_a_limit() {
        let durations = [
            "idle-timeout",
            "ping-interval",
            "connect-timeout",
            "drain-timeout",
        ];
        let mut args = durations.map(|name| format!("--{name}=0")).to_vec();
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
    fn longest_echo_leaves_room_for_the_prefix() {
        let check = |args: &[&str], expected: usize| {
            assert_eq!(parse(args).unwrap().max_echo(), expected, "{args:?}");
        };
        check(&["--max-frame=1"], 1);
        check(&["--max-frame=1MiB"], 1 << 20);
        check(
            &["--max-frame=8GiB"],
            u32::MAX as usize - DEFAULT_PREFIX.len(),
        );
        check(&["--framing=u8"], 255 - DEFAULT_PREFIX.len());
        check(&["--framing=u8-inclusive", "--prefix="], 254);
        check(&["--framing=u16be", "--max-frame=1KiB"], 1024);
        check(&["--framing=raw", "--max-frame=1KiB"], 1024);
        let zero = parse(&["--max-frame=0"]);
        assert!(matches!(zero, Err(ConfigError::MaxFrameZero)));
    }

    #[test]
    fn max_frame_has_room_for_the_shortest_message() {
        let check = |args: &[&str], expected: Option<&str>| {
            let error = parse(args).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), expected);
        };
        let fixed = "--max-frame is 4 bytes, and framing fixed5 has no message under 5";
        check(&["--max-frame=4", "--framing=fixed5"], Some(fixed));
        check(
            &["--max-frame=4", "--upstream=a=db:1?first=fixed5"],
            Some(fixed),
        );
        check(&["--max-frame=5", "--framing=fixed5"], None);
        check(&["--max-frame=4", "--framing=4+u16be"], None);
    }

    #[test]
    fn ping_interval_must_be_shorter_than_idle_timeout() {
        let error = parse(&["--ping-interval=10s", "--idle-timeout=10s"]).unwrap_err();
        assert!(matches!(error, ConfigError::PingAfterIdleTimeout { .. }));
        assert!(parse(&["--ping-interval=0", "--idle-timeout=1s"]).is_ok());
        assert!(parse(&["--ping-interval=1s", "--idle-timeout=0"]).is_ok());
    }

    #[test]
    fn short_idle_timeout_needs_no_other_option() {
        for idle in ["1ms", "1s", "20s"] {
            let config = parse(&["--idle-timeout", idle]);
            assert!(config.is_ok(), "{config:?}");
        }
    }

    #[test]
    fn prefix_must_leave_room_for_a_payload() {
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
    fn prefix_must_fit_the_framing() {
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
        let raw = "--prefix has no place in the messages of --framing raw, expected an empty one";
        check("raw", "a", Err(raw));
        check("raw", "", Ok(()));
        assert_eq!(parse(&["--framing=raw"]).unwrap().prefix, "");
    }
}
