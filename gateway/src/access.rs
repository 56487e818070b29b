//! Access control: a Host allow-list against DNS rebinding, and an Origin allow-list against
//! cross-site WebSocket hijacking.
//!
//! A gateway on loopback is reachable from every page in its user's browser. A WebSocket
//! request's Origin has to be the gateway's own or an allowed one. A request's Host has to be
//! localhost, an IP address or an allowed name: otherwise a foreign site could resolve its own
//! name to the gateway's address (DNS rebinding), and its pages would be same-origin.

pub(crate) mod authority;
mod expiring_map;
pub(crate) mod forwarded;
mod guesses;
mod host;
pub(crate) mod login;
mod login_code;
mod login_cookie;
pub(crate) mod login_routes;
mod origin;
mod signed_id;
pub(crate) mod token;

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use thiserror::Error;

use crate::access::forwarded::RequestInfo;
pub use crate::access::host::{AllowedHost, HostError};
pub use crate::access::origin::{AllowedOrigin, Origin, OriginError};
use crate::listener::trusted_proxy::TrustedProxy;

/// Allow-lists of hosts, origins and trusted proxies.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Allowed host names, in addition to localhost and IP addresses.
    pub hosts: Vec<AllowedHost>,
    /// Allowed origins, in addition to the gateway's own.
    pub origins: Vec<AllowedOrigin>,
    /// Set if WebSocket requests need an Origin header.
    pub require_origin: bool,
    /// Proxies whose forwarded headers and PROXY headers are trusted.
    pub trusted_proxies: Vec<TrustedProxy>,
}

/// Refusal of a request by access control.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Denial {
    #[error("missing, repeated or malformed Host header")]
    NoHost,
    #[error("host {0:?} is not allowed: the gateway's operator can allow it with --allow-host")]
    UnknownHost(String),
    #[error("missing Origin header")]
    NoOrigin,
    #[error("origin {0:?} is not allowed: the gateway's operator can allow it with --allow-origin")]
    ForeignOrigin(String),
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoHost => StatusCode::BAD_REQUEST,
            Self::UnknownHost(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::NoOrigin | Self::ForeignOrigin(_) => StatusCode::FORBIDDEN,
        };
        (status, format!("{self}\n")).into_response()
    }
}

impl Access {
    /// Checks a request's host: localhost, IP addresses and allowed names pass.
    pub(crate) fn check_host(&self, request_info: &RequestInfo) -> Result<(), Denial> {
        let authority = request_info.authority.as_ref().ok_or(Denial::NoHost)?;
        host::is_allowed(authority, &self.hosts)
            .then_some(())
            .ok_or_else(|| Denial::UnknownHost(authority.host.clone()))
    }

    /// Checks a WebSocket request's Origin header: the gateway's own origin and allowed ones
    /// pass, and a missing header unless origins are required.
    pub(crate) fn check_origin(
        &self,
        request_info: &RequestInfo,
        headers: &HeaderMap,
    ) -> Result<(), Denial> {
        let mut values = headers.get_all(ORIGIN).iter();
        let text = match (values.next(), values.next()) {
            (Some(one), None) => String::from_utf8_lossy(one.as_bytes()),
            // Browsers send one at most.
            (Some(_), Some(_)) => "several origins".into(),
            (None, _) if self.require_origin => return Err(Denial::NoOrigin),
            (None, _) => return Ok(()),
        };
        origin::is_allowed(&text, request_info, &self.origins)
            .then_some(())
            .ok_or_else(|| Denial::ForeignOrigin(text.into_owned()))
    }

