//! The gateway: a framed TCP echo service, a bridge from WebSocket messages to TCP
//! frames, and the page that talks to both.
//!
//! A [`Server`] is built from a checked [`Config`], tells the addresses that it
//! bound, and runs until it is asked to stop.
//!
//! ```text
//! any TCP client ────────────────────────────► listener ─► echo
//!                                                           ▲
//! browser ─► listener ─► http ─┬─► page, info               │ TCP, frames
//!                              └─► bridge ─► session ───────┴─► or any upstream
//! ```

mod bridge;
mod config;
mod drain;
mod echo;
mod end;
mod endpoint;
mod handshake;
mod http;
mod info;
mod listener;
mod page;
mod server;
mod session;
mod upstream;

pub use config::{Cli, Config, ConfigError, Limits};
pub use endpoint::{Endpoint, EndpointError};
pub use listener::BindError;
pub use server::Server;
