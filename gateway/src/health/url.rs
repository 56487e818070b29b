//! The URL of a health check.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hyper::Uri;
use net::endpoint::Endpoint;
use net::listen_address::ListenAddress;

/// The URL that a health check asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthUrl {
    tls: bool,
    /// A loopback address in place of an unspecified one.
    address: ListenAddress,
    /// Path and query, from the first slash on.
    path: String,
}

impl HealthUrl {
    pub(super) fn is_tls(&self) -> bool {
        self.tls
    }

    pub(super) fn address(&self) -> &ListenAddress {
        &self.address
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
            Some(_) => {
                return Err("expected http://HOST:PORT, https://HOST:PORT or unix:PATH".into());
            }
        };
        let (address, path) = match rest.strip_prefix("unix:") {
            Some(_) if tls => return Err("a Unix socket is asked over http://".into()),
            Some(unix) => {
                let (socket, path) = unix.split_once(":/").unwrap_or((unix, ""));
                let address = format!("unix:{socket}").parse::<ListenAddress>();
                (
                    address.map_err(|error| error.to_string())?,
                    format!("/{path}"),
                )
            }
            None => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (ListenAddress::Tcp(endpoint(authority, tls)?), path.into())
            }
        };
        let path = if path.len() <= 1 {
            "/readyz".into()
        } else {
            path
        };
        let request = match &address {
            ListenAddress::Tcp(endpoint) => format!("http://{endpoint}{path}"),
            ListenAddress::Unix { .. } => path.clone(),
        };
        match request.parse::<Uri>() {
            Ok(_) => Ok(Self { tls, address, path }),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Parses `authority`, and returns the endpoint at which a listener bound to it is reached from
/// this machine.
fn endpoint(authority: &str, tls: bool) -> Result<Endpoint, String> {
    let endpoint: Endpoint = authority.parse().or_else(|error| {
        let port = if tls { 443 } else { 80 };
        let with_default_port = format!("{authority}:{port}").parse();
        with_default_port.map_err(|_| format!("{error}"))
    })?;
    match endpoint.host.parse::<IpAddr>() {
        _ if endpoint.port == 0 => Err("port 0 is not the one that the gateway has chosen".into()),
        Ok(ip) => Ok(Endpoint::local(SocketAddr::new(ip, endpoint.port))),
        Err(_) => Ok(endpoint),
    }
}

/// Displays the URL; that of a Unix socket in nginx's notation, `http://unix:SOCKET:/PATH`.
impl fmt::Display for HealthUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.tls { "s" } else { "" };
        let colon = match self.address {
            ListenAddress::Tcp(_) => "",
            ListenAddress::Unix { .. } => ":",
        };
        write!(f, "http{s}://{}{colon}{}", self.address, self.path)
    }
}
