//! Addresses of peers: an IP address, or the process at the other end of a Unix socket.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The address of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerAddr {
    /// An IP address and a port.
    Ip(SocketAddr),
    /// A process on this machine, by a Unix socket; with what the system tells about it.
    Unix {
        /// The process that has connected.
        pid: Option<i32>,
        /// The user that it ran as.
        uid: Option<u32>,
    },
}

/// The host of a client, by which limits per client count and trusted proxies are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientHost {
    /// An IP address; IPv4-mapped ones are kept as IPv4.
    Ip(IpAddr),
    /// This machine: all peers on Unix sockets together.
    Unix,
}

impl PeerAddr {
    /// The host.
    pub fn host(self) -> ClientHost {
        match self {
            Self::Ip(addr) => addr.ip().into(),
            Self::Unix { .. } => ClientHost::Unix,
        }
    }

    /// The IP address and port; `None` on a Unix socket.
    pub fn ip(self) -> Option<SocketAddr> {
        match self {
            Self::Ip(addr) => Some(addr),
            Self::Unix { .. } => None,
        }
    }
}

impl From<SocketAddr> for PeerAddr {
    fn from(addr: SocketAddr) -> Self {
        Self::Ip(addr)
    }
}

#[cfg(unix)]
impl From<&tokio::net::UnixStream> for PeerAddr {
    /// Returns the process at the other end of `stream`.
    fn from(stream: &tokio::net::UnixStream) -> Self {
        let credentials = stream.peer_cred().ok();
        Self::Unix {
            pid: credentials.and_then(|it| it.pid()),
            uid: credentials.map(|it| it.uid()),
        }
    }
}

impl From<IpAddr> for ClientHost {
    fn from(ip: IpAddr) -> Self {
        // An IPv6 socket shows IPv4 clients as ::ffff:a.b.c.d.
        Self::Ip(ip.to_canonical())
    }
}

/// Displays an IP address with its port, or `unix:pid=PID,uid=UID`.
impl fmt::Display for PeerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(addr) => write!(f, "{addr}"),
            Self::Unix { pid, uid } => {
                let pid = pid.map(|pid| format!("pid={pid}"));
                let uid = uid.map(|uid| format!("uid={uid}"));
                let known: Vec<_> = [pid, uid].into_iter().flatten().collect();
                write!(f, "unix:{}", known.join(","))
            }
        }
    }
}
