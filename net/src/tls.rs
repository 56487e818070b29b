//! TLS: settings of clients, certificate pinning, files of certificates and keys, and the server's
//! stream.

pub mod pem;
pub mod pinning;
pub mod server_stream;
pub mod settings;
pub mod validity;
