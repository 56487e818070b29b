//! TLS of clients: trusted certificate authorities (CAs), and certificate files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXUPPER;
use ring::digest;
use thiserror::Error;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::{
    ClientConfig, ConfigBuilder, DEFAULT_VERSIONS, RootCertStore, WantsVerifier,
};

use crate::error_text::pem_error_text;

/// A PEM file that cannot be read or parsed.
#[derive(Debug, Error)]
#[error("cannot read {}: {}", path.display(), pem_error_text(source))]
pub struct PemError {
    /// The file.
    pub path: PathBuf,
    /// The error in it.
    pub source: pem::Error,
}

/// Trusted CAs that are missing, so that no server certificate could be verified.
#[derive(Debug, Error)]
pub enum RootsError {
    /// The file of CA certificates cannot be read.
    #[error(transparent)]
    File(#[from] PemError),
    /// No CA certificates were found.
    #[error("no trusted CA certificates found")]
    None,
}

/// Begins a client's TLS configuration: TLS 1.2 and 1.3 with ring. The certificate verifier
/// comes next.
pub fn client_config() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(DEFAULT_VERSIONS)
        .expect("the provider has ciphers for each version")
}

/// Returns a connector that trusts the CAs in `ca`, a PEM file, or the system's without one.
///
/// # Errors
/// [`RootsError`] if there are no CAs.
pub fn connector(ca: Option<&Path>) -> Result<TlsConnector, RootsError> {
    let config = client_config().with_root_certificates(roots(ca)?);
    Ok(Arc::new(config.with_no_client_auth()).into())
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, RootsError> {
    let mut roots = RootCertStore::empty();
    let trusted = match ca {
        None => rustls_native_certs::load_native_certs().certs,
        Some(path) => read_certificates(path)?,
    };
    match roots.add_parsable_certificates(trusted) {
        (0, _) => Err(RootsError::None),
        _ => Ok(roots),
    }
}

/// Reads the certificates of a PEM file, which may hold none.
///
/// # Errors
/// [`PemError`] names the file.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|source| PemError {
            path: path.into(),
            source,
        })
}

/// The SHA-256 fingerprint of a certificate, in the form that browsers show: `AB:CD:…`.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = digest::digest(&digest::SHA256, certificate);
    let bytes = digest.as_ref().iter();
    let pairs: Vec<_> = bytes.map(|byte| HEXUPPER.encode(&[*byte])).collect();
    pairs.join(":")
}
