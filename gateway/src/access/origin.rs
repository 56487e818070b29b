//! Origin allow-list: web origins whose pages may open WebSockets.

use std::str::FromStr;

use thiserror::Error;

use crate::access::authority::Authority;
use crate::access::forwarded::RequestInfo;

/// Allowed origin, whose pages may open WebSockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// All origins.
    Any,
    /// One origin.
    Exact(Origin),
}

/// Web origin (RFC 6454): scheme, host and port of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    /// Host and port; the scheme's default port is filled in for http and https.
    authority: Authority,
}

/// Error: a text is not `SCHEME://HOST` or `SCHEME://HOST:PORT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected an origin such as https://example.com or http://127.0.0.1:8080, or *")]
pub struct OriginError;

/// Returns true if the Origin header `text` is the gateway's own origin or one of `allowed`.
pub(super) fn is_allowed(text: &str, info: &RequestInfo, allowed: &[AllowedOrigin]) -> bool {
    let origin: Option<Origin> = text.parse().ok();
    let is_listed = |allowed: &AllowedOrigin| match allowed {
        AllowedOrigin::Any => true,
        AllowedOrigin::Exact(allowed) => origin.as_ref() == Some(allowed),
    };
    let is_own = |origin: &Origin| origin.is_same_origin(info);
    origin.as_ref().is_some_and(is_own) || allowed.iter().any(is_listed)
}

impl Origin {
    /// Returns true if this is the origin of the gateway, as `request_info` reached it.
    ///
    /// An https origin also passes over plain HTTP, because an unknown proxy may terminate TLS.
    /// An http origin does not pass over https: such a page can be forged in transit.
    fn is_same_origin(&self, request_info: &RequestInfo) -> bool {
        let same_authority = request_info.authority.as_ref().is_some_and(|authority| {
            let port = |authority: &Authority| authority.port_for(&self.scheme);
            authority.host == self.authority.host && port(authority) == port(&self.authority)
        });
        same_authority && (self.scheme == "https" || !request_info.https)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, authority) = text.split_once("://").ok_or(OriginError)?;
        let mut authority: Authority = authority.parse().map_err(|_| OriginError)?;
        let scheme = scheme.to_ascii_lowercase();
        authority.port = authority.port_for(&scheme);
        Ok(Self { scheme, authority })
    }
}

impl FromStr for AllowedOrigin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "*" => Ok(Self::Any),
            origin => origin.parse().map(Self::Exact),
        }
    }
}
