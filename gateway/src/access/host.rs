//! Host allow-list: host names that requests may be for.

use std::str::FromStr;

use thiserror::Error;

use crate::access::authority::{
    Authority, HostPattern, InvalidAuthority, never_matches, parse_pattern, unquoted,
};

/// Entry of the allow-list of hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost(Entry);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    /// All names.
    Any,
    Matching(HostPattern),
}

/// Error: an entry would never match a Host header.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "expected a host name such as gate.example.com, *.example.com for all names below a domain, or *: {0}"
)]
pub struct HostError(String);

/// Returns true if the host of `authority` is localhost, an IP address or one of `allowed`.
pub(super) fn is_allowed(authority: &Authority, allowed: &[AllowedHost]) -> bool {
    let host = &authority.host;
    let is_listed = |allowed: &AllowedHost| match &allowed.0 {
        Entry::Any => true,
        Entry::Matching(pattern) => pattern.matches(host),
    };
    authority.is_address() || host == "localhost" || allowed.iter().any(is_listed)
}

impl AllowedHost {
    /// Returns the name, for a certificate; `None` if it is not a single one.
    pub(crate) fn name(&self) -> Option<&String> {
        match &self.0 {
            Entry::Matching(HostPattern::Exact(name)) => Some(name),
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
        return Ok(AllowedHost(Entry::Any));
    }
    match parse_pattern(text)? {
        (pattern, None) => Ok(AllowedHost(Entry::Matching(pattern))),
        (_, Some(_)) => Err(InvalidAuthority),
    }
}

/// Returns the host name within `text`, without quotes, scheme, port and path.
fn fixed(text: &str) -> Option<String> {
    let text = unquoted(text);
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next()?;
    let text = text.rsplit('@').next()?;
    let host = match text.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() || port == "*" => host,
        _ => text,
    };
    parse(host).ok().map(|_| host.to_ascii_lowercase())
}
