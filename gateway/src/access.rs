//! Who may come in: by which names the gateway is reached, and whose pages may use it.
//!
//! A gateway on loopback is reachable for every page that its user's browser shows.
//! Two checks keep foreign ones out. A page names its origin when it opens a WebSocket,
//! and that has to be the gateway's own, or an allowed one. And a request's Host has to
//! be a name that the gateway is known by: otherwise a foreign site could point its own
//! name at the gateway's address, and its pages would be of the same origin.

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use thiserror::Error;

/// Which names and origins are let in.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Host names besides localhost and addresses.
    pub hosts: Vec<AllowedHost>,
    /// Origins besides the gateway's own.
    pub origins: Vec<AllowedOrigin>,
    /// Whether a request for a WebSocket has to name one.
    pub require_origin: bool,
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
    host: String,
    port: Option<u16>,
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
        "pages of {0:?} may not open a WebSocket here: the gateway's operator can allow them \
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
    pub(crate) fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Denial> {
        let (host, _) = requested(uri, headers).ok_or(Denial::NoHost)?;
        if is_address(&host) || host == "localhost" {
            return Ok(());
        }
        let allowed = self.hosts.iter().any(|allowed| match allowed {
            AllowedHost::Any => true,
            AllowedHost::Name(name) => *name == host,
        });
        allowed.then_some(()).ok_or(Denial::UnknownHost(host))
    }

    /// Checks that the page behind a request, if there is one, may open a WebSocket.
    pub(crate) fn check_origin(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Denial> {
        let Some(named) = headers.get(ORIGIN) else {
            return match self.require_origin {
                false => Ok(()),
                true => Err(Denial::NoOrigin),
            };
        };
        let named = String::from_utf8_lossy(named.as_bytes());
        let origin: Option<Origin> = named.parse().ok();
        let own = origin.as_ref().is_some_and(|origin| {
            requested(uri, headers).is_some_and(|(host, port)| origin.is_at(&host, port))
        });
        let allowed = self.origins.iter().any(|allowed| match allowed {
            AllowedOrigin::Any => true,
            AllowedOrigin::Is(allowed) => origin.as_ref() == Some(allowed),
        });
        (own || allowed)
            .then_some(())
            .ok_or_else(|| Denial::ForeignOrigin(named.into_owned()))
    }
}

/// The host and port that a request is for: of an absolute request line, otherwise of
/// the Host header (RFC 9112, section 3.2.2). A second Host is as good as none.
fn requested(uri: &Uri, headers: &HeaderMap) -> Option<(String, Option<u16>)> {
    if let Some(authority) = uri.authority() {
        return split(authority.as_str());
    }
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => split(host.to_str().ok()?),
        _ => None,
    }
}

/// Parts `HOST` or `HOST:PORT`; the host comes in lower case.
fn split(authority: &str) -> Option<(String, Option<u16>)> {
    let after_bracket = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match authority[after_bracket..].rfind(':') {
        Some(colon) => {
            let (host, port) = authority.split_at(after_bracket + colon);
            (host, Some(port[1..].parse().ok()?))
        }
        None => (authority, None),
    };
    let well_formed = !host.is_empty() && !host.contains(['/', '@', ' ', '\\', '?', '#']);
    well_formed.then(|| (host.to_ascii_lowercase(), port))
}

/// An address cannot be pointed elsewhere, as a name can.
fn is_address(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bare {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4()),
    }
}

impl Origin {
    /// Whether its pages came from `host` and `port`, `None` being the scheme's own.
    fn is_at(&self, host: &str, port: Option<u16>) -> bool {
        self.host == host && self.effective_port() == port.or(default_port(&self.scheme))
    }

    fn effective_port(&self) -> Option<u16> {
        self.port.or(default_port(&self.scheme))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

impl FromStr for Origin {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, authority) = text.split_once("://").ok_or(AccessError::Origin)?;
        let (host, port) = split(authority).ok_or(AccessError::Origin)?;
        let scheme = scheme.to_ascii_lowercase();
        let port = port.filter(|port| Some(*port) != default_port(&scheme));
        Ok(Self { scheme, host, port })
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
        match split(text) {
            _ if text == "*" => Ok(Self::Any),
            Some((name, None)) => Ok(Self::Name(name)),
            _ => Err(AccessError::Host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    fn access(hosts: &[&str], origins: &[&str]) -> Access {
        Access {
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            origins: origins
                .iter()
                .map(|origin| origin.parse().unwrap())
                .collect(),
            require_origin: false,
        }
    }

    #[test]
    fn addresses_localhost_and_allowed_names_are_known() {
        let check = |host: &str, known: bool| {
            let access = access(&["gate.example.com"], &[]);
            let checked = access.check_host(&Uri::from_static("/"), &headers(host, None));
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
    fn a_host_is_needed_exactly_once() {
        let access = Access::default();
        let root = Uri::from_static("/");
        assert_eq!(
            access.check_host(&root, &HeaderMap::new()),
            Err(Denial::NoHost)
        );
        let mut twice = headers("localhost", None);
        twice.append(HOST, "evil.example".parse().unwrap());
        assert_eq!(access.check_host(&root, &twice), Err(Denial::NoHost));
        // The request line's comes first.
        let absolute = Uri::from_static("http://evil.example/");
        let checked = access.check_host(&absolute, &headers("localhost", None));
        assert_eq!(checked, Err(Denial::UnknownHost("evil.example".into())));
    }

    #[test]
    fn own_and_allowed_origins_come_in() {
        let check = |host: &str, origin: Option<&str>, allowed: bool| {
            let access = access(&[], &["https://app.example"]);
            let checked = access.check_origin(&Uri::from_static("/ws"), &headers(host, origin));
            assert_eq!(checked.is_ok(), allowed, "{host} {origin:?}");
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
    fn any_origin_may_be_allowed() {
        let access = access(&[], &["*"]);
        let uri = Uri::from_static("/ws");
        for origin in ["null", "http://evil.example"] {
            let headers = headers("localhost", Some(origin));
            assert_eq!(access.check_origin(&uri, &headers), Ok(()));
        }
    }

    #[test]
    fn an_origin_may_be_required() {
        let access = Access {
            require_origin: true,
            ..access(&[], &["https://app.example"])
        };
        let uri = Uri::from_static("/ws");
        let check = |origin| access.check_origin(&uri, &headers("localhost", origin));
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
