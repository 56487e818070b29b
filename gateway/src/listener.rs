//! Listening sockets: binds addresses, accepts connections and spreads them over the workers.

mod accept_failures;
pub(crate) mod addresses;
pub(crate) mod admission;
pub(crate) mod eviction;
pub(crate) mod peer;
pub(crate) mod proxy_protocol;
pub(crate) mod socket_activation;
pub(crate) mod trusted_proxy;
#[cfg(unix)]
mod unix_socket;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use net::error_text::io_error_text;
use net::listen_address::{ListenAddress, LocalAddr};
use net::peer_addr::PeerAddr;
use net::stream::Stream;
use net::timer::sleep;
use thiserror::Error;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::listener::accept_failures::AcceptFailures;
use crate::listener::addresses::{BACKLOG, bind_endpoint, has_free_port};
use crate::listener::peer::canonical;
#[cfg(unix)]
use crate::listener::unix_socket::SocketFile;
use crate::runtime::stop::stopped_and_settled;
use crate::runtime::workers::Workers;

/// An address cannot be bound.
#[derive(Debug, Error)]
#[error("cannot listen on {address}: {}; choose another address with {flag}", io_error_text(.source))]
pub struct BindError {
    /// The address.
    pub address: ListenAddress,
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
    sockets: Vec<Socket>,
    addrs: Vec<LocalAddr>,
}

/// A listening socket.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix {
        /// `None` if a service manager has made it. Dropped first: once the socket is closed,
        /// another gateway may replace the file.
        _file: Option<SocketFile>,
        socket: UnixListener,
    },
}

impl Listener {
    /// Binds `addresses`. `flag` is the option that errors name.
    ///
    /// A host name is bound at each of its addresses, such as 127.0.0.1 and ::1 for localhost, as
    /// far as this machine has them. An address that is bound already, by another of `addresses`,
    /// is left out.
    pub(crate) async fn bind(
        addresses: &[ListenAddress],
        flag: &'static str,
    ) -> Result<Self, BindError> {
        let mut sockets = Vec::new();
        for (at, address) in addresses.iter().enumerate() {
            if addresses[..at].contains(address) && !has_free_port(address) {
                continue;
            }
            let bound = bind_address(address, addresses, &sockets).await;
            sockets.extend(bound.map_err(|source| BindError {
                address: address.clone(),
                flag,
                source,
            })?);
        }
        Self::new(flag.trim_start_matches('-'), sockets).map_err(|source| BindError {
            address: addresses[0].clone(),
            flag,
            source,
        })
    }

    /// Wraps sockets that listen; at least one.
    pub(crate) fn new(name: &'static str, sockets: Vec<Socket>) -> io::Result<Self> {
        let addrs = sockets.iter().map(Socket::local_addr);
        Ok(Self {
            name,
            addrs: addrs.collect::<io::Result<_>>()?,
            sockets,
        })
    }

    /// The bound addresses, at least one, with the port that the system chose for port 0.
    pub(crate) fn addrs(&self) -> &[LocalAddr] {
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
        serve: impl Fn(Stream, PeerAddr) -> F,
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
                workers.spawn(tasks, || Ok(serve(stream.registered_here()?, peer)))
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
    ) -> Poll<io::Result<(Stream, PeerAddr)>> {
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

impl Socket {
    fn local_addr(&self) -> io::Result<LocalAddr> {
        match self {
            Self::Tcp(socket) => socket.local_addr().map(LocalAddr::Ip),
            #[cfg(unix)]
            Self::Unix { socket, .. } => {
                let no_path = "abstract sockets are not supported, as they have no permissions";
                let addr = socket.local_addr()?;
                let path = addr.as_pathname().map(Into::into).map(LocalAddr::Unix);
                path.ok_or_else(|| io::Error::other(no_path))
            }
        }
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, PeerAddr)>> {
        match self {
            Self::Tcp(socket) => socket.poll_accept(cx).map_ok(|(stream, peer)| {
                // Fails if the client is gone, which serving it notices too.
                let _ = stream.set_nodelay(true);
                (Stream::Tcp(stream), canonical(peer).into())
            }),
            #[cfg(unix)]
            Self::Unix { socket, .. } => socket.poll_accept(cx).map_ok(|(stream, _)| {
                let peer = PeerAddr::from(&stream);
                (Stream::Unix(stream), peer)
            }),
        }
    }
}

/// Binds `address`, one of `all`; `earlier` are the sockets that others of them are bound to.
async fn bind_address(
    address: &ListenAddress,
    all: &[ListenAddress],
    earlier: &[Socket],
) -> io::Result<Vec<Socket>> {
    match address {
        ListenAddress::Tcp(endpoint) => {
            let bound: io::Result<Vec<_>> = earlier.iter().map(Socket::local_addr).collect();
            let bound = bind_endpoint(endpoint, all, &bound?).await?;
            Ok(bound.into_iter().map(Socket::Tcp).collect())
        }
        #[cfg(unix)]
        ListenAddress::Unix { path, mode } => {
            let (socket, file) = unix_socket::bind(path, *mode, BACKLOG).await?;
            let _file = Some(file);
            Ok(vec![Socket::Unix { _file, socket }])
        }
        #[cfg(not(unix))]
        ListenAddress::Unix { .. } => Err(io::ErrorKind::Unsupported.into()),
    }
}
