//! Certificate pinning: a server is trusted by the SHA-256 fingerprint of its certificate.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use data_encoding::HEXUPPER;
use ring::digest::{SHA256, digest};
use thiserror::Error;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme,
};

/// The SHA-256 fingerprint of a certificate.
///
/// Parsed with or without colons, and as `openssl x509 -fingerprint -sha256` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// A certificate other than the pinned one; it has this fingerprint.
#[derive(Debug, Error)]
#[error("its certificate has another fingerprint: {0}")]
pub struct FingerprintMismatch(Fingerprint);

/// A text that is not a [`Fingerprint`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected a SHA-256 of 64 hexadecimal digits, with or without colons")]
pub struct FingerprintError;

impl Fingerprint {
    /// Returns the fingerprint of `certificate`.
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(bytes)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // "sha256 Fingerprint=AB:CD", "SHA256:AB:CD", "AB:CD", "abcd".
        let text = text.to_ascii_uppercase();
        let digits = text.rsplit('=').next().unwrap_or_default();
        let digits = digits.strip_prefix("SHA256:").unwrap_or(digits);
        let bytes = HEXUPPER.decode(digits.replace(':', "").as_bytes());
        let bytes = bytes.map_err(|_| FingerprintError)?;
        bytes.try_into().map(Self).map_err(|_| FingerprintError)
    }
}

/// The form that browsers and openssl show: `AB:CD:…`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<_> = self
            .0
            .iter()
            .map(|byte| HEXUPPER.encode(&[*byte]))
            .collect();
        f.write_str(&pairs.join(":"))
    }
}

/// A verifier that knows a server by its certificate's fingerprint, and ignores the certificate's
/// issuer, names and dates. Signatures are verified: they prove that the server has the key.
#[derive(Debug)]
pub(super) struct PinnedVerifier {
    /// The pinned certificate's; `None` accepts any certificate: on loopback, nobody can be in between.
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = Fingerprint::of(certificate);
        if self.fingerprint.is_none_or(|pinned| found == pinned) {
            return Ok(ServerCertVerified::assertion());
        }
        let mismatch = Arc::new(FingerprintMismatch(found));
        Err(CertificateError::Other(OtherError(mismatch)).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_is_read_in_every_written_form() {
        let colons = ["AB"; 32].join(":");
        for text in [
            colons.clone(),
            "ab".repeat(32),
            format!("SHA256:{colons}"),
            format!("sha256 Fingerprint={colons}"),
        ] {
            assert_eq!(text.parse::<Fingerprint>().unwrap().to_string(), colons);
        }
        for text in ["", "SHA256:", "AB:CD", &"xy".repeat(32)] {
            assert_eq!(text.parse::<Fingerprint>(), Err(FingerprintError));
        }
    }
}
