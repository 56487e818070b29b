//! Networking that the gateway and its clients share: addresses and units as people write
//! them, streams and how they are opened, TLS towards services, timers, and errors in words.

pub mod connect;
pub mod endpoint;
pub mod error_text;
pub mod stream;
pub mod timer;
pub mod tls;
pub mod units;
