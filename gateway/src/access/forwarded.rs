//! Forwarded headers: a request's client, host and scheme, as a trusted proxy reports them.
//!
//! `X-Forwarded-*` headers are read only from a trusted proxy; otherwise the connection and
//! the Host header count. If several proxies have appended a value, the last one is the
//! nearest proxy's. On a connection with a PROXY header none is read: the proxy that sent it
//! forwards bytes without checking the headers in them. `Forwarded` (RFC 7239) is not read:
//! proxies that set `X-Forwarded-*` pass on a client's own.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};
use net::peer_addr::ClientHost;
use net::units::digits;

use crate::access::authority::Authority;
use crate::listener::peer::{AddrPair, Peer};
use crate::listener::trusted_proxy::{TrustedProxy, is_trusted};

/// Connection of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionInfo {
    pub(crate) peer: Peer,
    /// Local address; `None` on a Unix socket, or if the system reports none.
    pub(crate) local: Option<SocketAddr>,
    /// True if the client's connection is encrypted, up to here or up to the proxy.
    pub(crate) tls: bool,
}

/// A request's connection, client, host and scheme.
#[derive(Debug, Clone)]
pub(crate) struct RequestInfo {
    pub(crate) connection: ConnectionInfo,
    /// Client from a trusted proxy's `X-Forwarded-For`.
    pub(crate) client: ForwardedClient,
    /// Requested host; `None` if it is missing or malformed.
    pub(crate) authority: Option<Authority>,
    /// True if the client is known to use https.
    pub(crate) https: bool,
}

/// Client of a request, as a trusted proxy names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForwardedClient {
    /// None: no trusted proxy has named a client.
    None,
    /// A client whose address the proxy does not tell: `unknown`, a made-up name, or no address.
    Unknown,
    /// The client's address; port 0 if the port is unknown.
    At(SocketAddr),
}

#[cfg(test)]
impl RequestInfo {
    /// A request for `host` from this machine, past no proxy.
    pub(crate) fn from_this_machine(host: &str, https: bool) -> Self {
        Self {
            connection: ConnectionInfo {
                peer: Peer::direct(SocketAddr::from(([127, 0, 0, 1], 5000)).into()),
                local: None,
                tls: false,
            },
            client: ForwardedClient::None,
            authority: host.parse().ok(),
            https,
        }
    }
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
            client: ForwardedClient::None,
            authority: requested_host(uri, headers),
            https: connection.tls,
        };
        let peer = connection.peer;
        if peer.has_proxy_header || !is_trusted(peer.addr.host(), proxies) {
            return direct;
        }
        let last = |name| list_values(headers, name).pop();
        Self {
            client: forwarded_client(headers, proxies),
            authority: match last("x-forwarded-host") {
                Some(host) => host.parse().ok(),
                None => direct.authority,
            },
            https: last("x-forwarded-proto").map_or(direct.https, |it| is_encrypted(&it)),
            ..direct
        }
    }

    /// Client address that a proxy reported, by forwarded header or PROXY header, for people.
    pub(crate) fn forwarded_client(&self) -> Option<String> {
        match self.client {
            ForwardedClient::At(addr) if addr.port() == 0 => Some(addr.ip().to_string()),
            ForwardedClient::At(addr) => Some(addr.to_string()),
            ForwardedClient::Unknown => Some("unknown".into()),
            ForwardedClient::None => Some(self.connection.peer.proxied?.addrs.source.to_string()),
        }
    }

    /// Address of the client for people: as forwarded, or that of the peer.
    pub(crate) fn client_name(&self) -> String {
        let peer = || self.connection.peer.addr.to_string();
        self.forwarded_client().unwrap_or_else(peer)
    }

    /// Host of the client: as forwarded, or that of the peer.
    pub(crate) fn client_host(&self) -> ClientHost {
        match self.client {
            ForwardedClient::At(addr) => addr.ip().into(),
            _ => self.connection.peer.client().host(),
        }
    }

    /// Both addresses of the client's connection; `None` if the client's is unknown. An unknown
    /// destination, as on a Unix socket, is the unspecified address.
    pub(crate) fn addrs(&self) -> Option<AddrPair> {
        let ConnectionInfo { peer, local, .. } = self.connection;
        let source = match self.client {
            ForwardedClient::At(addr) => addr,
            ForwardedClient::Unknown => return None,
            ForwardedClient::None => peer.client().ip()?,
        };
        let destination = peer.proxied.map(|it| it.addrs.destination).or(local);
        Some(AddrPair {
            source,
            destination: destination.unwrap_or_else(|| unspecified_for(source)),
        })
    }
}

fn unspecified_for(addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}

/// Returns the requested host: from an absolute request line, otherwise from the Host header
/// (RFC 9112, section 3.2.2). A repeated or malformed Host header counts as none, also beside an
/// absolute request line (section 3.2).
fn requested_host(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => Some(host.to_str().ok()?.parse().ok()?),
        (None, _) => None,
        (Some(_), Some(_)) => return None,
    };
    match (uri.scheme(), uri.authority()) {
        (Some(_), Some(authority)) => authority.as_str().parse().ok(),
        _ => host,
    }
}

/// Returns the last client in `X-Forwarded-For` that is no trusted proxy: a client can forge
/// all entries before its own. If all are trusted proxies, returns the first of them.
fn forwarded_client(headers: &HeaderMap, proxies: &[TrustedProxy]) -> ForwardedClient {
    let mut client = ForwardedClient::None;
    for entry in list_values(headers, "x-forwarded-for").into_iter().rev() {
        let Some(addr) = node_addr(&entry) else {
            return ForwardedClient::Unknown;
        };
        client = ForwardedClient::At(addr);
        if !is_trusted(addr.ip().into(), proxies) {
            break;
        }
    }
    client
}

