//! The options of the WebSocket handshake: headers, origin and subprotocols. Their doc comments
//! are the help text.

use std::path::Path;

use clap::Args;
use thiserror::Error;
use tokio_tungstenite::tungstenite::http::header::{HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderName, HeaderValue};

use crate::read::{ReadError, read_text};
use crate::secret::Secret;
use crate::target::Target;

/// Headers of the WebSocket handshake.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct HandshakeArgs {
    /// A header of the WebSocket handshake, or @FILE: a file with a header on each line;
    /// repeatable
    ///
    /// Other users of this machine can see command lines; @FILE keeps a value secret.
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<Secret>,

    /// The Origin header of the WebSocket handshake: scheme and host, as a browser sends them
    ///
    /// Servers that serve browsers only require one.
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,

    /// A subprotocol to offer in the WebSocket handshake; repeatable, the preferred one first
    ///
    /// A server that selects none of them is an error, as in browsers.
    #[arg(long, value_name = "NAME")]
    subprotocol: Vec<String>,
}

/// An invalid option of the handshake. Values are not shown, as they may be secret.
#[derive(Debug, Error)]
pub enum HandshakeError {
    /// The target is not a WebSocket.
    #[error("{option} is for ws:// and wss:// targets: {target} has no WebSocket handshake")]
    NoWebSocket {
        /// The option.
        option: &'static str,
        /// The target.
        target: Target,
    },
    /// A file of headers cannot be read.
    #[error("--header: {0}")]
    File(#[from] ReadError),
    /// A header is malformed.
    #[error("{place}: expected NAME: VALUE in ASCII, such as \"X-Api-Key: secret\"")]
    Header {
        /// The option and its number, or the file and the line.
        place: String,
    },
    /// A header belongs to the handshake itself.
    #[error("{place}: the handshake itself sets {name}{}", if *.name == SEC_WEBSOCKET_PROTOCOL { "; use --subprotocol" } else { "" })]
    Reserved {
        /// The option and its number, or the file and the line.
        place: String,
        /// The header.
        name: HeaderName,
    },
    /// An origin or subprotocol has characters that it cannot have.
    #[error("{option}: {value:?} is not {expected}")]
    Value {
        /// The option.
        option: &'static str,
        /// The value.
        value: String,
        /// The expected value.
        expected: &'static str,
    },
}

impl HandshakeArgs {
    /// Adds the headers of these options to `headers`.
    ///
    /// # Errors
    /// [`HandshakeError`] if one is invalid, or `target` is not a WebSocket.
    pub(crate) fn add_to(
        &self,
        headers: &mut HeaderMap,
        target: &Target,
    ) -> Result<(), HandshakeError> {
        self.check_target(target)?;
        for (number, Secret(text)) in (1..).zip(&self.header) {
            match text.strip_prefix('@') {
                Some(path) => add_file(headers, Path::new(path))?,
                None => add_line(headers, text, || format!("--header number {number}"))?,
            }
        }
        if let Some(origin) = &self.origin {
            let value = HeaderValue::from_str(origin);
            let value = value.map_err(|_| invalid("--origin", origin, "an origin"))?;
            headers.insert(ORIGIN, value);
        }
        if !self.subprotocol.is_empty() {
            let invalid = |name| invalid("--subprotocol", name, "the name of a subprotocol");
            // The name of a header is a token, as that of a subprotocol has to be.
            let is_token = |name: &&String| HeaderName::from_bytes(name.as_bytes()).is_ok();
            if let Some(name) = self.subprotocol.iter().find(|it| !is_token(it)) {
                return Err(invalid(name));
            }
            let offer = self.subprotocol.join(", ");
            let offer = HeaderValue::try_from(&offer).map_err(|_| invalid(&offer))?;
            headers.insert(SEC_WEBSOCKET_PROTOCOL, offer);
        }
        Ok(())
    }

    fn check_target(&self, target: &Target) -> Result<(), HandshakeError> {
        let given = [
            ("--header", !self.header.is_empty()),
            ("--origin", self.origin.is_some()),
            ("--subprotocol", !self.subprotocol.is_empty()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((option, _)) if !target.is_websocket() => Err(HandshakeError::NoWebSocket {
                option,
                target: target.clone(),
            }),
            _ => Ok(()),
        }
    }
}

fn add_file(headers: &mut HeaderMap, path: &Path) -> Result<(), HandshakeError> {
    for (number, line) in (1..).zip(read_text(path)?.lines()) {
        if !line.trim().is_empty() {
            add_line(headers, line, || format!("{}:{number}", path.display()))?;
        }
    }
    Ok(())
}

/// Adds the header `NAME: VALUE`; a header that may be sent once only replaces the one before.
fn add_line(
    headers: &mut HeaderMap,
    line: &str,
    place: impl Fn() -> String,
) -> Result<(), HandshakeError> {
    let malformed = || HandshakeError::Header { place: place() };
    let (name, value) = line.split_once(':').ok_or_else(malformed)?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| malformed())?;
    let mut value = HeaderValue::from_str(value.trim()).map_err(|_| malformed())?;
    value.set_sensitive(true);
    let is_reserved = ["connection", "upgrade"].contains(&name.as_str())
        || name.as_str().starts_with("sec-websocket-");
    if is_reserved {
        let place = place();
        return Err(HandshakeError::Reserved { place, name });
    }
    if [HOST, ORIGIN].contains(&name) {
        headers.insert(name, value);
    } else {
        headers.append(name, value);
    }
    Ok(())
}

fn invalid(option: &'static str, value: &str, expected: &'static str) -> HandshakeError {
    HandshakeError::Value {
        option,
        value: value.into(),
        expected,
    }
}
