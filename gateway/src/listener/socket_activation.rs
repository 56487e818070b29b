//! Socket activation: takes over listening sockets that a service manager opened,
//! sd_listen_fds(3). Clients wait in their backlog while the gateway restarts.

use std::env;
use std::io;
use std::net::TcpListener;

use listenfd::ListenFd;
use net::error_text::io_error_text;
use thiserror::Error;

use crate::listener::Listener;

/// Inherited sockets, with the names that their units set: `tcp`, `http` or `admin`, after
/// the options that they replace.
#[derive(Debug, Default)]
pub struct InheritedSockets(Vec<(String, TcpListener)>);

/// An inherited socket cannot be served.
#[derive(Debug, Error)]
pub enum SocketActivationError {
    /// The socket is not a listening TCP socket.
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
         that it replaces: http, or tcp or admin if these are on; each at most once"
    )]
    Unused(String),
}

impl InheritedSockets {
    /// Returns the sockets passed to this process (`LISTEN_FDS`); empty if there are none, or
    /// if `LISTEN_PID` is another process.
    ///
    /// # Errors
    /// [`SocketActivationError`] if one is not a listening TCP socket.
    pub fn from_env() -> Result<Self, SocketActivationError> {
        let mut sockets = ListenFd::from_env();
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let names = names.split(':').map(str::to_owned);
        let names = names.chain(std::iter::repeat_with(String::new));
        let inherited =
            (0..sockets.len())
                .zip(names)
                .map(|(at, name)| match sockets.take_tcp_listener(at) {
                    Ok(Some(socket)) => Ok((name, socket)),
                    Ok(None) => Err(SocketActivationError::Unused(name)),
                    Err(source) => Err(SocketActivationError::NotListening { name, source }),
                });
        Ok(Self(inherited.collect::<Result<_, _>>()?))
    }

    /// Removes the socket called `name` and returns a listener on it.
    pub(crate) fn take_listener(
        &mut self,
        name: &str,
    ) -> Result<Option<Listener>, SocketActivationError> {
        let Some(at) = self.0.iter().position(|(own, _)| own == name) else {
            return Ok(None);
        };
        let (name, socket) = self.0.remove(at);
        let listener = Listener::from_std(socket).map(Some);
        listener.map_err(|source| SocketActivationError::NotListening { name, source })
    }

    /// Fails if a socket is left: clients would wait in its backlog forever.
    pub(crate) fn ensure_all_taken(mut self) -> Result<(), SocketActivationError> {
        match self.0.pop() {
            Some((name, _)) => Err(SocketActivationError::Unused(name)),
            None => Ok(()),
        }
    }
}
