//! `HOST:PORT`, parsed from options.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

use crate::units::digits;

/// A host name or IP address, and a port: `HOST:PORT`.
///
/// Parsing looks nothing up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// A host name, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// The port; 0 lets the system choose one to listen on.
    pub port: u16,
}

/// A text that is not an [`Endpoint`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// `:PORT`, or the host before it, is missing or malformed.
    #[error("expected HOST:PORT, for example 127.0.0.1:9999 or [::1]:9999")]
    NotHostPort,
    /// An IPv6 address has no brackets, which separate it from the port.
    #[error("an IPv6 address needs brackets, as in [::1]:9999")]
    Unbracketed,
    /// A link-local IPv6 address with its zone.
    #[error("an IPv6 address with a zone, such as %eth0, cannot be used; use one that needs none")]
    Zone,
    /// The port is not a number from 0 to 65535.
    #[error("{0:?} is not a port, expected a number from 0 to 65535")]
    BadPort(String),
}

impl Endpoint {
    /// The endpoint at which a client on this machine reaches a listener bound to `addr`:
    /// loopback, if that is an unspecified address.
    pub fn local(addr: SocketAddr) -> Self {
        let ip = match addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        Self {
            host: ip.to_string(),
            port: addr.port(),
        }
    }

    /// Host and port, in the form that `lookup_host` takes.
    pub fn as_pair(&self) -> (&str, u16) {
        (&self.host, self.port)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').ok_or(EndpointError::NotHostPort)?;
        let bracketed = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let host = match bracketed {
            Some(host) if host.parse::<Ipv6Addr>().is_ok() => host,
            Some(host) if has_zone(host) => return Err(EndpointError::Zone),
            None if host.parse::<Ipv6Addr>().is_ok() => return Err(EndpointError::Unbracketed),
            None if !host.is_empty() && !host.contains([':', '/', '[', ']', '@']) => host,
            _ => return Err(EndpointError::NotHostPort),
        };
        let port = digits(port).ok_or_else(|| EndpointError::BadPort(port.into()))?;
        Ok(Self {
            host: host.into(),
            port,
        })
    }
}

/// Returns true for an IPv6 address with a zone (RFC 4007, section 11).
fn has_zone(host: &str) -> bool {
    let address = host.split_once('%').map(|(address, _)| address);
    address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_is_printed_as_it_was_parsed() {
        for text in [
            "127.0.0.1:9999",
            "[::1]:0",
            "localhost:80",
            "db.example:65535",
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn malformed_endpoint_is_rejected_with_its_fault() {
        let check = |text: &str, expected: EndpointError| {
            assert_eq!(text.parse::<Endpoint>(), Err(expected), "{text}");
        };
        check("", EndpointError::NotHostPort);
        check("localhost", EndpointError::NotHostPort);
        check(":9999", EndpointError::NotHostPort);
        check("[nonsense]:1", EndpointError::NotHostPort);
        check("tcp://localhost:1", EndpointError::NotHostPort);
        check("::1:9999", EndpointError::Unbracketed);
        check("[fe80::1%eth0]:9999", EndpointError::Zone);
        check("localhost:", EndpointError::BadPort("".into()));
        check("localhost:70000", EndpointError::BadPort("70000".into()));
        check("localhost:http", EndpointError::BadPort("http".into()));
    }

    #[test]
    fn unspecified_address_is_reached_on_loopback() {
        let check = |addr: &str, expected: &str| {
            assert_eq!(Endpoint::local(addr.parse().unwrap()).to_string(), expected);
        };
        check("0.0.0.0:9999", "127.0.0.1:9999");
        check("[::]:9999", "[::1]:9999");
        check("192.0.2.1:9999", "192.0.2.1:9999");
    }
}