    /// Checks the origin of a GET request. Browsers send no Origin header with same-origin GET
    /// requests; without one, Sec-Fetch-Site (W3C Fetch Metadata) is checked.
    pub(crate) fn check_read_origin(
        &self,
        request_info: &RequestInfo,
        headers: &HeaderMap,
    ) -> Result<(), Denial> {
        if headers.contains_key(ORIGIN) {
            return self.check_origin(request_info, headers);
        }
        match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) => Err(Denial::ForeignOrigin("another site".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::forwarded::ConnectionInfo;
    use crate::listener::peer::Peer;

    fn request_info(host: &str, https: bool) -> RequestInfo {
        RequestInfo {
            connection: ConnectionInfo {
                peer: Peer::direct("127.0.0.1:5000".parse().unwrap()),
                local: None,
                tls: false,
            },
            client: None,
            authority: host.parse().ok(),
            https,
        }
    }

    fn origin(origin: Option<&str>) -> HeaderMap {
        let named = origin.map(|origin| (ORIGIN, origin.parse().unwrap()));
        named.into_iter().collect()
    }

    fn access(hosts: &[&str], origins: &[&str]) -> Access {
        Access {
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            origins: origins
                .iter()
                .map(|origin| origin.parse().unwrap())
                .collect(),
            ..Access::default()
        }
    }

    #[test]
    fn addresses_localhost_and_allowed_hosts_pass() {
        let check = |host: &str, known: bool| {
            let access = access(&["gate.example.com"], &[]);
            let checked = access.check_host(&request_info(host, false));
            assert_eq!(checked.is_ok(), known, "{host}: {checked:?}");
        };
        check("127.0.0.1:3000", true);
        check("192.0.2.7", true);
        check("[::1]:3000", true);
        check("localhost:3000", true);
        check("LocalHost", true);
        check("gate.example.com", true);
        check("GATE.example.com:8443", true);
        check("evil.example", false);
        check("localhost.evil.example", false);
        check("127.0.0.1.evil.example", false);
        check("evil.example#localhost", false);
        check("user@localhost", false);
        check("localhost:port", false);
        check("", false);
        check("::1", false);
    }

    #[test]
    fn own_and_allowed_origins_pass() {
        let check = |host: &str, named: Option<&str>, allowed: bool| {
            let access = access(&[], &["https://app.example"]);
            let checked = access.check_origin(&request_info(host, false), &origin(named));
            assert_eq!(checked.is_ok(), allowed, "{host} {named:?}");
        };
        check("127.0.0.1:3000", None, true);
        check("127.0.0.1:3000", Some("http://127.0.0.1:3000"), true);
        check("gate.example", Some("http://gate.example"), true);
        check("gate.example", Some("https://gate.example"), true);
        check("gate.example:443", Some("https://gate.example"), true);
        check("Gate.Example", Some("https://gate.example:443"), true);
        check("[::1]:3000", Some("http://[::1]:3000"), true);
        check("127.0.0.1:3000", Some("https://app.example"), true);
        check("127.0.0.1:3000", Some("http://app.example"), false);
        check("127.0.0.1:3000", Some("https://app.example:444"), false);
        check("127.0.0.1:3000", Some("http://127.0.0.1:8080"), false);
        check("127.0.0.1:3000", Some("http://127.0.0.1"), false);
        check("127.0.0.1:3000", Some("http://localhost:3000"), false);
        check("127.0.0.1:3000", Some("http://evil.example"), false);
        check("127.0.0.1:3000", Some("null"), false);
        check("127.0.0.1:3000", Some(""), false);
        check(
            "127.0.0.1:3000",
            Some("http://127.0.0.1:3000@evil.example"),
            false,
        );
    }

    #[test]
    fn http_origin_is_foreign_over_https() {
        let check = |named, allowed: bool| {
            let request_info = request_info("gate.example", true);
            let checked = Access::default().check_origin(&request_info, &origin(Some(named)));
            assert_eq!(checked.is_ok(), allowed, "{named}");
        };
        check("https://gate.example", true);
        check("http://gate.example", false);
        check("http://gate.example:443", false);
    }

    #[test]
    fn wildcard_allows_all_origins() {
        let access = access(&[], &["*"]);
        for named in ["null", "http://evil.example"] {
            let checked =
                access.check_origin(&request_info("localhost", false), &origin(Some(named)));
            assert_eq!(checked, Ok(()));
        }
    }

    #[test]
    fn repeated_origin_header_is_refused() {
        let mut headers = origin(Some("http://localhost"));
        headers.append(ORIGIN, "http://localhost".parse().unwrap());
        let checked = Access::default().check_origin(&request_info("localhost", false), &headers);
        assert!(matches!(checked, Err(Denial::ForeignOrigin(_))));
    }

    #[test]
    fn missing_origin_is_refused_if_required() {
        let access = Access {
            require_origin: true,
            ..access(&[], &["https://app.example"])
        };
        let check = |named| access.check_origin(&request_info("localhost", false), &origin(named));
        assert_eq!(check(None), Err(Denial::NoOrigin));
        assert_eq!(check(Some("https://app.example")), Ok(()));
    }

    #[test]
    fn malformed_origins_and_hosts_are_refused() {
        assert_eq!("example.com".parse::<Origin>(), Err(OriginError));
        assert_eq!(
            "https://example.com/path".parse::<Origin>(),
            Err(OriginError)
        );
        assert_eq!("a.example:80".parse::<AllowedHost>(), Err(HostError));
        assert_eq!("http://a.example".parse::<AllowedHost>(), Err(HostError));
    }
}
