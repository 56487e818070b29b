//! HTTP: connections, TLS, routes, and all responses except the bridge's WebSocket upgrades.

pub(crate) mod assets;
mod connection;
mod connection_refusal;
mod feed_socket;
pub(crate) mod info;
pub(crate) mod live_feed;
pub(crate) mod metrics;
mod refusals;
mod refused_connection;
pub(crate) mod routes;
pub(crate) mod security_headers;
pub(crate) mod serve;
pub(crate) mod tls;
