//! How a request came: for which host, whether by TLS, and on whose behalf.
//!
//! The connection and the Host header tell, unless the connection is a trusted proxy's:
//! then what that says in its `X-Forwarded-*` headers counts instead. Where several
//! proxies have each added theirs, the nearest one's is the last. Whom a PROXY header names
//! is the one whose connection it is: such a proxy passes bytes on, and these may be lies.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};

use crate::access::authority::Authority;
use crate::listener::peer::{AddrPair, Peer};
use crate::listener::trusted_proxy::{TrustedProxy, is_trusted};

/// The connection that a request came on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionInfo {
    pub(crate) peer: Peer,
    /// Our own end of it, where the system says.
    pub(crate) local: Option<SocketAddr>,
    /// Whether the client's is encrypted.
    pub(crate) tls: bool,
}

/// How a request came.
#[derive(Debug, Clone)]
pub(crate) struct RequestInfo {
    pub(crate) connection: ConnectionInfo,
    /// Whom a trusted proxy has passed the request on for.
    pub(crate) client: Option<IpAddr>,
    /// The host that it is for; `None` where that is missing or malformed.
    pub(crate) authority: Option<Authority>,
    /// Whether the client is known to use https.
    pub(crate) https: bool,
}

impl RequestInfo {
    /// What `connection` and a request's `uri` and `headers` say, as far as `proxies`
    /// are trusted to.
    pub(crate) fn new(
        connection: ConnectionInfo,
        uri: &Uri,
        headers: &HeaderMap,
        proxies: &[TrustedProxy],
    ) -> Self {
        let direct = Self {
            connection,
            client: None,
            authority: requested(uri, headers),
            https: connection.tls,
        };
        if !is_trusted(connection.peer.client().ip(), proxies) {
            return direct;
        }
        let last = |name| entries(headers, name).pop();
        Self {
            client: forwarded_for(headers, proxies),
            authority: match last("x-forwarded-host") {
                Some(named) => named.parse().ok(),
                None => direct.authority,
            },
            https: last("x-forwarded-proto").map_or(direct.https, |proto| proto == "https"),
            ..direct
        }
    }

    /// Whom a proxy has passed it on for, by whichever protocol, for people.
    pub(crate) fn forwarded_client(&self) -> Option<String> {
        let proxied = self.connection.peer.proxied;
        let passed_on = self.client.map(|ip| ip.to_string());
        passed_on.or_else(|| Some(proxied?.addrs.source.to_string()))
    }

    /// The client, for people.
    pub(crate) fn client_name(&self) -> String {
        let peer = || self.connection.peer.addr.to_string();
        self.forwarded_client().unwrap_or_else(peer)
    }

    /// The ends of the client's connection; `None` where the system does not tell our own.
    pub(crate) fn addrs(&self) -> Option<AddrPair> {
        let ConnectionInfo { peer, local, .. } = self.connection;
        let direct = || {
            Some(AddrPair {
                source: peer.addr,
                destination: local?,
            })
        };
        let ends = peer.proxied.map(|it| it.addrs).or_else(direct)?;
        let source = self.client.map(|ip| SocketAddr::new(ip, 0));
        Some(AddrPair {
            source: source.unwrap_or(ends.source),
            ..ends
        })
    }
}

/// The host that a request is for: of an absolute request line, otherwise of the Host
/// header (RFC 9112, section 3.2.2). A second Host is as good as none.
fn requested(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    if let Some(authority) = uri.authority() {
        return authority.as_str().parse().ok();
    }
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?.parse().ok(),
        _ => None,
    }
}

/// The nearest client that is no trusted proxy: what stands before it in the list is only
/// what that client said.
fn forwarded_for(headers: &HeaderMap, proxies: &[TrustedProxy]) -> Option<IpAddr> {
    let mut nearest = None;
    for entry in entries(headers, "x-forwarded-for").into_iter().rev() {
        let Ok(ip) = entry.parse() else { break };
        nearest = Some(ip);
        if !is_trusted(ip, proxies) {
            break;
        }
    }
    nearest
}

/// The entries of a header that may be given as a list, as several, or both.
fn entries<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
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
    fn only_a_trusted_proxy_is_believed() {
        let stranger = request_info("192.0.2.9", &FORWARDED, &["10.0.0.0/8", "192.0.2.1"]);
        assert_eq!(stranger.authority, "inside:3000".parse().ok());
        assert_eq!((stranger.client, stranger.https), (None, false));

        for from in ["10.1.2.3", "192.0.2.1", "::ffff:10.1.2.3"] {
            let trusted = request_info(from, &FORWARDED, &["10.0.0.0/8", "192.0.2.1"]);
            assert_eq!(trusted.authority, "gate.example".parse().ok());
            assert_eq!(trusted.client, "198.51.100.7".parse().ok());
            assert!(trusted.https);
        }
    }

    #[test]
    fn a_silent_proxy_leaves_what_the_request_says() {
        let silent = request_info("10.0.0.1", &[], &["10.0.0.1"]);
        assert_eq!(silent.authority, "inside:3000".parse().ok());
        assert_eq!((silent.client, silent.https), (None, false));
    }

    #[test]
    fn what_a_client_made_up_stands_before_the_truth() {
        let check = |list: &str, expected: Option<&str>| {
            let seen = request_info("10.0.0.1", &[("x-forwarded-for", list)], &["10.0.0.0/8"]);
            assert_eq!(
                seen.client,
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
        let seen = request_info("10.0.0.1", &twice, &["10.0.0.1"]);
        assert_eq!(seen.authority, "gate.example".parse().ok());
    }

    #[test]
    fn a_malformed_host_is_none() {
        let seen = request_info("10.0.0.1", &[("x-forwarded-host", "a@b")], &["10.0.0.1"]);
        assert_eq!(seen.authority, None);
        assert!("10.0.0.0/33".parse::<TrustedProxy>().is_err());
    }

    #[test]
    fn a_host_is_needed_exactly_once() {
        let mut headers = HeaderMap::new();
        let root = Uri::from_static("/");
        assert_eq!(requested(&root, &headers), None);
        headers.append(HOST, "localhost".parse().unwrap());
        assert_eq!(requested(&root, &headers), "localhost".parse().ok());
        // The request line's comes first.
        let absolute = Uri::from_static("http://evil.example/");
        assert_eq!(requested(&absolute, &headers), "evil.example".parse().ok());
        headers.append(HOST, "evil.example".parse().unwrap());
        assert_eq!(requested(&root, &headers), None);
    }
}
