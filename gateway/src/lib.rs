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
mod bridge;
mod client;
mod echo;
mod endpoint;
#[cfg(fuzzing)]
pub mod fuzz;
mod http;
mod metrics;
mod observe;
mod outbound;
mod reason;
mod recording;
mod server;
mod session;
mod settings;
mod socket;
mod spans;
mod units;
mod websocket;
mod workers;

pub use access::arrival::{TrustedProxy, TrustedProxyError};
pub use access::token::{Token, TokenError};
pub use access::{Access, AccessError, AllowedHost, AllowedOrigin, Origin};
pub use bridge::dial::DialError;
pub use client::{
    BenchArgs, BenchError, ClientCommand, ClientError, ConnectError, ReplayArgs, ReplayError,
    SendArgs, SendError, Target, TargetError,
};
pub use endpoint::{Endpoint, EndpointError};
pub use http::tls::{Tls, TlsError};
pub use observe::record_file::{RecordError, Recording};
pub use observe::recorder::Recorder;
pub use recording::{Direction, Ender, Entry, EntryError, Event, Kind};
pub use server::{Server, StartError};
pub use settings::args::{Cli, LogFormat};
pub use settings::config::{Config, ConfigError, Limits};
pub use settings::manual::{ManualError, write_manual};
pub use settings::options::{Invocation, OptionsError};
pub use settings::upstream::{Address, Upstream, UpstreamError};
pub use socket::inherited::{Inherited, InheritedError};
pub use socket::listener::BindError;
pub use workers::Workers;
