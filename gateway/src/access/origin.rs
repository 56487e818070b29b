//! Origin allow-list: web origins whose pages may open WebSockets.

use std::str::FromStr;

use axum::http::HeaderMap;
use thiserror::Error;

use crate::access::authority::{
    Authority, HostPattern, InvalidAuthority, never_matches, parse_pattern, unquoted, url_parts,
};
use crate::access::forwarded::RequestInfo;

/// Entry of the allow-list of origins, whose pages may open WebSockets; `None` is `*`, all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin(Option<OriginPattern>);

/// Scheme, hosts and port of allowed origins.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OriginPattern {
    scheme: String,
    host: HostPattern,
    /// The scheme's default port is filled in for http and https.
    port: Option<u16>,
}

/// Web origin (RFC 6454): scheme, host and port of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    /// Host and port; the scheme's default port is filled in for http and https.
    authority: Authority,
}

/// Error: an entry would never match an Origin header.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "expected an origin such as https://example.com, http://127.0.0.1:8080 or https://*.example.com, or *: {0}"
)]
pub struct OriginError(String);

/// The origin of pages without one: from files, sandboxed frames and some redirects.
pub(super) const OPAQUE: &str = "null";

/// Returns true if the Origin header `text` is the gateway's own origin or one of `allowed`.
pub(super) fn is_allowed(text: &str, info: &RequestInfo, allowed: &[AllowedOrigin]) -> bool {
    let origin: Option<Origin> = text.parse().ok();
    let is_listed = |AllowedOrigin(entry): &AllowedOrigin| match entry {
        None => true,
        Some(pattern) => origin.as_ref().is_some_and(|it| pattern.matches(it)),
    };
    let is_own = |origin: &Origin| origin.is_same_origin(info);
    origin.as_ref().is_some_and(is_own) || allowed.iter().any(is_listed)
}

/// Returns true if Sec-Fetch-Site (W3C Fetch Metadata) says that no page of another origin sent
/// the request; `None` without the header, which browsers omit over plain HTTP.
pub(super) fn is_same_by_fetch_metadata(headers: &HeaderMap) -> Option<bool> {
    let site = headers.get("sec-fetch-site")?;
    Some(matches!(site.as_bytes(), b"same-origin" | b"none"))
}

impl OriginPattern {
    fn matches(&self, origin: &Origin) -> bool {
        self.scheme == origin.scheme
            && self.port == origin.authority.port
            && self.host.matches(&origin.authority.host)
    }
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
    type Err = InvalidAuthority;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, authority) = text.split_once("://").ok_or(InvalidAuthority)?;
        let mut authority: Authority = authority.parse()?;
        let scheme = scheme.to_ascii_lowercase();
        authority.port = authority.port_for(&scheme);
        Ok(Self { scheme, authority })
    }
}

impl FromStr for AllowedOrigin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if unquoted(text).eq_ignore_ascii_case(OPAQUE) {
            return Err(OriginError(format!(
                "{text:?} is what pages from files and sandboxed frames send, whoever made them; serve the page by HTTP, or allow all with *"
            )));
        }
        parse(text).map_err(|_| OriginError(never_matches(text, fixed(text))))
    }
}

fn parse(text: &str) -> Result<AllowedOrigin, InvalidAuthority> {
    if text == "*" {
        return Ok(AllowedOrigin(None));
    }
    let (scheme, authority) = text.split_once("://").ok_or(InvalidAuthority)?;
    let scheme = scheme.to_ascii_lowercase();
    let is_scheme_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    // A page's scheme: a WebSocket's is that of its URL, and in no Origin header.
    if matches!(&*scheme, "" | "ws" | "wss") || !scheme.chars().all(is_scheme_char) {
        return Err(InvalidAuthority);
    }
    let (host, port) = parse_pattern(authority)?;
    let default = Authority {
        host: String::new(),
        port,
    };
    let port = default.port_for(&scheme);
    Ok(AllowedOrigin(Some(OriginPattern { scheme, host, port })))
}

/// Returns the origin within `text`, without quotes and path, and with a page's scheme.
fn fixed(text: &str) -> Option<String> {
    let (scheme, authority) = url_parts(text);
    let scheme = scheme.unwrap_or("https").to_ascii_lowercase();
    let scheme = match &*scheme {
        "ws" => "http",
        "wss" => "https",
        scheme => scheme,
    };
    let authority = authority.trim_end_matches(":*").to_ascii_lowercase();
    let fixed = format!("{scheme}://{authority}");
    parse(&fixed).ok().map(|_| fixed)
}
