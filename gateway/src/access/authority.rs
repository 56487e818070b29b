//! Authority: `HOST` or `HOST:PORT`, as in a Host header and in an origin; and the patterns of
//! allow-lists for hosts.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use net::units::digits;

/// A host and an optional port (RFC 3986, section 3.2, without user information).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    /// Host name or address in lower case, without a dot at its end; an IPv6 address is in
    /// brackets, and an IPv4-mapped one is written as IPv4.
    pub(crate) host: String,
    /// `None` stands for the scheme's default port.
    pub(crate) port: Option<u16>,
}

/// Hosts that an entry of an allow-list allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostPattern {
    /// One host.
    Exact(String),
    /// A wildcard, `*.DOMAIN`: all hosts below the domain, and not the domain itself; kept with
    /// the leading dot.
    Below(String),
}

/// Error: a text is not an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidAuthority;

impl Authority {
    /// Returns true if the host is an IP address, which DNS rebinding can't redirect.
    pub(crate) fn is_address(&self) -> bool {
        self.host.starts_with('[') || self.host.parse::<IpAddr>().is_ok()
    }

    /// Returns the port, or the default port of `scheme` if there is none.
    pub(crate) fn port_for(&self, scheme: &str) -> Option<u16> {
        self.port.or(default_port(scheme))
    }
}

impl HostPattern {
    pub(crate) fn matches(&self, host: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == host,
            Self::Below(domain) => host
                .strip_suffix(domain.as_str())
                .is_some_and(|labels| !labels.is_empty() && !labels.starts_with('.')),
        }
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
                (host, parse_port(&port[1..])?)
            }
            None => (text, None),
        };
        // A dot at the end stands for the root of the DNS: a full name is the same without it.
        let host = host.strip_suffix('.').unwrap_or(host);
        let host = match host.strip_prefix('[').map(|host| host.strip_suffix(']')) {
            Some(address) => canonical(address.ok_or(InvalidAuthority)?)?,
            None if host.is_empty() || !host.chars().all(is_name_char) => {
                return Err(InvalidAuthority);
            }
            None => host.to_ascii_lowercase(),
        };
        Ok(Self { host, port })
    }
}

/// Parses a port, which may be empty (RFC 3986, section 3.2.3).
fn parse_port(port: &str) -> Result<Option<u16>, InvalidAuthority> {
    match port {
        "" => Ok(None),
        port => digits(port).map(Some).ok_or(InvalidAuthority),
    }
}

/// Returns an IPv6 address in its one form, as browsers write it, with brackets.
fn canonical(address: &str) -> Result<String, InvalidAuthority> {
    let address: Ipv6Addr = address.parse().map_err(|_| InvalidAuthority)?;
    Ok(match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    })
}

/// Browsers send names of other alphabets in ASCII (`xn--`). Some names of services contain `_`.
fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// Parses an entry of an allow-list, `HOST` or `HOST:PORT`, where HOST may begin with `*.`.
pub(crate) fn parse_pattern(text: &str) -> Result<(HostPattern, Option<u16>), InvalidAuthority> {
    let below = text.strip_prefix("*.");
    let authority: Authority = below.unwrap_or(text).parse()?;
    let pattern = match below {
        // No address has a host below it.
        Some(_) if authority.is_address() || authority.host.starts_with('.') => {
            return Err(InvalidAuthority);
        }
        Some(_) => HostPattern::Below(format!(".{}", authority.host)),
        None => HostPattern::Exact(authority.host),
    };
    match authority.port {
        Some(0) => Err(InvalidAuthority),
        port => Ok((pattern, port)),
    }
}

/// Removes what people and their tools put around a value: space and quotes.
pub(crate) fn unquoted(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'))
}

/// Returns the scheme and the authority in `text`, a URL or the beginning of one, without what
/// people and their tools put around it.
pub(crate) fn url_parts(text: &str) -> (Option<&str>, &str) {
    let text = unquoted(text);
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme, authority.rsplit('@').next().unwrap_or_default())
}

/// Returns the end of the message for an entry of an allow-list that would never match, with
/// `fixed` as the entry to write instead.
pub(crate) fn never_matches(text: &str, fixed: Option<String>) -> String {
    let fix = match fixed {
        Some(fixed) => format!("; write {fixed}"),
        None if !text.is_ascii() => {
            "; browsers send names of other alphabets in ASCII, as in xn--r8jz45g.jp".into()
        }
        None => String::new(),
    };
    format!("{text:?} would never match{fix}")
}
