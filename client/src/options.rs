//! Options that the subcommands share. Their doc comments are the help text.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use net::tls::pinning::Fingerprint;
use net::tls::settings::TlsSettings;
use net::units::OptionalDuration;
use protocol::{Framing, Framings};
use thiserror::Error;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::handshake::HandshakeArgs;
use crate::read::{ReadError, read_text};
use crate::secret::Secret;
use crate::target::Target;
use crate::wire_format::WireFormat;

/// The target of `send` and `replay`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArgs {
    /// The target: tcp://HOST:PORT, tls://HOST:PORT, unix:PATH, ws://HOST:PORT/PATH, or
    /// wss://HOST:PORT/PATH
    #[arg(
        short,
        long,
        value_name = "TARGET",
        default_value = "tcp://127.0.0.1:9999"
    )]
    pub(crate) to: Target,
}

/// Framing, TLS, token and time limit of connections.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectArgs {
    /// The framing of messages: a name such as u32be, varint, lines or json, or a picture of a
    /// frame such as 1+u32be-inclusive
    ///
    /// The default is u32le, or the recorded framing in a replay. WebSocket messages need no
    /// framing, except with --stream. `framegate help serve` has a list under --framing.
    #[arg(long, value_name = "FRAMING")]
    pub(crate) framing: Option<Framing>,

    /// The framing of the first message each way, if it is another
    #[arg(long, value_name = "FRAMING")]
    first: Option<Framing>,

    /// The framing of the first message sent, if it is another
    #[arg(long, value_name = "FRAMING")]
    first_sent: Option<Framing>,

    /// The framing of the first message received, if it is another
    #[arg(long, value_name = "FRAMING")]
    first_received: Option<Framing>,

    /// The WebSocket carries a byte stream of frames: binary messages are chunks of any length
    ///
    /// For bridges such as websockify and websocat, which do not know frames.
    #[arg(long)]
    pub(crate) stream: bool,

    /// Keep the session over lost connections, as framegate gateways offer it for ws:// and wss://
    /// targets
    ///
    /// After a loss the client connects again, and the messages that have not arrived are sent
    /// again: each arrives once and in order. A session that is lost for good is an error.
    #[arg(long)]
    pub(crate) resume: bool,

    /// A PEM file of CA certificates to trust instead of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "fingerprint")]
    ca: Option<PathBuf>,

    /// Trust only the certificate with this fingerprint, whoever signed it
    ///
    /// The SHA-256 that a gateway with --tls-self-signed prints: 64 hexadecimal digits, with or
    /// without colons, or as openssl x509 -fingerprint -sha256 prints them.
    #[arg(long, value_name = "SHA256")]
    fingerprint: Option<Fingerprint>,

    /// A PEM file of a client certificate, for servers that require one; its issuers may follow it
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,

    /// A PEM file of the private key of --cert, without a passphrase
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,

    /// The server's name for TLS [default: the host of the target]
    ///
    /// It is sent as SNI, and the server's certificate has to be for it.
    #[arg(long, value_name = "HOST")]
    name: Option<String>,

    /// The bearer token, if the gateway requires one
    ///
    /// It is sent to ws:// and wss:// targets only. Other users of this machine can see command
    /// lines; use the variable or --token-file to keep the token secret.
    #[arg(
        long,
        value_name = "TOKEN",
        env = "FRAMEGATE_TOKEN",
        hide_env_values = true
    )]
    token: Option<Secret>,

    /// A file with the token, instead of --token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) handshake: HandshakeArgs,

    /// The time limit for connecting, sending a message, each reply and closing; 0 is no limit
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub(crate) timeout: OptionalDuration,
}

/// The kind of WebSocket messages.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct KindArgs {
    /// Send WebSocket messages as text if they are UTF-8: the default of send
    #[arg(long, conflicts_with_all = ["binary", "stream"])]
    pub(crate) text: bool,

    /// Send WebSocket messages as binary: the default of bench
    #[arg(long, conflicts_with = "stream")]
    pub(crate) binary: bool,
}

/// A token that cannot be sent.
#[derive(Debug, Error)]
pub enum TokenError {
    /// Its file cannot be read.
    #[error(transparent)]
    File(#[from] ReadError),
    /// It has characters that a token cannot have, or none at all.
    #[error("invalid token: expected one line of letters, digits or punctuation")]
    Invalid,
}

impl ConnectArgs {
    /// The options of a program: a token, a file of CAs, and a time limit.
    pub(crate) fn new(token: Option<String>, ca: Option<PathBuf>, timeout: Duration) -> Self {
        Self {
            token: token.map(Secret),
            ca,
            timeout: OptionalDuration(timeout),
            ..Self::default()
        }
    }

    /// The framings of a connection; `default` is used without `--framing`.
    pub(crate) fn framings(&self, default: Framings) -> Framings {
        let framings = match self.framing {
            Some(framing) => framing.into(),
            None => default,
        };
        let first = |one_way: Option<Framing>| one_way.or(self.first).map(Box::new);
        Framings {
            first_sent: first(self.first_sent).or(framings.first_sent),
            first_received: first(self.first_received).or(framings.first_received),
            ..framings
        }
    }

    /// The format of messages; `default` is used without `--framing`.
    pub(crate) fn wire_format(&self, default: Framings, max_len: Option<usize>) -> WireFormat {
        WireFormat {
            framings: self.framings(default),
            stream: self.stream,
            resumable: self.resume,
            max_len,
        }
    }

    pub(crate) fn tls_settings(&self) -> TlsSettings {
        TlsSettings {
            ca: self.ca.clone(),
            fingerprint: self.fingerprint,
            cert: self.cert.clone(),
            key: self.key.clone(),
            name: self.name.clone(),
        }
    }

    /// The `Authorization` header with the bearer token (RFC 6750, section 2.1), if there is
    /// one.
    pub(crate) fn authorization(&self) -> Result<Option<HeaderValue>, TokenError> {
        let token = match (&self.token_file, &self.token) {
            (Some(path), _) => read_text(path)?,
            (None, Some(Secret(token))) => token.clone(),
            (None, None) => return Ok(None),
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Invalid);
        }
        let header = HeaderValue::try_from(format!("Bearer {token}"));
        let mut header = header.map_err(|_| TokenError::Invalid)?;
        header.set_sensitive(true);
        Ok(Some(header))
    }
}
