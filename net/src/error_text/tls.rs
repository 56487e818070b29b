//! Errors of TLS in words. "It" is the other side.

use std::fmt::Debug;
use std::io;
use std::time::{Duration, SystemTime};

use humantime::format_rfc3339_seconds;
use tokio_rustls::rustls::pki_types::{ServerName, UnixTime};
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, Error, InconsistentKeys, InvalidMessage, OtherError,
    PeerIncompatible,
};

/// What is wrong with the other side's certificate, if that is why a handshake failed.
pub fn certificate_error(error: &io::Error) -> Option<&CertificateError> {
    match error.get_ref()?.downcast_ref()? {
        Error::InvalidCertificate(error) => Some(error),
        _ => None,
    }
}

/// What went wrong, and what would be right.
pub fn tls_error_text(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate_error_text(error),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => "it does not speak TLS".into(),
        Error::AlertReceived(alert) => alert_words(*alert),
        Error::PeerIncompatible(why) => incompatible_words(why),
        Error::InvalidMessage(why) => broken(why),
        Error::PeerMisbehaved(why) => broken(why),
        Error::InappropriateMessage { got_type, .. } => broken(got_type),
        Error::InappropriateHandshakeMessage { got_type, .. } => broken(got_type),
        Error::PeerSentOversizedRecord => "it broke TLS: a record was too long".into(),
        Error::DecryptError => "it broke TLS: a record cannot be decrypted".into(),
        Error::NoCertificatesPresented => "it shows no certificate".into(),
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            "the key is another certificate's".into()
        }
        Error::General(words) => words.clone(),
        Error::Other(OtherError(error)) => error.to_string(),
        error => error.to_string(),
    }
}

/// What is wrong with a service's certificate, and what would be right.
pub fn certificate_error_text(error: &CertificateError) -> String {
    use CertificateError as Certificate;
    match error {
        Certificate::UnknownIssuer => "nobody who is trusted vouches for its certificate".into(),
        Certificate::BadSignature => "its issuer's key is not the one that is trusted".into(),
        Certificate::NotValidForNameContext {
            expected,
            presented,
        } => names(expected, presented),
        Certificate::ExpiredContext { not_after, .. } => {
            let at = date(*not_after);
            format!("its certificate expired at {at}, and has to be renewed")
        }
        Certificate::NotValidYetContext { not_before, .. } => {
            let from = date(*not_before);
            format!("its certificate is valid from {from} on; one of the clocks is wrong")
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
            Some(error) => unusual(error),
            None => error.to_string(),
        },
        error => faulty(error),
    }
}

/// For what rustls has no name, and its verifier has.
fn unusual(error: &webpki::Error) -> String {
    match error {
        webpki::Error::CaUsedAsEndEntity => {
            "its certificate is an issuer's (CA:TRUE); a service needs one with CA:FALSE".into()
        }
        webpki::Error::EndEntityUsedAsCa => {
            "its certificate's issuer may not issue any (CA:FALSE)".into()
        }
        webpki::Error::UnsupportedCertVersion => {
            "its certificate is of X.509 version 1 or 2; it needs one of version 3".into()
        }
        error => faulty(error),
    }
}

/// For whom a certificate is, and for whom it should be.
fn names(expected: &ServerName<'_>, presented: &[String]) -> String {
    let expected = expected.to_str();
    // As `DnsName("a.example")` and `IpAddress(127.0.0.1)`.
    let bare = |name: &String| {
        let (kind, name) = name.strip_suffix(')')?.split_once('(')?;
        let known = matches!(kind, "DnsName" | "IpAddress");
        known.then(|| name.trim_matches('"').to_owned())
    };
    let names: Vec<_> = presented.iter().filter_map(bare).collect();
    match names.is_empty() {
        true => format!("its certificate has no subjectAltName; it needs {expected} there"),
        false => format!(
            "its certificate is for {}, not {expected}",
            names.join(", ")
        ),
    }
}

fn alert_words(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::ProtocolVersion => no_version(),
        AlertDescription::HandshakeFailure => {
            "it refuses TLS: no cipher in common, or it asks for a client's certificate".into()
        }
        AlertDescription::CertificateRequired => {
            "it asks for a client's certificate, and framegate has none".into()
        }
        AlertDescription::UnrecognisedName => "it serves no host of that name".into(),
        AlertDescription::UnknownCA | AlertDescription::CertificateUnknown => {
            "it does not trust the certificate".into()
        }
        alert => format!("it ended TLS with the alert \"{}\"", spaced(&alert)),
    }
}

fn incompatible_words(why: &PeerIncompatible) -> String {
    match why {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled => no_version(),
        why => format!("it speaks another kind of TLS: {}", spaced(why)),
    }
}

fn no_version() -> String {
    "it speaks neither TLS 1.2 nor 1.3".into()
}

fn faulty(how: &impl Debug) -> String {
    format!("its certificate has a fault: {}", spaced(how))
}

fn broken(how: &impl Debug) -> String {
    format!("it broke TLS: {}", spaced(how))
}

/// "illegal hello retry request" for `IllegalHelloRetryRequest`.
fn spaced(name: &impl Debug) -> String {
    let mut words = String::new();
    for c in format!("{name:?}").chars() {
        let begins = c.is_ascii_uppercase() && words.ends_with(|c: char| c.is_ascii_lowercase());
        words.extend(begins.then_some(' '));
        words.push(c.to_ascii_lowercase());
    }
    words
}

fn date(time: UnixTime) -> impl std::fmt::Display {
    format_rfc3339_seconds(SystemTime::UNIX_EPOCH + Duration::from_secs(time.as_secs()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio_rustls::rustls::PeerMisbehaved;

    use super::*;

    #[test]
    fn what_no_test_can_make_a_service_do_is_in_words_too() {
        let check = |error: Error, expected: &str| assert_eq!(tls_error_text(&error), expected);
        let certificate = |error| {
            let error = CertificateError::Other(OtherError(Arc::new(error)));
            Error::InvalidCertificate(error)
        };
        check(
            certificate(webpki::Error::UnsupportedCertVersion),
            "its certificate is of X.509 version 1 or 2; it needs one of version 3",
        );
        check(
            certificate(webpki::Error::NameConstraintViolation),
            "its certificate has a fault: name constraint violation",
        );
        check(
            CertificateError::BadEncoding.into(),
            "its certificate is malformed",
        );
        check(
            PeerMisbehaved::IllegalHelloRetryRequestWithEmptyCookie.into(),
            "it broke TLS: illegal hello retry request with empty cookie",
        );
        check(
            PeerIncompatible::NoCipherSuitesInCommon.into(),
            "it speaks another kind of TLS: no cipher suites in common",
        );
        check(
            PeerIncompatible::ServerDoesNotSupportTls12Or13.into(),
            "it speaks neither TLS 1.2 nor 1.3",
        );
    }
}
