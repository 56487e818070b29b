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

mod access;
mod admission;
mod args;
mod arrival;
mod authority;
mod bridge;
mod client;
mod config;
mod dial;
mod drain;
mod echo;
mod end;
mod endpoint;
#[cfg(fuzzing)]
pub mod fuzz;
mod handshake;
mod headers;
mod http;
mod info;
mod listener;
mod liveness;
mod login;
mod metrics;
mod options;
mod page;
mod read;
mod reason;
mod routes;
mod server;
mod session;
mod targets;
mod tls;
mod token;
mod traffic;
mod units;
mod upstream;
mod watch;
mod websocket;

pub use access::{Access, AccessError, AllowedHost, AllowedOrigin, Origin};
pub use args::{Cli, LogFormat};
pub use arrival::{TrustedProxy, TrustedProxyError};
pub use client::{Bench, BenchArgs, BenchError, ConnectError, Target, TargetError};
pub use config::{Config, ConfigError, Limits};
pub use dial::DialError;
pub use endpoint::{Endpoint, EndpointError};
pub use listener::BindError;
pub use options::{Invocation, OptionsError};
pub use server::{Server, StartError};
pub use tls::{Tls, TlsError};
pub use token::{Token, TokenError};
pub use upstream::{Address, Upstream, UpstreamError};
