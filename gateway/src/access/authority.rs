//! Authority: `HOST` or `HOST:PORT`, as in a Host header and in an origin.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A host and an optional port (RFC 3986, section 3.2, without user information).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    /// Host name or address in lower case; an IPv6 address is in brackets.
    pub(crate) host: String,
    /// `None` stands for the scheme's default port.
    pub(crate) port: Option<u16>,
}

/// Error: a text is not an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidAuthority;

impl Authority {
    /// Returns true if the host is an IP address, which DNS rebinding can't redirect.
    pub(crate) fn is_address(&self) -> bool {
        let bracketed = self
            .host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        match bracketed {
            Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
            None => self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4()),
        }
    }

    /// Returns the port, or the default port of `scheme` if there is none.
    pub(crate) fn port_for(&self, scheme: &str) -> Option<u16> {
        self.port.or(default_port(scheme))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

impl FromStr for Authority {
    type Err = InvalidAuthority;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let after_bracket = text.rfind(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match text[after_bracket..].rfind(':') {
            Some(colon) => {
                let (host, port) = text.split_at(after_bracket + colon);
                (host, Some(port[1..].parse().map_err(|_| InvalidAuthority)?))
            }
            None => (text, None),
        };
        if host.is_empty() || host.contains(['/', '@', ' ', '\\', '?', '#', ',']) {
            return Err(InvalidAuthority);
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
        })
    }
}
