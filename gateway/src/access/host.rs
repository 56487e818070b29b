//! Host allow-list: host names that requests may be for.

use std::str::FromStr;

use thiserror::Error;

use crate::access::authority::Authority;

/// Allowed host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedHost {
    /// All names.
    Any,
    /// One name, in lower case.
    Name(String),
}

/// Error: a text is not a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected a host name without scheme or port, such as gate.example.com, or *")]
pub struct HostError;

/// Returns true if the host of `authority` is localhost, an IP address or one of `allowed`.
pub(super) fn is_allowed(authority: &Authority, allowed: &[AllowedHost]) -> bool {
    let host = &authority.host;
    let is_listed = |allowed: &AllowedHost| match allowed {
        AllowedHost::Any => true,
        AllowedHost::Name(name) => name == host,
    };
    authority.is_address() || host == "localhost" || allowed.iter().any(is_listed)
}

impl FromStr for AllowedHost {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            _ if text == "*" => Ok(Self::Any),
            Ok(Authority { host, port: None }) => Ok(Self::Name(host)),
            _ => Err(HostError),
        }
    }
}
