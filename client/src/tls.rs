//! Whom a client believes that it speaks to the service it means.

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

/// What is wrong with a service's certificate, and what to do about it.
pub(super) fn complaint(error: &CertificateError) -> String {
    let words = certificate_error_text(error);
    match error {
        CertificateError::Other(OtherError(other)) if other.is::<OtherCertificate>() => words,
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "{words}; --ca FILE trusts an issuer, --fingerprint SHA256 this one certificate"
        ),
        _ => format!("{words}; --fingerprint SHA256 trusts it as it is"),
    }
}

/// Who vouches for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Those whom the system trusts.
    System,
    /// Those whose certificates are in a file, in PEM.
    Ca(PathBuf),
    /// Nobody: it has the certificate that is meant.
    Pinned(Fingerprint),
}

/// The SHA-256 of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

#[derive(Debug, Error)]
#[error("its certificate is another: its SHA-256 is {0}")]
struct OtherCertificate(String);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected 64 hexadecimal digits, with or without colons, such as the gateway prints")]
pub(super) struct FingerprintError;

impl Trust {
    /// What connections over TLS are made with.
    pub(super) fn connector(&self) -> Result<TlsConnector, RootsError> {
        let fingerprint = match self {
            Self::System => return connector(None),
            Self::Ca(file) => return connector(Some(file)),
            Self::Pinned(fingerprint) => *fingerprint,
        };
        let tls = client_config();
        let pin = Pin {
            fingerprint,
            provider: Arc::clone(tls.crypto_provider()),
        };
        let config = tls
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(pin));
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

/// Takes one certificate, whoever signed it, for whichever name and time: whoever has its
/// key is whom the user means.
#[derive(Debug)]
struct Pin {
    fingerprint: Fingerprint,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
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
        let other = Arc::new(OtherCertificate(fingerprint(certificate)));
        Err(CertificateError::Other(OtherError(other)).into())
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
