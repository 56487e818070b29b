//! Sockets of both sides: how they are accepted, read, written, watched and let go.

pub(crate) mod admission;
pub(crate) mod clock;
pub(crate) mod drain;
pub(crate) mod inbox;
pub(crate) mod inherited;
pub(crate) mod listener;
pub(crate) mod liveness;
pub(crate) mod proxied;
pub(crate) mod rarely;
pub(crate) mod read;
pub(crate) mod spare;
