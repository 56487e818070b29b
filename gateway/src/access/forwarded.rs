//! Forwarded headers: a request's client, host and scheme, as a trusted proxy reports them.
//!
//! `X-Forwarded-*` headers are read only from a trusted proxy; otherwise the connection and
//! the Host header count. If several proxies have appended a value, the last one is the
//! nearest proxy's. On a connection with a PROXY header, the client that it names must itself be
//! a trusted proxy: the proxy that sent it forwards bytes without checking the headers in them.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};

use crate::access::authority::Authority;
use crate::listener::peer::{AddrPair, Peer};
use crate::listener::trusted_proxy::{TrustedProxy, is_trusted};

/// Connection of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionInfo {
    pub(crate) peer: Peer,
    /// Local address; `None` if the system reports none.
    pub(crate) local: Option<SocketAddr>,
    /// True if the client's connection is encrypted, up to here or up to the proxy.
    pub(crate) tls: bool,
}

/// A request's connection, client, host and scheme.
#[derive(Debug, Clone)]
pub(crate) struct RequestInfo {
    pub(crate) connection: ConnectionInfo,
    /// Client address from a trusted proxy's `X-Forwarded-For`.
    pub(crate) client: Option<IpAddr>,
    /// Requested host; `None` if it is missing or malformed.
    pub(crate) authority: Option<Authority>,
    /// True if the client is known to use https.
    pub(crate) https: bool,
}

impl RequestInfo {
    /// Reads a request's `uri` and `headers`. Forwarded headers count only on a connection
    /// from one of `proxies`.
    pub(crate) fn new(
        connection: ConnectionInfo,
        uri: &Uri,
        headers: &HeaderMap,
        proxies: &[TrustedProxy],
    ) -> Self {
        let direct = Self {
            connection,
            client: None,
            authority: requested_host(uri, headers),
            https: connection.tls,
        };
        if !is_trusted(connection.peer.client().ip(), proxies) {
            return direct;
        }
        let last = |name| list_values(headers, name).pop();
        Self {
            client: forwarded_client_ip(headers, proxies),
            authority: match last("x-forwarded-host") {
                Some(host) => host.parse().ok(),
                None => direct.authority,
            },
            https: last("x-forwarded-proto").map_or(direct.https, |proto| proto == "https"),
            ..direct
        }
    }

    /// Client address that a proxy reported, by forwarded header or PROXY header, for people.
    pub(crate) fn forwarded_client(&self) -> Option<String> {
        let proxied = self.connection.peer.proxied;
        let forwarded = self.client.map(|ip| ip.to_string());
        forwarded.or_else(|| Some(proxied?.addrs.source.to_string()))
    }

    /// Address of the client for people: as forwarded, or that of the peer.
    pub(crate) fn client_name(&self) -> String {
        let peer = || self.connection.peer.addr.to_string();
        self.forwarded_client().unwrap_or_else(peer)
    }

    /// Both addresses of the client's connection; `None` if the local one is unknown.
    pub(crate) fn addrs(&self) -> Option<AddrPair> {
        let ConnectionInfo { peer, local, .. } = self.connection;
        let direct = || {
            Some(AddrPair {
                source: peer.addr,
                destination: local?,
            })
        };
        let addrs = peer.proxied.map(|it| it.addrs).or_else(direct)?;
        let source = self.client.map(|ip| SocketAddr::new(ip, 0));
        Some(AddrPair {
            source: source.unwrap_or(addrs.source),
            ..addrs
        })
    }
}

/// Returns the requested host: from an absolute request line, otherwise from the Host header
/// (RFC 9112, section 3.2.2). Repeated Host headers count as none.
fn requested_host(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    if let Some(authority) = uri.authority() {
        return authority.as_str().parse().ok();
    }
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?.parse().ok(),
        _ => None,
    }
}

/// Returns the last address in `X-Forwarded-For` that is no trusted proxy: a client can forge
/// all entries before its own. If all are trusted proxies, returns the first of them.
fn forwarded_client_ip(headers: &HeaderMap, proxies: &[TrustedProxy]) -> Option<IpAddr> {
    let mut client = None;
    for entry in list_values(headers, "x-forwarded-for").into_iter().rev() {
        let Ok(ip) = entry.parse() else { break };
        client = Some(ip);
        if !is_trusted(ip, proxies) {
            break;
        }
    }
    client
}

