//! The URL of a service.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use net::endpoint::{Endpoint, EndpointError};
use net::listen_address::{ListenAddressError, check_socket_path};
use thiserror::Error;

/// The URL of a service, which also says how to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Frames on a TCP connection: `tcp://HOST:PORT`.
    Tcp(Endpoint),
    /// Frames on a TLS connection: `tls://HOST:PORT`.
    Tls(Endpoint),
    /// Frames on a Unix socket: `unix:PATH`.
    Unix(PathBuf),
    /// A WebSocket: `ws://HOST[:PORT][/PATH]`, or `wss://` for TLS.
    WebSocket {
        /// Set for TLS.
        tls: bool,
        /// Host and port.
        endpoint: Endpoint,
        /// Path and query, from the first slash on.
        path: String,
    },
}

/// A text that is not a [`Target`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// The scheme is missing or unknown.
    #[error(
        "expected tcp://HOST:PORT, tls://HOST:PORT, unix:PATH, ws://HOST:PORT/PATH or \
         wss://HOST:PORT/PATH"
    )]
    Scheme,
    /// The path of a Unix socket is missing.
    #[error("unix: needs a path, for example unix:/run/service.sock")]
    NoPath,
    /// A path that no Unix socket can have.
    #[error(transparent)]
    SocketPath(#[from] ListenAddressError),
    /// Host or port is missing or malformed.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl Target {
    /// Host and port; `None` for a Unix socket.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match self {
            Self::Unix(_) => None,
            Self::Tcp(endpoint) | Self::Tls(endpoint) | Self::WebSocket { endpoint, .. } => {
                Some(endpoint)
            }
        }
    }

    /// Returns true if the connection uses TLS.
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_) | Self::WebSocket { tls: true, .. })
    }

    /// Returns true for a WebSocket, false for a byte stream of frames.
    pub fn is_websocket(&self) -> bool {
        matches!(self, Self::WebSocket { .. })
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once(':').ok_or(TargetError::Scheme)?;
        if scheme == "unix" {
            return match rest {
                "" => Err(TargetError::NoPath),
                path => {
                    check_socket_path(path)?;
                    Ok(Self::Unix(path.into()))
                }
            };
        }
        let rest = rest.strip_prefix("//").ok_or(TargetError::Scheme)?;
        match scheme {
            "tcp" => Ok(Self::Tcp(rest.parse()?)),
            "tls" => Ok(Self::Tls(rest.parse()?)),
            "ws" => websocket(rest, false),
            "wss" => websocket(rest, true),
            _ => Err(TargetError::Scheme),
        }
    }
}

/// Parses a WebSocket URL after `ws://`; the default port is 80, or 443 with TLS (RFC 6455,
/// section 3).
fn websocket(rest: &str, tls: bool) -> Result<Target, TargetError> {
    let port = if tls { 443 } else { 80 };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // If the default port does not help, the error is about the text as the user wrote it.
    let with_default_port = |error| format!("{authority}:{port}").parse().map_err(|_| error);
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(Target::WebSocket {
        tls,
        endpoint: authority.parse().or_else(with_default_port)?,
        path: format!("{slash}{path}"),
    })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(endpoint) => write!(f, "tcp://{endpoint}"),
            Self::Tls(endpoint) => write!(f, "tls://{endpoint}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::WebSocket {
                tls,
                endpoint,
                path,
            } => {
                let s = if *tls { "s" } else { "" };
                write!(f, "ws{s}://{endpoint}{path}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_is_printed_as_it_was_parsed() {
        for text in [
            "tcp://127.0.0.1:9999",
            "tcp://[::1]:9999",
            "tls://db.example:7443",
            "unix:/run/service.sock",
            "unix:service.sock",
            "ws://localhost:3000/ws",
            "wss://gate.example:3000/ws/log",
            "ws://[::1]:3000/",
            "ws://localhost:3000/ws?as=text",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn websocket_has_a_default_port_and_path() {
        let check = |text: &str, expected: &str| {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), expected);
        };
        check("ws://localhost", "ws://localhost:80/");
        check("ws://localhost?x", "ws://localhost:80/?x");
        check("ws://[::1]/ws", "ws://[::1]:80/ws");
        check("wss://localhost/ws", "wss://localhost:443/ws");
    }

    #[test]
    fn malformed_target_is_rejected_with_its_fault() {
        let check = |text: &str, expected: TargetError| {
            assert_eq!(text.parse::<Target>(), Err(expected), "{text}");
        };
        check("localhost:9999", TargetError::Scheme);
        check("http://localhost:9999", TargetError::Scheme);
        check("localhost", TargetError::Scheme);
        check("tcp:localhost:9999", TargetError::Scheme);
        check("unix:", TargetError::NoPath);
        check(
            "unix:@service",
            ListenAddressError::NotAPath("@service".into()).into(),
        );
        let long = format!("unix:/{}", "x".repeat(200));
        check(&long, ListenAddressError::TooLong(201).into());
        check("tcp://localhost", EndpointError::NotHostPort.into());
        check("ws://", EndpointError::NotHostPort.into());
        check(
            "ws://localhost:http/ws",
            EndpointError::BadPort("http".into()).into(),
        );
    }
}
