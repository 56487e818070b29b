//! Errors of options that contradict each other.

use std::time::Duration;

use net::listen_address::ListenAddress;
use protocol::{FrameError, Framing};
use thiserror::Error;

use crate::resume::options::ResumeOptions;
use crate::upstream::address::UpstreamAddress;

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
    #[error("--resume-buffer is {0} bytes, the minimum is {min}", min = ResumeOptions::MIN_BUFFER)]
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
