//! The configuration of a gateway, checked. It knows no command line and opens no file.

use std::path::PathBuf;

use net::listen_address::ListenAddress;
use protocol::Framing;

use crate::access::Access;
use crate::limits::Limits;
use crate::observe::recording_file::RecordingOptions;
use crate::resume::options::ResumeOptions;
use crate::upstream::address::UpstreamConfig;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The addresses of the echo service; none switches it off.
    pub tcp: Vec<ListenAddress>,
    /// The addresses of the page and the bridge; at least one.
    pub http: Vec<ListenAddress>,
    /// The upstreams of the bridge, in addition to the echo service. Names are unique, and at
    /// most one upstream has none.
    pub upstreams: Vec<UpstreamConfig>,
    /// The prefix that the echo service adds to each payload.
    pub prefix: String,
    /// The framing of the echo service.
    pub framing: Framing,
    /// Limits on peers: sizes, numbers of connections, timeouts.
    pub limits: Limits,
    /// The addresses of metrics and health checks; none serves them beside the page.
    pub admin: Vec<ListenAddress>,
    /// Access control: allowed hosts and origins, trusted proxies.
    pub access: Access,
    /// Set if trusted proxies begin each connection with a PROXY header.
    pub proxy_protocol: bool,
    /// The file with the bearer token that clients must present; `None` disables
    /// authentication.
    pub token_file: Option<PathBuf>,
    /// The TLS certificate of the page and the bridge; `None` disables TLS.
    pub tls: Option<TlsSource>,
    /// The format of log lines.
    pub log_format: LogFormat,
    /// The recording of sessions; `None` records nothing.
    pub recording: Option<RecordingOptions>,
    /// Options of resumable sessions.
    pub resume: ResumeOptions,
    /// Enables the live feed: all clients and their messages.
    pub monitor: bool,
}

/// The origin of a TLS certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsSource {
    /// PEM files, read again by a reload.
    Files {
        /// The certificate chain, the server's certificate first.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// A self-signed certificate, generated at start.
    SelfSigned {
        /// Host names and addresses.
        names: Vec<String>,
    },
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// A JSON object per line.
    Json,
}

impl Config {
    /// The longest payload that the echo service answers, in bytes: prefix and payload must fit
    /// into one frame.
    pub(crate) fn max_echo(&self) -> usize {
        let max_reply = self.framing.max_payload_len();
        max_reply
            .saturating_sub(self.prefix.len())
            .min(self.limits.max_frame)
    }
}
