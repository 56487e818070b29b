//! Configuration of a gateway, checked. It knows no command line and opens no file.

use std::path::PathBuf;

use net::endpoint::Endpoint;
use protocol::Framing;

use crate::access::Access;
use crate::limits::Limits;
use crate::observe::recording_file::Recording;
use crate::upstream::address::UpstreamConfig;

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
    /// The file with the bearer token that clients must present; `None` disables
    /// authentication.
    pub token_file: Option<PathBuf>,
    /// The certificate for the page and the bridge; `None` serves them in plain text.
    pub tls: Option<TlsSource>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// What keeps the messages of sessions.
    pub recording: Option<Recording>,
    /// Whether clients and their messages can be watched.
    pub monitor: bool,
}

/// The origin of a TLS certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsSource {
    /// PEM files, which a reload reads again.
    Files {
        /// The certificate chain, the server's own first.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// A self-signed certificate for these names, made at the start.
    SelfSigned {
        /// Host names and addresses.
        names: Vec<String>,
    },
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

impl Config {
    /// The longest payload that the echo service can answer, in bytes: its framing has to
    /// hold the prefix too.
    pub(crate) fn max_echo(&self) -> usize {
        let room = self.framing.max_payload_len();
        room.saturating_sub(self.prefix.len())
            .min(self.limits.max_frame)
    }
}
