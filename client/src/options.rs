//! The options that all clients have. Their doc comments are the help text.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;
use std::{fmt, fs, io};

use clap::Args;
use net::error_text::io_error_text;
use net::units::Period;
use protocol::Framing;
use thiserror::Error;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::Target;
use crate::tls::{Fingerprint, Trust};

/// What is talked to.
#[derive(Debug, Clone, Args)]
pub(super) struct TargetArgs {
    /// Where to: tcp://HOST:PORT, tls://HOST:PORT, unix:PATH, ws://HOST:PORT/PATH, or
    /// wss://HOST:PORT/PATH
    #[arg(
        short,
        long,
        value_name = "TARGET",
        default_value = "tcp://127.0.0.1:9999"
    )]
    pub(super) to: Target,
}

/// How a target is reached, and spoken to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct ConnectArgs {
    /// How messages are told apart: u32le, u8 to u64be, those with -inclusive, varint, lines,
    /// crlf, nul or raw
    ///
    /// u32le by default; in a replay, what the recording says. A WebSocket message is a
    /// message, and needs none but with --stream.
    #[arg(long, value_name = "NAME")]
    pub(super) framing: Option<Framing>,

    /// The WebSocket carries a byte stream of frames, cut into binary messages anywhere
    ///
    /// That is what websockify, websocat and their like do: they know no frames.
    #[arg(long)]
    pub(super) stream: bool,

    /// Trust those whose certificates are in FILE, in PEM, instead of those whom the system
    /// does
    #[arg(long, value_name = "FILE", conflicts_with = "fingerprint")]
    ca: Option<PathBuf>,

    /// Trust the one certificate that has this fingerprint, whoever signed it
    ///
    /// Its SHA-256, as a gateway with --tls-self-signed prints it: 64 hexadecimal digits, with
    /// or without colons.
    #[arg(long, value_name = "SHA256")]
    fingerprint: Option<Fingerprint>,

    /// The token that a gateway asks for
    ///
    /// It is sent to ws:// and wss:// targets alone. Other users of this machine can see what
    /// stands on a command line; they see neither a variable nor a file.
    #[arg(
        long,
        value_name = "TOKEN",
        env = "FRAMEGATE_TOKEN",
        hide_env_values = true
    )]
    token: Option<Secret>,

    /// A file that has the token, in place of --token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// How long connecting, sending a message, or waiting for a reply may take; 0 for ever
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub(super) timeout: Period,
}

/// As which kind of WebSocket message a payload is sent.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct KindArgs {
    /// Send WebSocket messages as text where they are UTF-8, as send does by itself
    #[arg(long, conflicts_with_all = ["binary", "stream"])]
    pub(super) text: bool,

    /// Send WebSocket messages as binary, as bench does by itself
    #[arg(long, conflicts_with = "stream")]
    pub(super) binary: bool,
}

/// A text that is not to be printed.
#[derive(Clone)]
struct Secret(String);

/// Why there is no token to send.
#[derive(Debug, Error)]
pub enum BearerError {
    /// The file cannot be read.
    #[error("cannot read {}: {}", path.display(), io_error_text(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no token.
    #[error("the token is none: expected one line of letters, digits or punctuation")]
    Unfit,
}

impl ConnectArgs {
    pub(super) fn trust(&self) -> Trust {
        match (&self.ca, self.fingerprint) {
            (_, Some(fingerprint)) => Trust::Pinned(fingerprint),
            (Some(file), None) => Trust::Ca(file.clone()),
            (None, None) => Trust::System,
        }
    }

    /// What shows the token (RFC 6750, section 2.1), if there is one.
    pub(super) fn bearer(&self) -> Result<Option<HeaderValue>, BearerError> {
        let token = match (&self.token_file, &self.token) {
            (Some(path), _) => {
                fs::read_to_string(path).map_err(|source| BearerError::Unreadable {
                    path: path.clone(),
                    source,
                })?
            }
            (None, Some(Secret(token))) => token.clone(),
            (None, None) => return Ok(None),
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BearerError::Unfit);
        }
        let header = HeaderValue::try_from(format!("Bearer {token}"));
        let mut header = header.map_err(|_| BearerError::Unfit)?;
        header.set_sensitive(true);
        Ok(Some(header))
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.into()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
