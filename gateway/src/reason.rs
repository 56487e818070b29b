//! System errors in words.

mod tls;

use std::io;

use tokio_rustls::rustls;

pub(crate) use self::tls::{certificate_error, certificate_words, tls_words};

/// What went wrong: "connection refused" rather than "Connection refused (os error 111)".
/// Errors with words of their own, and kinds that the standard library has none for, keep
/// theirs.
pub(crate) fn reason(error: &io::Error) -> String {
    if let Some(own) = error.get_ref() {
        return match own.downcast_ref::<rustls::Error>() {
            Some(error) => tls_words(error),
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
