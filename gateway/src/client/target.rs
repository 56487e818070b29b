use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::{Endpoint, EndpointError};

/// A service as a client names it: `tcp://HOST:PORT` or `ws://HOST:PORT/PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Frames on a TCP connection.
    Tcp(Endpoint),
    /// A WebSocket.
    WebSocket {
        /// Who is dialled.
        endpoint: Endpoint,
        /// Path and query, with the slash that they begin with.
        path: String,
    },
}

/// Why a text is not a [`Target`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// The scheme is missing or another.
    #[error("expected tcp://HOST:PORT or ws://HOST:PORT/PATH")]
    Scheme,
    /// What is dialled is not written as it should be.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl Target {
    /// Who is dialled.
    pub fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Tcp(endpoint) | Self::WebSocket { endpoint, .. } => endpoint,
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(authority) = text.strip_prefix("tcp://") {
            return Ok(Self::Tcp(authority.parse()?));
        }
        let rest = text.strip_prefix("ws://").ok_or(TargetError::Scheme)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self::WebSocket {
            endpoint: with_default_port(authority)?,
            path: format!("{slash}{path}"),
        })
    }
}

/// An endpoint whose port is 80 where none is named (RFC 6455, section 3).
fn with_default_port(authority: &str) -> Result<Endpoint, EndpointError> {
    authority
        .parse()
        .or_else(|error| format!("{authority}:80").parse().map_err(|_| error))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(endpoint) => write!(f, "tcp://{endpoint}"),
            Self::WebSocket { endpoint, path } => write!(f, "ws://{endpoint}{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints_the_same() {
        for text in [
            "tcp://127.0.0.1:9999",
            "tcp://[::1]:9999",
            "ws://localhost:3000/ws",
            "ws://[::1]:3000/",
            "ws://localhost:3000/ws?as=text",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_websocket_has_a_port_and_a_path_by_default() {
        let check = |text: &str, expected: &str| {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), expected);
        };
        check("ws://localhost", "ws://localhost:80/");
        check("ws://localhost?x", "ws://localhost:80/?x");
        check("ws://[::1]/ws", "ws://[::1]:80/ws");
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |text: &str, expected: TargetError| {
            assert_eq!(text.parse::<Target>(), Err(expected), "{text}");
        };
        check("localhost:9999", TargetError::Scheme);
        check("http://localhost:9999", TargetError::Scheme);
        check("tcp://localhost", EndpointError::NotHostPort.into());
        check("ws://", EndpointError::NotHostPort.into());
        check(
            "ws://localhost:http/ws",
            EndpointError::BadPort("http".into()).into(),
        );
    }
}
