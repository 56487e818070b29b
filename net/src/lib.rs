//! Networking shared by framegate's gateway and clients.
//!
//! - [`endpoint`], [`listen_address`], [`units`]: addresses, numbers, sizes and durations in the form
//!   that options have
//! - [`peer_addr`]: addresses of peers
//! - [`connect`], [`stream`], [`tls`]: client connections over TCP, TLS and Unix sockets
//! - [`listen`]: listening TCP sockets
//! - [`keepalive`]: socket options that find a vanished peer
//! - [`list`]: comma-separated lists of variables and configuration files
//! - [`lookup`]: name look-ups, one at a time for each service
//! - [`text_file`]: text files that people write, such as tokens
//! - [`timer`]: sleeps and timeouts, on a timer thread if the runtime has no timers
//! - [`error_text`]: error messages for I/O, TLS and certificates
//! - [`untrusted`]: text from peers and persons, escaped and bounded

pub mod connect;
pub mod endpoint;
pub mod error_text;
pub mod keepalive;
pub mod list;
pub mod listen;
pub mod listen_address;
pub mod lookup;
pub mod peer_addr;
pub mod stream;
pub mod text_file;
pub mod timer;
pub mod tls;
pub mod units;
pub mod untrusted;
