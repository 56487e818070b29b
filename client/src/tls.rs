//! Verification of server certificates: by trusted CAs, or by certificate pinning.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use data_encoding::HEXLOWER_PERMISSIVE;
use net::error_text::certificate_error_text;
use net::tls::fingerprint;
use net::tls::{RootsError, client_config, connector};
use ring::digest::{SHA256, digest};
use thiserror::Error;
use tokio_rustls::TlsConnector;
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

/// The check that a server's certificate has to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServerVerification {
    /// It is signed by a CA that the system trusts.
    SystemCas,
    /// It is signed by a CA in this PEM file.
    CaFile(PathBuf),
    /// It has this fingerprint (certificate pinning).
    Pinned(Fingerprint),
}

/// The SHA-256 fingerprint of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

#[derive(Debug, Error)]
#[error("its certificate has another fingerprint: {0}")]
struct FingerprintMismatch(String);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected a SHA-256 of 64 hexadecimal digits, with or without colons")]
pub(crate) struct FingerprintError;

impl ServerVerification {
    /// Returns a TLS connector that does this check.
    pub(crate) fn connector(&self) -> Result<TlsConnector, RootsError> {
        let fingerprint = match self {
            Self::SystemCas => return connector(None),
            Self::CaFile(file) => return connector(Some(file)),
            Self::Pinned(fingerprint) => *fingerprint,
        };
        let tls = client_config();
        let verifier = PinnedVerifier {
            fingerprint,
            provider: Arc::clone(tls.crypto_provider()),
        };
        let config = tls
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        Ok(Arc::new(config.with_no_client_auth()).into())
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.replace(':', "");
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
        let bytes = bytes.map_err(|_| FingerprintError)?;
        bytes.try_into().map(Self).map_err(|_| FingerprintError)
    }
}

/// A verifier that accepts the pinned certificate alone, and ignores its issuer, names and
/// dates.
#[derive(Debug)]
struct PinnedVerifier {
    fingerprint: Fingerprint,
    provider: Arc<CryptoProvider>,
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
        if digest(&SHA256, certificate).as_ref() == self.fingerprint.0 {
            return Ok(ServerCertVerified::assertion());
        }
        let mismatch = Arc::new(FingerprintMismatch(fingerprint(certificate)));
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
