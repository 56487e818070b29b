//! Checks of options against each other: converts the command line to a [`Config`].

use net::listen_address::ListenAddress;
use net::units::{OptionalDuration, Size};
use protocol::{Frame, Framing};

use crate::access::{Access, AllowedHost};
use crate::cli::args::{LimitArgs, ObserveArgs, OptionalAddress, ResumeArgs, ServeArgs, TlsArgs};
use crate::cli::config_error::ConfigError;
use crate::config::{Config, TlsSource};
use crate::defaults::{idle_timeout, ping_interval, ping_timeout, resume_buffer, resume_memory};
use crate::limits::{Limits, REPLY_ALLOWANCE};
use crate::observe::recording_file::RecordingOptions;
use crate::resume::options::ResumeOptions;
use crate::upstream::address::{ECHO, UpstreamConfig};

/// The default prefix of the echo service.
const DEFAULT_PREFIX: &str = "echo : ";

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
    let given = |size: Option<Size>| size.map(|it| it.0);
    let (given_buffer, given_memory) = (given(args.resume_buffer), given(args.resume_memory));
    let buffer = given_buffer.unwrap_or_else(|| resume_buffer(given_memory));
    let memory = given_memory.unwrap_or_else(|| resume_memory(buffer));
    if buffer < ResumeOptions::MIN_BUFFER {
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
    let given_interval = args.ping_interval.map(OptionalDuration::get);
    let idle_timeout = match args.idle_timeout {
        Some(given) => given.get(),
        None => Some(idle_timeout(given_interval.flatten())),
    };
    let ping_interval = given_interval.unwrap_or_else(|| ping_interval(idle_timeout));
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
mod tests;
