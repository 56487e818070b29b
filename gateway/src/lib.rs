//! The gateway: a framed TCP echo service, a bridge from WebSocket messages to TCP
//! frames, and the page that talks to both.
//!
//! A [`Server`] is built from a checked [`Config`], binds its addresses, and runs until it is
//! told to stop.
//!
//! ```text
//! any TCP client ────────────────────────────► listener ─► echo
//!                                                           ▲
//! browser ─► listener ─► http ─┬─► page, info               │ TCP, frames
//!                              └─► bridge ─► session ───────┴─► or any upstream
//! ```

mod access;
mod bridge;
mod buffer;
mod cli;
mod config;
mod defaults;
mod echo;
#[cfg(fuzzing)]
pub mod fuzz;
mod health;
mod http;
mod io;
mod limits;
mod listener;
mod log_limit;
mod logging;
mod metrics;
mod observe;
mod refusal;
mod resume;
mod runtime;
mod server;
mod session;
mod shared;
mod sync;
mod traffic;
mod upstream;
mod websocket;

pub use access::token::{Token, TokenError};
pub use access::{Access, AllowedHost, AllowedOrigin, HostError, OriginError};
pub use cli::args::Cli;
pub use cli::config_error::ConfigError;
pub use cli::config_file::ConfigFileError;
pub use cli::environment::EnvironmentError;
pub use cli::invocation::{Invocation, OptionsError};
pub use cli::manual::{ManualError, write_manual};
pub use config::{Config, LogFormat, TlsSource};
pub use health::{HealthArgs, HealthError};
pub use http::tls::{Tls, TlsError};
pub use limits::Limits;
pub use listener::BindError;
pub use listener::addresses::OneAddressError;
pub use listener::socket_activation::{InheritedSockets, SocketActivationError};
pub use listener::trusted_proxy::{TrustedProxy, TrustedProxyError};
pub use net::endpoint::{Endpoint, EndpointError};
pub use net::listen_address::{ListenAddress, ListenAddressError, LocalAddr};
pub use observe::recorder::Recorder;
pub use observe::recording_file::{RecordingError, RecordingOptions};
pub use resume::options::{GatewayId, GatewayIdError, ResumeOptions};
pub use runtime::unblock::unblock;
pub use runtime::workers::Workers;
pub use server::{Server, StartError};
pub use upstream::address::{UpstreamAddress, UpstreamConfig, UpstreamParseError};
pub use upstream::compression::{Compression, CompressionError};
pub use upstream::connect::UpstreamSetupError;
pub use upstream::registry::UpstreamRegistry;
pub use upstream::subprotocols::{SubprotocolError, Subprotocols};
