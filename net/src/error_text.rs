//! System errors in words.

mod tls;

use std::io;

use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem;

pub use self::tls::{certificate_error, certificate_error_text, tls_error_text};

/// What went wrong: "connection refused" rather than "Connection refused (os error 111)".
/// Errors with words of their own, and kinds that the standard library has none for, keep
/// theirs.
pub fn io_error_text(error: &io::Error) -> String {
    if let Some(own) = error.get_ref() {
        return match own.downcast_ref::<rustls::Error>() {
            Some(error) => tls_error_text(error),
            // rustls adds a link to its manual.
            None if own.to_string().contains("TLS close_notify") => {
                "it was cut off, without the close_notify that ends TLS".into()
            }
            None => own.to_string(),
        };
    }
    let kind = error.kind().to_string();
    if kind == "uncategorized error" || kind == "other error" {
        error.to_string()
    } else {
        kind
    }
}

/// The fault in a PEM file, in words.
pub(crate) fn pem_error_text(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => io_error_text(error),
        pem::Error::NoItemsFound => "there is no PEM of the expected kind in it".into(),
        other => other.to_string(),
    }
}
