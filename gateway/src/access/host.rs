//! Host allow-list: host names that requests may be for.

use std::str::FromStr;

use net::units::digits;
use thiserror::Error;

use crate::access::authority::{
    Authority, HostPattern, InvalidAuthority, never_matches, parse_pattern, url_parts,
};

/// Entry of the allow-list of hosts; `None` is `*`, all names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost(Option<HostPattern>);

/// Error: an entry would never match a Host header.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "expected a host name such as gate.example.com, *.example.com for all names below a domain, or *: {0}"
)]
pub struct HostError(String);

/// Returns true if the host of `authority` is localhost, an IP address or one of `allowed`.
pub(super) fn is_allowed(authority: &Authority, allowed: &[AllowedHost]) -> bool {
    let host = &authority.host;
    let is_listed =
        |AllowedHost(entry): &AllowedHost| entry.as_ref().is_none_or(|it| it.matches(host));
    authority.is_address() || host == "localhost" || allowed.iter().any(is_listed)
}

impl AllowedHost {
    /// Returns the name, for a certificate; `None` if it is not a single one.
    pub(crate) fn name(&self) -> Option<&String> {
        match &self.0 {
            Some(HostPattern::Exact(name)) => Some(name),
            _ => None,
        }
    }
}

impl FromStr for AllowedHost {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        parse(text).map_err(|_| HostError(never_matches(text, fixed(text))))
    }
}

fn parse(text: &str) -> Result<AllowedHost, InvalidAuthority> {
    if text == "*" {
        return Ok(AllowedHost(None));
    }
    match parse_pattern(text)? {
        (pattern, None) => Ok(AllowedHost(Some(pattern))),
        (_, Some(_)) => Err(InvalidAuthority),
    }
}

/// Returns the host name within `text`, without quotes, scheme, port and path.
fn fixed(text: &str) -> Option<String> {
    let (_, authority) = url_parts(text);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if digits::<u16>(port).is_some() || port == "*" => host,
        _ => authority,
    };
    parse(host).ok().map(|_| host.to_ascii_lowercase())
}
