//! Upstreams: their addresses, the registry that clients choose from, and connections to them.

pub(crate) mod address;
pub(crate) mod compression;
pub(crate) mod connect;
pub(crate) mod registry;
pub(crate) mod subprotocols;
