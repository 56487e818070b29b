//! Error messages for I/O and TLS errors.

mod tls;

use std::io;

use tokio_rustls::rustls;

pub use self::tls::{certificate_error, certificate_error_text, tls_error_text};

/// Returns the message of an I/O error: "connection refused" rather than "Connection refused
/// (os error 111)".
///
/// The kind's description, unless the error wraps another error, or its kind has none.
pub fn io_error_text(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref() {
        return match inner.downcast_ref::<rustls::Error>() {
            Some(error) => tls_error_text(error),
            // rustls adds a link to its manual.
            None if inner.to_string().contains("TLS close_notify") => {
                "closed without a TLS close_notify".into()
            }
            None => inner.to_string(),
        };
    }
    let kind = error.kind().to_string();
    if kind == "uncategorized error" || kind == "other error" {
        error.to_string()
    } else {
        kind
    }
}