/// Parses an address as proxies write it: IPv4 or IPv6, the latter with or without brackets, each
/// with or without a port, which may be obfuscated, and in quotes (RFC 7239, section 6). Port 0
/// stands for none.
fn node_addr(entry: &str) -> Option<SocketAddr> {
    let node = entry.trim_matches('"').trim();
    let bare = |host: &str| host.parse::<IpAddr>().ok();
    let (ip, port) = match node.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (bare(host)?, port.strip_prefix(':')),
        None => match (bare(node), node.rsplit_once(':')) {
            (Some(ip), _) => (ip, None),
            (None, Some((host, port))) => (IpAddr::V4(host.parse().ok()?), Some(port)),
            (None, None) => return None,
        },
    };
    let port = port.and_then(digits).unwrap_or(0);
    Some(SocketAddr::new(ip.to_canonical(), port))
}

/// Returns true if `proto`, from `X-Forwarded-Proto`, is encrypted. Some proxies name the
/// WebSocket's scheme.
fn is_encrypted(proto: &str) -> bool {
    let proto = proto.trim_matches('"');
    ["https", "wss"]
        .iter()
        .any(|it| proto.eq_ignore_ascii_case(it))
}

/// Returns the values of a list header, which may be repeated (RFC 9110, section 5.3).
///
/// Proxies append to what the client sent, whatever its bytes are: those that are no text spoil
/// their own entry alone.
fn list_values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<Cow<'a, str>> {
    let values = headers.get_all(name).into_iter();
    values
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|value| !value.is_empty())
        .map(String::from_utf8_lossy)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request_info(from: &str, headers: &[(&'static str, &str)], proxies: &[&str]) -> RequestInfo {
        let connection = ConnectionInfo {
            peer: Peer::direct(SocketAddr::new(from.parse().unwrap(), 5000).into()),
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

    fn at(addr: &str) -> ForwardedClient {
        ForwardedClient::At(addr.parse().unwrap())
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
        assert_eq!(
            (untrusted.client, untrusted.https),
            (ForwardedClient::None, false)
        );

        for from in ["10.1.2.3", "192.0.2.1", "::ffff:10.1.2.3"] {
            let trusted = request_info(from, &FORWARDED, &["10.0.0.0/8", "192.0.2.1"]);
            assert_eq!(trusted.authority, "gate.example".parse().ok());
            assert_eq!(trusted.client, at("198.51.100.7:0"));
            assert!(trusted.https);
        }
    }

    #[test]
    fn without_forwarded_headers_the_host_header_counts() {
        let direct = request_info("10.0.0.1", &[], &["10.0.0.1"]);
        assert_eq!(direct.authority, "inside:3000".parse().ok());
        assert_eq!(
            (direct.client, direct.https),
            (ForwardedClient::None, false)
        );
    }

    #[test]
    fn forged_forwarded_values_before_the_last_are_ignored() {
        let check = |list: &str, expected: ForwardedClient| {
            let info = request_info("10.0.0.1", &[("x-forwarded-for", list)], &["10.0.0.0/8"]);
            assert_eq!(info.client, expected, "{list}");
        };
        let client = at("198.51.100.7:0");
        check("203.0.113.1, 198.51.100.7", client);
        check("203.0.113.1, 198.51.100.7, 10.0.0.2", client);
        check("203.0.113.1, 198.51.100.7, ::ffff:10.0.0.2", client);
        check("10.0.0.3, 10.0.0.2", at("10.0.0.3:0"));
        check("nonsense, 10.0.0.2", ForwardedClient::Unknown);
        check("203.0.113.1, unknown", ForwardedClient::Unknown);
        check("nonsense", ForwardedClient::Unknown);
        check("", ForwardedClient::None);

        let twice = [
            ("x-forwarded-host", "evil.example, other.example"),
            ("x-forwarded-host", "gate.example"),
        ];
        let info = request_info("10.0.0.1", &twice, &["10.0.0.1"]);
        assert_eq!(info.authority, "gate.example".parse().ok());
    }

    #[test]
    fn forwarded_client_is_read_in_every_written_form() {
        for (entry, addr) in [
            ("203.0.113.9", "203.0.113.9:0"),
            ("203.0.113.9:51234", "203.0.113.9:51234"),
            ("\"203.0.113.9:51234\"", "203.0.113.9:51234"),
            ("203.0.113.9:_hidden", "203.0.113.9:0"),
            ("::ffff:203.0.113.9", "203.0.113.9:0"),
            ("[::ffff:203.0.113.9]:80", "203.0.113.9:80"),
            ("2001:db8::9", "[2001:db8::9]:0"),
            ("[2001:db8::9]", "[2001:db8::9]:0"),
            ("[2001:db8::9]:51234", "[2001:db8::9]:51234"),
            ("\"[2001:db8::9]:51234\"", "[2001:db8::9]:51234"),
        ] {
            assert_eq!(node_addr(entry), addr.parse().ok(), "{entry}");
        }
        for unknown in [
            "unknown",
            "_hidden",
            "",
            "203.0.113",
            "2001:db8::9]:1",
            "gate.example:1",
        ] {
            assert_eq!(node_addr(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn forwarded_proto_is_the_last_of_a_list_and_may_name_the_websocket() {
        for (proto, https) in [
            ("https", true),
            ("HTTPS", true),
            ("wss", true),
            ("http, https", true),
            ("https, http", false),
            ("https,", true),
            ("ws", false),
        ] {
            let info = request_info("10.0.0.1", &[("x-forwarded-proto", proto)], &["10.0.0.1"]);
            assert_eq!(info.https, https, "{proto}");
        }
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
        assert_eq!(requested_host(&absolute, &headers), None);
    }
}
