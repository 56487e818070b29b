//! The peer of an accepted connection, and the client that a proxy says it speaks for.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Who has connected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// The other end of the connection.
    pub(crate) addr: SocketAddr,
    /// What that says as a proxy, where it passes the connection on for another.
    pub(crate) proxied: Option<Proxied>,
}

/// A client's connection to a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proxied {
    pub(crate) addrs: AddrPair,
    /// Whether it is encrypted up to the proxy.
    pub(crate) tls: bool,
}

/// The ends of a connection as its client has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddrPair {
    /// The client's; port 0 where that is not known.
    pub(crate) source: SocketAddr,
    /// What the client connected to.
    pub(crate) destination: SocketAddr,
}

impl Peer {
    pub(crate) fn direct(addr: SocketAddr) -> Self {
        let proxied = None;
        Self { addr, proxied }
    }

    /// The client, be it at the other end or beyond a proxy.
    pub(crate) fn client(&self) -> SocketAddr {
        self.proxied.map_or(self.addr, |it| it.addrs.source)
    }
}

impl AddrPair {
    /// IPv4 clients of an IPv6 socket have IPv4 addresses, unless the other end has not.
    pub(crate) fn of_one_family(self) -> (SocketAddr, SocketAddr) {
        let canonical = |addr: SocketAddr| SocketAddr::new(addr.ip().to_canonical(), addr.port());
        match (canonical(self.source), canonical(self.destination)) {
            (source, destination) if source.is_ipv4() == destination.is_ipv4() => {
                (source, destination)
            }
            (source, destination) => (mapped(source), mapped(destination)),
        }
    }
}

fn mapped(addr: SocketAddr) -> SocketAddr {
    let ip: Ipv6Addr = match addr.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    SocketAddr::new(ip.into(), addr.port())
}
