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
pub(crate) mod token_subprotocol;

use axum::Extension;
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use net::untrusted::Untrusted;
use thiserror::Error;

use crate::access::forwarded::RequestInfo;
pub use crate::access::host::{AllowedHost, HostError};
pub use crate::access::origin::{AllowedOrigin, OriginError};
use crate::listener::trusted_proxy::TrustedProxy;
use crate::metrics::RefusalReason;
use crate::refusal::Refused;

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
    #[error("host {0} is not allowed: the gateway's operator can allow it with --allow-host")]
    UnknownHost(Untrusted<'static>),
    #[error("missing Origin header, which --require-origin demands: only browsers send one")]
    NoOrigin,
    #[error("origin {0} is not allowed: the gateway's operator can allow it with --allow-origin")]
    ForeignOrigin(Untrusted<'static>),
    #[error(
        "origin null is not allowed: pages from files and sandboxed frames have no origin of \
         their own; serve the page by HTTP, so that the gateway's operator can allow its origin \
         with --allow-origin"
    )]
    OpaqueOrigin,
    #[error("several Origin headers: a browser sends one")]
    SeveralOrigins,
    #[error("requests of other sites cannot read this: open it from the gateway's own page")]
    OtherSite,
}

impl Denial {
    fn reason(&self) -> RefusalReason {
        match self {
            Self::NoHost | Self::UnknownHost(_) => RefusalReason::Host,
            _ => RefusalReason::Origin,
        }
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoHost => StatusCode::BAD_REQUEST,
            Self::UnknownHost(_) => StatusCode::MISDIRECTED_REQUEST,
            _ => StatusCode::FORBIDDEN,
        };
        let refused = Refused::new(self.reason(), &self);
        (status, Extension(refused), format!("{self}\n")).into_response()
    }
}

impl Access {
    /// Checks a request's host: localhost, IP addresses and allowed names pass.
    pub(crate) fn check_host(&self, request_info: &RequestInfo) -> Result<(), Denial> {
        let authority = request_info.authority.as_ref().ok_or(Denial::NoHost)?;
        host::is_allowed(authority, &self.hosts)
            .then_some(())
            .ok_or_else(|| Denial::UnknownHost(authority.host.clone().into()))
    }

    /// Checks a WebSocket request's Origin header: the gateway's own origin and allowed ones
    /// pass, and a missing header unless origins are required.
    pub(crate) fn check_origin(
        &self,
        request_info: &RequestInfo,
        headers: &HeaderMap,
    ) -> Result<(), Denial> {
        let mut values = headers.get_all(ORIGIN).iter();
        let value = match (values.next(), values.next()) {
            (Some(one), None) => one.as_bytes(),
            (Some(_), Some(_)) => return Err(Denial::SeveralOrigins),
            (None, _) if self.require_origin => return Err(Denial::NoOrigin),
            (None, _) => return Ok(()),
        };
        let text = String::from_utf8_lossy(value);
        match origin::is_allowed(&text, request_info, &self.origins) {
            true => Ok(()),
            false if text == origin::OPAQUE => Err(Denial::OpaqueOrigin),
            false => Err(Denial::ForeignOrigin(Untrusted::new(value).into_owned())),
        }
    }

    /// Checks the origin of a GET request. Browsers send no Origin header with same-origin GET
    /// requests; without one, Sec-Fetch-Site (W3C Fetch Metadata) is checked. A request with
    /// neither does not come from a page, and passes unless origins are required.
    pub(crate) fn check_read_origin(
        &self,
        request_info: &RequestInfo,
        headers: &HeaderMap,
    ) -> Result<(), Denial> {
        if headers.contains_key(ORIGIN) {
            return self.check_origin(request_info, headers);
        }
        match origin::is_same_by_fetch_metadata(headers) {
            None if self.require_origin => Err(Denial::NoOrigin),
            None | Some(true) => Ok(()),
            Some(false) => Err(Denial::OtherSite),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let checked = access.check_host(&RequestInfo::from_this_machine(host, false));
            assert_eq!(checked.is_ok(), known, "{host}: {checked:?}");
        };
        check("127.0.0.1:3000", true);
        check("192.0.2.7", true);
        check("[::1]:3000", true);
        check("localhost:3000", true);
        check("LocalHost", true);
        check("gate.example.com", true);
        check("GATE.example.com:8443", true);
        check("gate.example.com.:8443", true);
        check("localhost:", true);
        check("evil.example", false);
        check("localhost.evil.example", false);
        check("127.0.0.1.evil.example", false);
        check("evil.example#localhost", false);
        check("user@localhost", false);
        check("localhost:port", false);
        check("", false);
        check(".", false);
        check("gate.example.com..", false);
        check("::1", false);
    }

    #[test]
    fn own_and_allowed_origins_pass() {
        let check = |host: &str, named: Option<&str>, allowed: bool| {
            let access = access(&[], &["https://app.example"]);
            let checked =
                access.check_origin(&RequestInfo::from_this_machine(host, false), &origin(named));
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
            let request_info = RequestInfo::from_this_machine("gate.example", true);
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
            let checked = access.check_origin(
                &RequestInfo::from_this_machine("localhost", false),
                &origin(Some(named)),
            );
            assert_eq!(checked, Ok(()));
        }
    }