/// Returns the values of a list header, which may be repeated (RFC 9110, section 5.3).
fn list_values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request_info(from: &str, headers: &[(&'static str, &str)], proxies: &[&str]) -> RequestInfo {
        let connection = ConnectionInfo {
            peer: Peer::direct(SocketAddr::new(from.parse().unwrap(), 5000)),
            local: None,
            tls: false,
        };
        let mut map = HeaderMap::new();
        map.insert(HOST, "inside:3000".parse().unwrap());
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let proxies: Vec<_> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        RequestInfo::new(connection, &Uri::from_static("/ws"), &map, &proxies)
    }

    const FORWARDED: [(&str, &str); 3] = [
        ("x-forwarded-host", "gate.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "198.51.100.7"),
    ];

    #[test]
    fn forwarded_headers_count_only_from_trusted_proxies() {
        let untrusted = request_info("192.0.2.9", &FORWARDED, &["10.0.0.0/8", "192.0.2.1"]);
        assert_eq!(untrusted.authority, "inside:3000".parse().ok());
        assert_eq!((untrusted.client, untrusted.https), (None, false));

        for from in ["10.1.2.3", "192.0.2.1", "::ffff:10.1.2.3"] {
            let trusted = request_info(from, &FORWARDED, &["10.0.0.0/8", "192.0.2.1"]);
            assert_eq!(trusted.authority, "gate.example".parse().ok());
            assert_eq!(trusted.client, "198.51.100.7".parse().ok());
            assert!(trusted.https);
        }
    }

    #[test]
    fn without_forwarded_headers_the_host_header_counts() {
        let direct = request_info("10.0.0.1", &[], &["10.0.0.1"]);
        assert_eq!(direct.authority, "inside:3000".parse().ok());
        assert_eq!((direct.client, direct.https), (None, false));
    }

    #[test]
    fn forged_forwarded_values_before_the_last_are_ignored() {
        let check = |list: &str, expected: Option<&str>| {
            let info = request_info("10.0.0.1", &[("x-forwarded-for", list)], &["10.0.0.0/8"]);
            assert_eq!(
                info.client,
                expected.and_then(|ip| ip.parse().ok()),
                "{list}"
            );
        };
        check("203.0.113.1, 198.51.100.7", Some("198.51.100.7"));
        check("203.0.113.1, 198.51.100.7, 10.0.0.2", Some("198.51.100.7"));
        check("10.0.0.3, 10.0.0.2", Some("10.0.0.3"));
        check("nonsense, 10.0.0.2", Some("10.0.0.2"));
        check("nonsense", None);

        let twice = [
            ("x-forwarded-host", "evil.example, other.example"),
            ("x-forwarded-host", "gate.example"),
        ];
        let info = request_info("10.0.0.1", &twice, &["10.0.0.1"]);
        assert_eq!(info.authority, "gate.example".parse().ok());
    }

    #[test]
    fn malformed_forwarded_host_is_none() {
        let info = request_info("10.0.0.1", &[("x-forwarded-host", "a@b")], &["10.0.0.1"]);
        assert_eq!(info.authority, None);
        assert!("10.0.0.0/33".parse::<TrustedProxy>().is_err());
    }

    #[test]
    fn repeated_or_missing_host_header_is_none() {
        let mut headers = HeaderMap::new();
        let root = Uri::from_static("/");
        assert_eq!(requested_host(&root, &headers), None);
        headers.append(HOST, "localhost".parse().unwrap());
        assert_eq!(requested_host(&root, &headers), "localhost".parse().ok());
        // An absolute request line takes precedence.
        let absolute = Uri::from_static("http://evil.example/");
        assert_eq!(
            requested_host(&absolute, &headers),
            "evil.example".parse().ok()
        );
        headers.append(HOST, "evil.example".parse().unwrap());
        assert_eq!(requested_host(&root, &headers), None);
    }
}
