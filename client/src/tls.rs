//! Advice for servers whose certificate is not trusted.

use net::error_text::certificate_error_text;
use net::tls::pinning::FingerprintMismatch;
use tokio_rustls::rustls::{CertificateError, OtherError};

/// Returns the message of a certificate error, with the options that would help.
pub(crate) fn untrusted_text(error: &CertificateError) -> String {
    let text = certificate_error_text(error);
    match error {
        CertificateError::Other(OtherError(other)) if other.is::<FingerprintMismatch>() => text,
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            format!("{text}; --ca FILE trusts a CA, --fingerprint SHA256 this one certificate")
        }
        _ => format!("{text}; --fingerprint SHA256 trusts it as it is"),
    }
}
