//! Listening sockets: how they are bound, and how their connections are accepted.

pub(crate) mod admission;
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

use crate::runtime::stop::stopped_and_settled;
use crate::runtime::workers::Workers;

/// How many connections may wait to be accepted. The usual 1,024 makes a burst of
/// 2,000 wait for SYN retries, which takes seconds; the kernel caps it by itself.
const BACKLOG: u32 = 4096;

/// How long to wait after a failed accept: until a descriptor may have become free.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

/// Why a listener could not be had.
#[derive(Debug, Error)]
#[error("cannot listen on {endpoint}: {}; choose another address with {flag}", io_error_text(.source))]
pub struct BindError {
    /// The address that was asked for.
    pub endpoint: Endpoint,
    /// The option that sets it.
    pub flag: &'static str,
    /// What the system said.
    pub source: io::Error,
}

/// A bound listening socket.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
}

impl Listener {
    /// Binds the first address of `endpoint` that can be had; `flag` is the option to name
    /// when there is none.
    pub(crate) async fn bind(endpoint: &Endpoint, flag: &'static str) -> Result<Self, BindError> {
        let bound = async {
            let mut error = io::Error::from(io::ErrorKind::AddrNotAvailable);
            for addr in lookup_host(endpoint.as_pair()).await? {
                match listen(addr) {
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

    /// Takes over a socket that listens already.
    pub(crate) fn adopt(socket: std::net::TcpListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Self::on(TcpListener::from_std(socket)?)
    }

    fn on(socket: TcpListener) -> io::Result<Self> {
        let addr = socket.local_addr()?;
        Ok(Self { socket, addr })
    }

    /// The address that it has.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Has `workers` `serve` every connection, as one of `tasks`, until `stop`; also those
    /// that were waiting then, because their clients know themselves connected.
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
                // It fails on a connection that is gone, which serving it will show.
                let _ = stream.set_nodelay(true);
                workers.spawn(tasks, stream, |stream| serve(stream, peer))
            });
            match served {
                Ok(()) => {}
                // Out of descriptors, most likely: that may not end the service, and
                // it would come again at once.
                Err(error) => {
                    warn!(error = io_error_text(&error), "cannot accept a connection");
                    sleep(ACCEPT_BACKOFF).await;
                }
            }
        }
    }
}

fn listen(addr: SocketAddr) -> io::Result<Listener> {
    let socket = match addr {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Listener::on(socket.listen(BACKLOG)?)
}
