//! The bridge: from a request for `/ws` to a session.

mod extensions;
pub(crate) mod handshake;
pub(crate) mod opening;
mod resuming;
pub(crate) mod session_log;
mod subprotocol;
pub(crate) mod upgrade;
