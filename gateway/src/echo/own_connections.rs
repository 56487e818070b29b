//! Connections that the gateway itself opens to its own echo service, for its sessions.
//!
//! They take no place of the connection limits, have no idle timeout and are not observed a
//! second time: the session behind each of them is counted, watched and observed already.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::process;
use std::sync::{Arc, Mutex};

use net::peer_addr::{ClientHost, PeerAddr};

use crate::listener::admission::{Admission, Permit};
use crate::listener::peer::canonical;
use crate::sync::lock;

/// The registry of those connections. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct OwnConnections {
    admission: Admission,
    shared: Arc<Mutex<Addresses>>,
}

#[derive(Debug, Default)]
struct Addresses {
    /// The gateway's ends of open connections.
    open: HashSet<SocketAddr>,
    /// The number of connections that are being opened, and have no address yet.
    opening: usize,
}

/// An own connection that is being opened; the limits make room for it.
#[derive(Debug)]
pub(crate) struct Opening {
    connections: OwnConnections,
    permit: Option<Permit>,
}

/// An own connection, registered while this lives.
#[derive(Debug)]
pub(crate) struct OwnConnection {
    connections: OwnConnections,
    addr: Option<SocketAddr>,
    _permit: Option<Permit>,
}

impl OwnConnections {
    pub(crate) fn new(admission: Admission) -> Self {
        Self {
            admission,
            shared: Arc::default(),
        }
    }

    /// Announces a connection that admission will count for `host`.
    pub(crate) fn opening(&self, host: ClientHost) -> Opening {
        lock(&self.shared).opening += 1;
        Opening {
            permit: Some(self.admission.exempt(host)),
            connections: self.clone(),
        }
    }

    /// Returns true if the connection from `addr` is the gateway's own: registered, or by a Unix
    /// socket, where the gateway's end has no address, from this process.
    pub(crate) fn is_own(&self, addr: PeerAddr) -> bool {
        match addr {
            PeerAddr::Ip(addr) => lock(&self.shared).open.contains(&addr),
            PeerAddr::Unix { pid, .. } => pid == i32::try_from(process::id()).ok(),
        }
    }

    /// Like [`is_own`](Self::is_own), but `None` while a connection is being opened that
    /// `addr` may belong to. Once bytes were received from `addr`, it is known.
    pub(crate) fn is_known_as_own(&self, addr: PeerAddr) -> Option<bool> {
        let is_opening = addr.ip().is_some() && lock(&self.shared).opening > 0;
        match self.is_own(addr) {
            false if is_opening => None,
            is_own => Some(is_own),
        }
    }
}

impl Opening {
    /// Registers the connection under the gateway's end of it, `None` if the system does not
    /// tell that.
    pub(crate) fn opened(mut self, addr: Option<SocketAddr>) -> OwnConnection {
        let addr = addr.map(canonical);
        if let Some(addr) = addr {
            lock(&self.connections.shared).open.insert(addr);
        }
        OwnConnection {
            connections: self.connections.clone(),
            addr,
            _permit: self.permit.take(),
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        lock(&self.connections.shared).opening -= 1;
    }
}

impl Drop for OwnConnection {
    fn drop(&mut self) {
        if let Some(addr) = self.addr {
            lock(&self.connections.shared).open.remove(&addr);
        }
    }
}
