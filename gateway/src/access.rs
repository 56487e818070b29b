//! Who may come in: by which names the gateway is reached, and whose pages may use it.
//!
//! A gateway on loopback is reachable for every page that its user's browser shows.
//! Two checks keep foreign ones out. A page names its origin when it opens a WebSocket,
//! and that has to be the gateway's own, or an allowed one. And a request's Host has to
//! be a name that the gateway is known by: otherwise a foreign site could point its own
//! name at the gateway's address, and its pages would be of the same origin.

pub(crate) mod authority;
pub(crate) mod forwarded;
pub(crate) mod login;
pub(crate) mod token;

use std::str::FromStr;

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use thiserror::Error;

use crate::access::authority::Authority;
use crate::access::forwarded::RequestInfo;
use crate::listener::trusted_proxy::TrustedProxy;

/// Which names and origins are let in.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Host names besides localhost and addresses.
    pub hosts: Vec<AllowedHost>,
    /// Origins besides the gateway's own.
    pub origins: Vec<AllowedOrigin>,
    /// Whether a request for a WebSocket has to name one.
    pub require_origin: bool,
    /// Proxies that are believed on whom they speak for.
    pub trusted_proxies: Vec<TrustedProxy>,
}

/// A host name that the gateway may be reached by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedHost {
    /// Every name.
    Any,
    /// This name, in lower case.
    Name(String),
}

/// An origin whose pages may open WebSockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// Every origin, named or not.
    Any,
    /// This one.
    Is(Origin),
}

/// A web origin (RFC 6454): where a page came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    /// Always with its port, where the scheme is known to have one.
    authority: Authority,
}

/// Why a text is not an origin or a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AccessError {
    /// Not `SCHEME://HOST` or `SCHEME://HOST:PORT`.
    #[error("expected an origin such as https://example.com or http://127.0.0.1:8080, or *")]
    Origin,
    /// Not a host name.
    #[error("expected a host name without scheme or port, such as gate.example.com, or *")]
    Host,
}

/// Why a request is not let in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Denial {
    #[error("the request names no host: send a Host header")]
    NoHost,
    #[error("this gateway is not known as {0:?}: its operator can allow that with --allow-host")]
    UnknownHost(String),
    #[error("the request names no origin: send an Origin header")]
    NoOrigin,
    #[error(
        "pages of {0:?} may not use this gateway: its operator can allow them \
         with --allow-origin"
    )]
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
    /// Checks that a request is for a name that the gateway is known by.
    pub(crate) fn check_host(&self, request_info: &RequestInfo) -> Result<(), Denial> {
        let authority = request_info.authority.as_ref().ok_or(Denial::NoHost)?;
        let host = &authority.host;
        let allowed = self.hosts.iter().any(|allowed| match allowed {
            AllowedHost::Any => true,
            AllowedHost::Name(name) => name == host,
        });
        (authority.is_address() || host == "localhost" || allowed)
            .then_some(())
            .ok_or_else(|| Denial::UnknownHost(host.clone()))
    }

    /// Checks that the page behind a request, if there is one, may open a WebSocket.
    pub(crate) fn check_origin(
        &self,
        request_info: &RequestInfo,
        headers: &HeaderMap,
    ) -> Result<(), Denial> {
        let mut named = headers.get_all(ORIGIN).iter();
        let named = match (named.next(), named.next()) {
            (Some(one), None) => String::from_utf8_lossy(one.as_bytes()),
            // No browser sends two.
            (Some(_), Some(_)) => "several origins".into(),
            (None, _) if self.require_origin => return Err(Denial::NoOrigin),
            (None, _) => return Ok(()),
        };
        let origin: Option<Origin> = named.parse().ok();
        let own = origin
            .as_ref()
            .is_some_and(|origin| origin.is_of(request_info));
        let allowed = self.origins.iter().any(|allowed| match allowed {
            AllowedOrigin::Any => true,
            AllowedOrigin::Is(allowed) => origin.as_ref() == Some(allowed),
        });
        (own || allowed)
            .then_some(())
            .ok_or_else(|| Denial::ForeignOrigin(named.into_owned()))
    }

    /// Checks that the page behind a request that only reads is the gateway's own, or an
    /// allowed one. A browser names no origin when a page asks its own server, and says by
    /// Sec-Fetch-Site (W3C Fetch Metadata) that it does.
    pub(crate) fn check_reader(
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

impl Origin {
    /// Whether a page of this origin came from where `request_info` did.
    ///
    /// Over plain HTTP its scheme may be https: a proxy that is not known to be one may
    /// have taken the TLS off. The other way round, the page came in the clear, and
    /// whoever was on the way may have written it.
    fn is_of(&self, request_info: &RequestInfo) -> bool {
        let same_place = request_info.authority.as_ref().is_some_and(|authority| {
            let port = |authority: &Authority| authority.port_for(&self.scheme);
            authority.host == self.authority.host && port(authority) == port(&self.authority)
        });
        same_place && (self.scheme == "https" || !request_info.https)
    }
}

impl FromStr for Origin {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, authority) = text.split_once("://").ok_or(AccessError::Origin)?;
        let mut authority: Authority = authority.parse().map_err(|_| AccessError::Origin)?;
        let scheme = scheme.to_ascii_lowercase();
        authority.port = authority.port_for(&scheme);
        Ok(Self { scheme, authority })
    }
}

impl FromStr for AllowedOrigin {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "*" => Ok(Self::Any),
            origin => origin.parse().map(Self::Is),
        }
    }
}

impl FromStr for AllowedHost {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            _ if text == "*" => Ok(Self::Any),
            Ok(Authority { host, port: None }) => Ok(Self::Name(host)),
            _ => Err(AccessError::Host),
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
    fn addresses_localhost_and_allowed_names_are_known() {
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
    fn own_and_allowed_origins_come_in() {
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
    fn a_page_that_came_in_the_clear_is_foreign_to_https() {
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
    fn any_origin_may_be_allowed() {
        let access = access(&[], &["*"]);
        for named in ["null", "http://evil.example"] {
            let checked =
                access.check_origin(&request_info("localhost", false), &origin(Some(named)));
            assert_eq!(checked, Ok(()));
        }
    }

    #[test]
    fn a_second_origin_is_foreign() {
        let mut headers = origin(Some("http://localhost"));
        headers.append(ORIGIN, "http://localhost".parse().unwrap());
        let checked = Access::default().check_origin(&request_info("localhost", false), &headers);
        assert!(matches!(checked, Err(Denial::ForeignOrigin(_))));
    }

    #[test]
    fn an_origin_may_be_required() {
        let access = Access {
            require_origin: true,
            ..access(&[], &["https://app.example"])
        };
        let check = |named| access.check_origin(&request_info("localhost", false), &origin(named));
        assert_eq!(check(None), Err(Denial::NoOrigin));
        assert_eq!(check(Some("https://app.example")), Ok(()));
    }

    #[test]
    fn options_are_checked() {
        assert_eq!("example.com".parse::<Origin>(), Err(AccessError::Origin));
        assert_eq!(
            "https://example.com/path".parse::<Origin>(),
            Err(AccessError::Origin)
        );
        assert_eq!(
            "a.example:80".parse::<AllowedHost>(),
            Err(AccessError::Host)
        );
        assert_eq!(
            "http://a.example".parse::<AllowedHost>(),
            Err(AccessError::Host)
        );
    }
}
