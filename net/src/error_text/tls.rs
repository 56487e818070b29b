//! Messages of TLS errors, with advice. "It" is the peer.
//!
//! They are short: the gateway sends them in close reasons, of at most 123 bytes (RFC 6455,
//! section 5.5).

use std::fmt::{Debug, Display};
use std::io;
use std::time::{Duration, UNIX_EPOCH};

use humantime::format_rfc3339_seconds;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, Error, InconsistentKeys, InvalidMessage, OtherError,
    PeerIncompatible,
};

use crate::untrusted::Untrusted;

const NO_COMMON_VERSION: &str = "it supports neither TLS 1.2 nor 1.3";

/// Returns the certificate error if a handshake failed because of the peer's certificate.
pub fn certificate_error(error: &io::Error) -> Option<&CertificateError> {
    match error.get_ref()?.downcast_ref()? {
        Error::InvalidCertificate(error) => Some(error),
        _ => None,
    }
}

/// Returns the message of a TLS error.
pub fn tls_error_text(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate_error_text(error),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => "it does not speak TLS".into(),
        Error::AlertReceived(alert) => alert_text(*alert),
        Error::PeerIncompatible(error) => incompatible_text(error),
        Error::InvalidMessage(error) => violation_text(error),
        Error::PeerMisbehaved(error) => violation_text(error),
        Error::InappropriateMessage { got_type, .. } => violation_text(got_type),
        Error::InappropriateHandshakeMessage { got_type, .. } => violation_text(got_type),
        Error::PeerSentOversizedRecord => {
            "it violated the TLS protocol: a record was too long".into()
        }
        Error::DecryptError => "it violated the TLS protocol: a record cannot be decrypted".into(),
        Error::NoCertificatesPresented => "it sent no certificate".into(),
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            "the key does not belong to the certificate".into()
        }
        Error::General(text) => text.clone(),
        Error::Other(OtherError(error)) => error.to_string(),
        error => error.to_string(),
    }
}

/// Returns the message of a certificate error, with the value that would be accepted.
pub fn certificate_error_text(error: &CertificateError) -> String {
    use CertificateError as Certificate;
    match error {
        Certificate::UnknownIssuer => "its certificate is not signed by a trusted CA".into(),
        Certificate::BadSignature => {
            "its certificate is not signed with the key of the trusted CA".into()
        }
        Certificate::NotValidForNameContext {
            expected,
            presented,
        } => name_mismatch_text(expected, presented),
        Certificate::ExpiredContext { not_after, .. } => {
            let at = date(not_after.as_secs().cast_signed());
            format!("its certificate expired at {at} and has to be renewed")
        }
        Certificate::NotValidYetContext { not_before, .. } => {
            let from = date(not_before.as_secs().cast_signed());
            format!("its certificate is not valid before {from}; one of the clocks is wrong")
        }
        Certificate::InvalidPurposeContext { .. } | Certificate::InvalidPurpose => {
            "its certificate is not for servers: extendedKeyUsage needs serverAuth".into()
        }
        Certificate::UnsupportedSignatureAlgorithmContext { .. }
        | Certificate::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "its certificate needs a signature by RSA (2048 bits or more), P-256, P-384 or \
             Ed25519, with SHA-256 or more"
                .into()
        }
        Certificate::BadEncoding => "its certificate is malformed".into(),
        Certificate::Other(OtherError(error)) => match error.downcast_ref() {
            Some(error) => webpki_error_text(error),
            None => error.to_string(),
        },
        error => invalid_certificate_text(error),
    }
}

/// Returns the message of an error that only rustls's verifier has a name for.
fn webpki_error_text(error: &webpki::Error) -> String {
    match error {
        webpki::Error::CaUsedAsEndEntity => {
            "its certificate is that of a CA (CA:TRUE); a server needs one with CA:FALSE".into()
        }
        webpki::Error::EndEntityUsedAsCa => {
            "its certificate is signed by one that is not a CA's (CA:FALSE)".into()
        }
        webpki::Error::UnsupportedCertVersion => {
            "its certificate is X.509 version 1 or 2; it has to be version 3".into()
        }
        error => invalid_certificate_text(error),
    }
}