    #[test]
    fn repeated_origin_header_is_refused() {
        let mut headers = origin(Some("http://localhost"));
        headers.append(ORIGIN, "http://localhost".parse().unwrap());
        let checked = Access::default().check_origin(
            &RequestInfo::from_this_machine("localhost", false),
            &headers,
        );
        assert_eq!(checked, Err(Denial::SeveralOrigins));
    }

    #[test]
    fn missing_origin_is_refused_if_required() {
        let access = Access {
            require_origin: true,
            ..access(&[], &["https://app.example"])
        };
        let check = |named| {
            access.check_origin(
                &RequestInfo::from_this_machine("localhost", false),
                &origin(named),
            )
        };
        assert_eq!(check(None), Err(Denial::NoOrigin));
        assert_eq!(check(Some("https://app.example")), Ok(()));
    }

    #[test]
    fn wildcard_label_allows_the_names_below_a_domain() {
        let access = access(
            &["*.example.com"],
            &["https://*.example.com", "http://*.lan:8080"],
        );
        let host = |host: &str| {
            access
                .check_host(&RequestInfo::from_this_machine(host, false))
                .is_ok()
        };
        assert!(host("a.example.com") && host("a.b.Example.com:8443"));
        assert!(!host("example.com") && !host(".example.com") && !host("aexample.com"));
        let allows = |named: &str| {
            let request_info = RequestInfo::from_this_machine("localhost", false);
            let checked = access.check_origin(&request_info, &origin(Some(named)));
            checked.is_ok()
        };
        assert!(allows("https://a.example.com") && allows("https://a.b.example.com:443"));
        assert!(allows("http://desk.lan:8080"));
        for foreign in [
            "https://example.com",
            "http://a.example.com",
            "https://a.example.com:444",
            "https://a.example.com.evil.example",
            "https://aexample.com",
            "http://desk.lan",
        ] {
            assert!(!allows(foreign), "{foreign}");
        }
    }

    #[test]
    fn entries_are_trimmed_and_compared_in_one_form() {
        let access = access(
            &[" Gate.Example "],
            &[" HTTPS://App.Example:443 ", "http://[0:0::1]:80"],
        );
        assert!(
            access
                .check_host(&RequestInfo::from_this_machine("gate.example", false))
                .is_ok()
        );
        for named in ["https://app.example", "http://[::1]"] {
            let request_info = RequestInfo::from_this_machine("localhost", false);
            let checked = access.check_origin(&request_info, &origin(Some(named)));
            assert_eq!(checked, Ok(()), "{named}");
        }
    }

    #[test]
    fn origin_that_would_never_match_is_refused_with_the_right_one() {
        for (entry, right) in [
            ("example.com", "write https://example.com"),
            ("\"https://example.com\"", "write https://example.com"),
            ("https://example.com/", "write https://example.com"),
            (
                "https://example.com/path?query",
                "write https://example.com",
            ),
            ("https://user@example.com", "write https://example.com"),
            ("wss://example.com", "write https://example.com"),
            ("ws://example.com:8080/ws", "write http://example.com:8080"),
            ("*.example.com", "write https://*.example.com"),
            ("https://example.com:*", "write https://example.com"),
            ("https://*", "never match"),
            ("https://ex*mple.com", "never match"),
            ("https://a.*.example.com", "never match"),
            ("https://*.10.0.0.1", "never match"),
            ("https://exa mple.com", "never match"),
            ("https://例え.jp", "as in xn--"),
            ("https://example.com:0", "never match"),
            ("https://example.com:99999", "never match"),
            ("null", "serve the page by HTTP"),
            ("", "never match"),
        ] {
            let error = entry.parse::<AllowedOrigin>().unwrap_err().to_string();
            assert!(error.contains(right), "{entry}: {error}");
        }
    }

    #[test]
    fn host_that_would_never_match_is_refused_with_the_right_one() {
        for (entry, right) in [
            ("a.example:80", "write a.example"),
            ("http://a.example", "write a.example"),
            ("'a.example'", "write a.example"),
            ("https://A.example:8443/path", "write a.example"),
            ("a.example/", "write a.example"),
            ("*example.com", "never match"),
            ("a.*", "never match"),
            ("*.", "never match"),
            ("a b", "never match"),
            ("例え.jp", "as in xn--"),
            ("", "never match"),
        ] {
            let error = entry.parse::<AllowedHost>().unwrap_err().to_string();
            assert!(error.contains(right), "{entry}: {error}");
        }
    }

    #[test]
    fn opaque_origin_is_told_how_to_get_one() {
        let request_info = RequestInfo::from_this_machine("localhost", false);
        let checked = Access::default().check_origin(&request_info, &origin(Some("null")));
        let text = checked.unwrap_err().to_string();
        assert!(text.contains("serve the page by HTTP"), "{text}");
    }
}
