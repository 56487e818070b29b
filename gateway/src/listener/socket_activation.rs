//! Socket activation: takes over listening sockets that a service manager opened,
//! sd_listen_fds(3). Clients wait in their backlog while the gateway restarts.

use std::env;
use std::io;

use listenfd::ListenFd;
use net::error_text::io_error_text;
use thiserror::Error;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use crate::listener::{Listener, Socket};

/// Inherited sockets, with the names that their units set: `tcp`, `http` or `admin`, after
/// the options that they replace. Several may have one name.
#[derive(Debug, Default)]
pub struct InheritedSockets(Vec<(String, Socket)>);

/// An inherited socket cannot be served.
#[derive(Debug, Error)]
pub enum SocketActivationError {
    /// The socket is neither a listening TCP socket nor a listening Unix socket with a path.
    #[error("the inherited socket {name:?} cannot be listened on: {}", io_error_text(.source))]
    NotListening {
        /// The socket's name.
        name: String,
        /// The system's error.
        source: io::Error,
    },
    /// No listener of this configuration has the socket's name.
    #[error(
        "no use for the inherited socket {0:?}: in its unit, set FileDescriptorName= to the option \
         whose addresses it replaces: http, or tcp or admin if these are on"
    )]
    Unused(String),
    /// A Unix socket for the page and the bridge, with TLS on.
    #[error(
        "TLS is not served on Unix sockets, and the inherited socket {0:?} is one: let the reverse \
         proxy in front of it serve TLS"
    )]
    TlsOnUnix(&'static str),
}

impl InheritedSockets {
    /// Returns the sockets passed to this process (`LISTEN_FDS`); empty if there are none, or
    /// if `LISTEN_PID` is another process. They are registered with the runtime of this thread.
    ///
    /// # Errors
    /// [`SocketActivationError`] if one is neither a TCP socket nor a Unix socket.
    pub fn from_env() -> Result<Self, SocketActivationError> {
        let mut sockets = ListenFd::from_env();
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let names = names.split(':').map(str::to_owned);
        let names = names.chain(std::iter::repeat_with(String::new));
        let inherited =
            (0..sockets.len())
                .zip(names)
                .map(|(at, name)| match take_socket(&mut sockets, at) {
                    Ok(Some(socket)) => Ok((name, socket)),
                    Ok(None) => Err(SocketActivationError::Unused(name)),
                    Err(source) => Err(SocketActivationError::NotListening { name, source }),
                });
        Ok(Self(inherited.collect::<Result<_, _>>()?))
    }

    /// Fails if a socket has none of `names`: clients would wait in its backlog forever.
    pub(crate) fn ensure_named(&self, names: &[&str]) -> Result<(), SocketActivationError> {
        match self.0.iter().find(|(name, _)| !names.contains(&&**name)) {
            Some((name, _)) => Err(SocketActivationError::Unused(name.clone())),
            None => Ok(()),
        }
    }

    /// Returns true if there is a socket called `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// Fails if a socket called `name`, of a listener with TLS, is a Unix socket.
    pub(crate) fn ensure_tcp(&self, name: &'static str) -> Result<(), SocketActivationError> {
        let mut named = self.0.iter().filter(|(own, _)| own == name);
        match named.any(|(_, socket)| !matches!(socket, Socket::Tcp(_))) {
            true => Err(SocketActivationError::TlsOnUnix(name)),
            false => Ok(()),
        }
    }

    /// Removes the sockets called `name` and returns a listener on them.
    pub(crate) fn take_listener(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Listener>, SocketActivationError> {
        let taken: Vec<_> = self.0.extract_if(.., |(own, _)| own == name).collect();
        if taken.is_empty() {
            return Ok(None);
        }
        let sockets = taken.into_iter().map(|(_, socket)| socket).collect();
        let listener = Listener::new(name, sockets).map(Some);
        listener.map_err(|source| SocketActivationError::NotListening {
            name: name.into(),
            source,
        })
    }
}

fn take_socket(sockets: &mut ListenFd, at: usize) -> io::Result<Option<Socket>> {
    #[cfg(unix)]
    if let Ok(Some(socket)) = sockets.take_unix_listener(at) {
        socket.set_nonblocking(true)?;
        let socket = UnixListener::from_std(socket)?;
        return Ok(Some(Socket::Unix {
            _file: None,
            socket,
        }));
    }
    let Some(socket) = sockets.take_tcp_listener(at)? else {
        return Ok(None);
    };
    socket.set_nonblocking(true)?;
    Ok(Some(Socket::Tcp(TcpListener::from_std(socket)?)))
}
