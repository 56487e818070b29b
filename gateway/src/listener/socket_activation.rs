//! Listening sockets that a service manager opened before the gateway started, as
//! sd_listen_fds(3) passes them: clients wait in them while it restarts.

use std::env;
use std::io;
use std::net::TcpListener;

use listenfd::ListenFd;
use net::error_text::io_error_text;
use thiserror::Error;

use crate::listener::Listener;

/// Sockets by the names that their units give them: `tcp`, `http` and `admin`, like the
/// options whose place they take.
#[derive(Debug, Default)]
pub struct InheritedSockets(Vec<(String, TcpListener)>);

/// Why inherited sockets cannot be served.
#[derive(Debug, Error)]
pub enum SocketActivationError {
    /// It is not a listening TCP socket.
    #[error("the inherited socket {name:?} cannot be listened on: {}", io_error_text(.source))]
    NotListening {
        /// The name that it came under.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is no use for it.
    #[error(
        "no use for the inherited socket {0:?}: in its unit, set FileDescriptorName= to the option \
         whose place it takes: tcp or admin, if these are on, or http; each once"
    )]
    Unused(String),
}

impl InheritedSockets {
    /// The sockets that this process was started with: none, if none were meant for it.
    ///
    /// # Errors
    /// [`SocketActivationError::NotListening`] if one of them is something else.
    pub fn from_env() -> Result<Self, SocketActivationError> {
        let mut sockets = ListenFd::from_env();
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let names = names.split(':').map(str::to_owned);
        let names = names.chain(std::iter::repeat_with(String::new));
        let taken =
            (0..sockets.len())
                .zip(names)
                .map(|(at, name)| match sockets.take_tcp_listener(at) {
                    Ok(Some(socket)) => Ok((name, socket)),
                    Ok(None) => Err(SocketActivationError::Unused(name)),
                    Err(source) => Err(SocketActivationError::NotListening { name, source }),
                });
        Ok(Self(taken.collect::<Result<_, _>>()?))
    }

    /// The socket called `name`, if there is one.
    pub(crate) fn take(&mut self, name: &str) -> Result<Option<Listener>, SocketActivationError> {
        let Some(at) = self.0.iter().position(|(own, _)| own == name) else {
            return Ok(None);
        };
        let (name, socket) = self.0.remove(at);
        let adopted = Listener::adopt(socket).map(Some);
        adopted.map_err(|source| SocketActivationError::NotListening { name, source })
    }

    /// Sees that none is left, in which clients would wait for ever.
    pub(crate) fn all_taken(mut self) -> Result<(), SocketActivationError> {
        match self.0.pop() {
            Some((name, _)) => Err(SocketActivationError::Unused(name)),
            None => Ok(()),
        }
    }
}
