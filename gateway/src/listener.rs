//! Listening sockets: binds addresses, accepts connections and spreads them over the workers.

mod accept_failures;
pub(crate) mod admission;
pub(crate) mod eviction;
pub(crate) mod peer;
pub(crate) mod proxy_protocol;
pub(crate) mod socket_activation;
pub(crate) mod trusted_proxy;

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Poll};

use net::endpoint::Endpoint;
use net::error_text::io_error_text;
use net::timer::sleep;
use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

use crate::listener::accept_failures::AcceptFailures;
use crate::listener::peer::canonical;
use crate::runtime::stop::stopped_and_settled;
use crate::runtime::workers::Workers;

/// The backlog: the most connections that may wait to be accepted. With the usual 1,024, a
/// burst of 2,000 waits seconds for SYN retries. The kernel may lower it (`somaxconn`).
const BACKLOG: u32 = 4096;

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

/// A listener: one or more bound sockets, served alike.
#[derive(Debug)]
pub(crate) struct Listener {
    /// The option that sets its addresses, without dashes.
    name: &'static str,
    sockets: Vec<TcpListener>,
    addrs: Vec<SocketAddr>,
}

impl Listener {
    /// Binds `endpoints`. `flag` is the option that errors name.
    ///
    /// A host name is bound at each of its addresses, such as 127.0.0.1 and ::1 for localhost;
    /// one of them suffices.
    pub(crate) async fn bind(
        endpoints: &[Endpoint],
        flag: &'static str,
    ) -> Result<Self, BindError> {
        let mut sockets = Vec::new();
        for endpoint in endpoints {
            let bound = bind_endpoint(endpoint).await;
            sockets.extend(bound.map_err(|source| BindError {
                endpoint: endpoint.clone(),
                flag,
                source,
            })?);
        }
        Self::new(flag.trim_start_matches('-'), sockets).map_err(|source| BindError {
            endpoint: endpoints[0].clone(),
            flag,
            source,
        })
    }

    /// Wraps sockets that listen already; at least one.
    pub(crate) fn from_std(
        name: &'static str,
        sockets: Vec<std::net::TcpListener>,
    ) -> io::Result<Self> {
        let wrap = |socket: std::net::TcpListener| {
            socket.set_nonblocking(true)?;
            TcpListener::from_std(socket)
        };
        let sockets: Vec<_> = sockets.into_iter().map(wrap).collect::<io::Result<_>>()?;
        Self::new(name, sockets)
    }

    fn new(name: &'static str, sockets: Vec<TcpListener>) -> io::Result<Self> {
        let addrs = sockets.iter().map(TcpListener::local_addr);
        Ok(Self {
            name,
            addrs: addrs.collect::<io::Result<_>>()?,
            sockets,
        })
    }

    /// The bound addresses, at least one, with the port that the system chose for port 0.
    pub(crate) fn addrs(&self) -> &[SocketAddr] {
        &self.addrs
    }

    /// Accepts connections until `stop` is set and its grace period is over, and runs `serve`
    /// for each on one of `workers`, tracked by `tasks`.
    ///
    /// The grace period accepts what is left in the backlog: those clients are connected
    /// already. Backpressure: while no connection can be accepted, they wait in the backlog;
    /// when that is full, the kernel drops SYNs and clients retry.
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
        let mut failures = AcceptFailures::default();
        let mut turn = 0;
        loop {
            let accepted = tokio::select! {
                accepted = poll_fn(|cx| self.poll_accept(cx, turn)) => accepted,
                () = &mut stopped => return,
            };
            turn = turn.wrapping_add(1);
            let served = accepted.and_then(|(stream, peer)| {
                // Fails if the client is gone, which `serve` notices too.
                let _ = stream.set_nodelay(true);
                workers.spawn(tasks, stream, |stream| serve(stream, canonical(peer)))
            });
            match served {
                Ok(()) => failures.accepted(),
                Err(error) => {
                    if let Some(pause) = failures.failed(&error, self.name) {
                        sleep(pause).await;
                    }
                }
            }
        }
    }

    /// Accepts a connection of any socket; `turn` is the one that comes first.
    fn poll_accept(
        &self,
        cx: &mut Context<'_>,
        turn: usize,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let count = self.sockets.len();
        for at in 0..count {
            let socket = &self.sockets[turn.wrapping_add(at) % count];
            if let Poll::Ready(accepted) = socket.poll_accept(cx) {
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    }
}

/// Binds the addresses of a host. If the port is 0, all get the one that the first gets.
async fn bind_endpoint(endpoint: &Endpoint) -> io::Result<Vec<TcpListener>> {
    let mut bound: Vec<TcpListener> = Vec::new();
    let mut tried = Vec::new();
    let mut error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let mut port = endpoint.port;
    for mut addr in lookup_host(endpoint.as_pair()).await? {
        addr.set_port(port);
        if tried.contains(&addr) {
            continue;
        }
        tried.push(addr);
        match bind_addr(addr) {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                bound.push(listener);
            }
            Err(e) if bound.is_empty() => error = e,
            Err(e) => debug!(%addr, error = io_error_text(&e), "not listened on"),
        }
    }
    match bound.is_empty() {
        true => Err(error),
        false => Ok(bound),
    }
}

fn bind_addr(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = match addr {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}
