//! `HOST` or `HOST:PORT`, as a Host header and a page's origin have it.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A host and, if it is not the scheme's own, a port (RFC 3986, section 3.2, without
/// user information).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    /// In lower case; an IPv6 address is in brackets.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

/// A text is not an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Authority {
    /// Whether its host is an address, which cannot be pointed elsewhere as a name can.
    pub(crate) fn is_address(&self) -> bool {
        let bare = self
            .host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        match bare {
            Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
            None => self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4()),
        }
    }

    /// The port, which is that of `scheme` where none is given.
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
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let after_bracket = text.rfind(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match text[after_bracket..].rfind(':') {
            Some(colon) => {
                let (host, port) = text.split_at(after_bracket + colon);
                (host, Some(port[1..].parse().map_err(|_| Malformed)?))
            }
            None => (text, None),
        };
        if host.is_empty() || host.contains(['/', '@', ' ', '\\', '?', '#', ',']) {
            return Err(Malformed);
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
        })
    }
}
