//! Listening sockets: binds addresses, accepts connections and spreads them over the workers.

pub(crate) mod admission;
pub(crate) mod eviction;
pub(crate) mod peer;
pub(crate) mod proxy_protocol;
pub(crate) mod socket_activation;
pub(crate) mod trusted_proxy;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use net::endpoint::Endpoint;
use net::error_text::io_error_text;
use net::timer::sleep;
use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::listener::peer::canonical;
use crate::runtime::stop::stopped_and_settled;
use crate::runtime::workers::Workers;

/// The backlog: the most connections that may wait to be accepted. With the usual 1,024, a
/// burst of 2,000 waits seconds for SYN retries. The kernel may lower it (`somaxconn`).
const BACKLOG: u32 = 4096;

/// The pause after a failed accept, in which a descriptor may become free.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

/// An address cannot be bound.
#[derive(Debug, Error)]
#[error("cannot listen on {endpoint}: {}; choose another address with {flag}", io_error_text(.source))]
pub struct BindError {
    /// The address.
    pub endpoint: Endpoint,
    /// The option that sets it.
    pub flag: &'static str,
    /// The system's error.
    pub source: io::Error,
}

/// A bound listening socket.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
}

impl Listener {
    /// Binds the first address of `endpoint` that is free. `flag` is the option that errors
    /// name.
    pub(crate) async fn bind(endpoint: &Endpoint, flag: &'static str) -> Result<Self, BindError> {
        let bound = async {
            let mut error = io::Error::from(io::ErrorKind::AddrNotAvailable);
            for addr in lookup_host(endpoint.as_pair()).await? {
                match bind_addr(addr) {
                    Ok(listener) => return Ok(listener),
                    Err(e) => error = e,
                }
            }
            Err(error)
        };
        bound.await.map_err(|source| BindError {
            endpoint: endpoint.clone(),
            flag,
            source,
        })
    }

    /// Wraps a socket that listens already.
    pub(crate) fn from_std(socket: std::net::TcpListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Self::new(TcpListener::from_std(socket)?)
    }

    fn new(socket: TcpListener) -> io::Result<Self> {
        let addr = socket.local_addr()?;
        Ok(Self { socket, addr })
    }

    /// The bound address, with the port that the system chose for port 0.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Accepts connections until `stop` is set and its grace period is over, and runs `serve`
    /// for each on one of `workers`, tracked by `tasks`.
    ///
    /// The grace period accepts what is left in the backlog: those clients are connected
    /// already. After a failed accept, which mostly means that no descriptor is free, the
    /// loop backs off for [`ACCEPT_BACKOFF`]. Backpressure: meanwhile, connections wait in the
    /// backlog; when that is full, the kernel drops SYNs and clients retry.
    pub(crate) async fn serve<F>(
        self,
        workers: &Workers,
        tasks: &TaskTracker,
        stop: &CancellationToken,
        serve: impl Fn(TcpStream, SocketAddr) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut stopped = pin!(stopped_and_settled(stop));
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = &mut stopped => return,
            };
            let served = accepted.and_then(|(stream, peer)| {
                // Fails if the client is gone, which `serve` notices too.
                let _ = stream.set_nodelay(true);
                workers.spawn(tasks, stream, |stream| serve(stream, canonical(peer)))
            });
            if let Err(error) = served {
                warn!(error = io_error_text(&error), "cannot accept a connection");
                sleep(ACCEPT_BACKOFF).await;
            }
        }
    }
}

fn bind_addr(addr: SocketAddr) -> io::Result<Listener> {
    let socket = match addr {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Listener::new(socket.listen(BACKLOG)?)
}
