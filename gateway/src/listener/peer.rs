//! The peer of an accepted connection, and the client behind it if the peer is a proxy.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use net::peer_addr::PeerAddr;

/// The peer of an accepted connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// The remote end of the socket.
    pub(crate) addr: PeerAddr,
    /// The client's connection as the PROXY header describes it; `None` if there is no
    /// header, or if the proxy speaks for itself.
    pub(crate) proxied: Option<ProxiedConnection>,
    /// Set if the connection began with a PROXY header, also one that names no client.
    pub(crate) has_proxy_header: bool,
}

/// A client's connection to a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProxiedConnection {
    pub(crate) addrs: AddrPair,
    /// Set if the client uses TLS up to the proxy.
    pub(crate) tls: bool,
}

/// Source and destination of a connection, from the client's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddrPair {
    /// The client's address; port 0 if the port is unknown.
    pub(crate) source: SocketAddr,
    /// The address that the client connected to.
    pub(crate) destination: SocketAddr,
}

impl Peer {
    /// A peer that is the client itself.
    pub(crate) fn direct(addr: PeerAddr) -> Self {
        Self {
            addr,
            proxied: None,
            has_proxy_header: false,
        }
    }

    /// The client's address: behind the proxy if there is one, otherwise the peer's.
    pub(crate) fn client(&self) -> PeerAddr {
        self.proxied.map_or(self.addr, |it| it.addrs.source.into())
    }
}

impl AddrPair {
    /// Source and destination in one address family: IPv4 if both can be written so, otherwise
    /// IPv6, with IPv4 as `::ffff:a.b.c.d`.
    pub(crate) fn in_one_family(self) -> (SocketAddr, SocketAddr) {
        match (canonical(self.source), canonical(self.destination)) {
            (source, destination) if source.is_ipv4() == destination.is_ipv4() => {
                (source, destination)
            }
            (source, destination) => (mapped(source), mapped(destination)),
        }
    }
}

/// Returns `addr` in its one form: an IPv6 socket shows IPv4 clients as `::ffff:a.b.c.d`.
pub(crate) fn canonical(addr: SocketAddr) -> SocketAddr {
    match addr.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), addr.port()),
        // With its scope.
        IpAddr::V6(_) => addr,
    }
}

fn mapped(addr: SocketAddr) -> SocketAddr {
    let ip: Ipv6Addr = match addr.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    SocketAddr::new(ip.into(), addr.port())
}