/// Returns the message for a certificate whose names don't include the expected one.
fn name_mismatch_text(expected: &ServerName<'_>, presented: &[String]) -> String {
    let expected = expected.to_str();
    // Names have the form `DnsName("a.example")` or `IpAddress(127.0.0.1)`.
    let unwrapped = |name: &String| {
        let (kind, name) = name.strip_suffix(')')?.split_once('(')?;
        let known = matches!(kind, "DnsName" | "IpAddress");
        known.then(|| name.trim_matches('"').to_owned())
    };
    let names: Vec<_> = presented.iter().filter_map(unwrapped).collect();
    match Untrusted::from(names.join(", ")) {
        names if names.is_empty() => {
            format!("its certificate has no subjectAltName; it needs {expected} there")
        }
        names => format!("its certificate is for {names}, not {expected}"),
    }
}

fn alert_text(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::ProtocolVersion => NO_COMMON_VERSION.into(),
        AlertDescription::HandshakeFailure => {
            "it refused TLS: no common cipher suite, or it requires a client certificate".into()
        }
        AlertDescription::CertificateRequired => {
            "it requires a client certificate: set cert and key".into()
        }
        AlertDescription::UnrecognisedName => "it has no certificate for that host name".into(),
        // Decrypt error: the certificate is not signed with the key of the CA that it names.
        AlertDescription::UnknownCA
        | AlertDescription::CertificateUnknown
        | AlertDescription::BadCertificate
        | AlertDescription::DecryptError => "it does not trust the certificate of this side".into(),
        AlertDescription::CertificateExpired => {
            "it refused the certificate of this side, which has expired".into()
        }
        AlertDescription::UnsupportedCertificate => {
            "it refused the certificate of this side: extendedKeyUsage may lack clientAuth".into()
        }
        alert => format!("it sent the TLS alert \"{}\"", split_words(&alert)),
    }
}

fn incompatible_text(error: &PeerIncompatible) -> String {
    match error {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled => NO_COMMON_VERSION.into(),
        error => format!("its TLS is not compatible: {}", split_words(error)),
    }
}

fn invalid_certificate_text(error: &impl Debug) -> String {
    format!("its certificate is invalid: {}", split_words(error))
}

fn violation_text(error: &impl Debug) -> String {
    format!("it violated the TLS protocol: {}", split_words(error))
}

/// Splits a variant's name: `IllegalHelloRetryRequest` is "illegal hello retry request".
fn split_words(name: &impl Debug) -> String {
    let mut words = String::new();
    for c in format!("{name:?}").chars() {
        let begins = c.is_ascii_uppercase() && words.ends_with(|c: char| c.is_ascii_lowercase());
        words.extend(begins.then_some(' '));
        words.push(c.to_ascii_lowercase());
    }
    words
}

/// Formats a time in seconds since 1970; one before 1970, or after 9999, as the first or last
/// that can be formatted.
pub(crate) fn date(seconds: i64) -> impl Display {
    /// 9999-12-31T23:59:59Z
    const LAST: u64 = 253_402_300_799;
    let seconds = u64::try_from(seconds).unwrap_or_default().min(LAST);
    format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio_rustls::rustls::PeerMisbehaved;

    use super::*;

    #[test]
    fn errors_that_no_integration_test_provokes_have_messages() {
        let check = |error: Error, expected: &str| assert_eq!(tls_error_text(&error), expected);
        let certificate = |error| {
            let error = CertificateError::Other(OtherError(Arc::new(error)));
            Error::InvalidCertificate(error)
        };
        check(
            certificate(webpki::Error::UnsupportedCertVersion),
            "its certificate is X.509 version 1 or 2; it has to be version 3",
        );
        check(
            certificate(webpki::Error::NameConstraintViolation),
            "its certificate is invalid: name constraint violation",
        );
        check(
            CertificateError::BadEncoding.into(),
            "its certificate is malformed",
        );
        check(
            PeerMisbehaved::IllegalHelloRetryRequestWithEmptyCookie.into(),
            "it violated the TLS protocol: illegal hello retry request with empty cookie",
        );
        check(
            PeerIncompatible::NoCipherSuitesInCommon.into(),
            "its TLS is not compatible: no cipher suites in common",
        );
        check(
            PeerIncompatible::ServerDoesNotSupportTls12Or13.into(),
            "it supports neither TLS 1.2 nor 1.3",
        );
    }
}
