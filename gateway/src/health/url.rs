//! The URL of a health check.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hyper::Uri;
use net::endpoint::Endpoint;

/// The URL that a health check asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthUrl {
    tls: bool,
    /// A loopback address in place of an unspecified one.
    endpoint: Endpoint,
    /// Path and query, from the first slash on.
    path: String,
}

impl HealthUrl {
    pub(super) fn is_tls(&self) -> bool {
        self.tls
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for HealthUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (tls, rest) = match text.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            None => (false, text),
            Some(_) => return Err("expected http://HOST:PORT or https://HOST:PORT".into()),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let endpoint: Endpoint = authority.parse().or_else(|error| {
            let port = if tls { 443 } else { 80 };
            let with_default_port = format!("{authority}:{port}").parse();
            with_default_port.map_err(|_| format!("{error}"))
        })?;
        if endpoint.port == 0 {
            return Err("port 0 is not the one that the gateway has chosen".into());
        }
        let path = if path.len() <= 1 { "/readyz" } else { path };
        let url = Self {
            tls,
            endpoint: local(endpoint),
            path: path.into(),
        };
        match url.to_string().parse::<Uri>() {
            Ok(_) => Ok(url),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Returns the endpoint at which a listener bound to `endpoint` is reached from this machine.
fn local(endpoint: Endpoint) -> Endpoint {
    match endpoint.host.parse::<IpAddr>() {
        Ok(ip) => Endpoint::local(SocketAddr::new(ip, endpoint.port)),
        Err(_) => endpoint,
    }
}

impl fmt::Display for HealthUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.tls { "s" } else { "" };
        write!(f, "http{s}://{}{}", self.endpoint, self.path)
    }
}
