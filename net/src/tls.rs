//! TLS: settings of clients, certificate pinning, and files of certificates and keys.

pub mod pem;
pub mod pinning;
pub mod settings;
pub mod validity;
