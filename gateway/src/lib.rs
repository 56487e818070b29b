//! The gateway: a framed TCP echo service, a bridge from WebSocket messages to TCP
//! frames, and the page that talks to both.
//!
//! A [`Server`] is built from a checked [`Config`], tells the addresses that it
//! bound, and runs until it is asked to stop.
//!
//! ```text
//!            listener ─► echo ◄──────────── any TCP client
//!               ▲          ▲
//!               │          │ TCP, frames
//!            server     session ◄─ ws ◄──── WebSocket, messages
//!               │                  ▲
//!               ▼                  │
//!            listener ─────────► http ────► page, api/info
//! ```

mod config;
mod drain;
mod echo;
mod end;
mod endpoint;
mod http;

mod listener;
mod page;
mod server;
mod session;
mod upstream;
mod ws;

pub use config::{Cli, Config, ConfigError, Limits};
pub use endpoint::{Endpoint, EndpointError};
pub use listener::BindError;
pub use server::Server;
