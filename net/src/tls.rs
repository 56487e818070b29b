//! TLS towards services: the certificate authorities that vouch for them.

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

/// A PEM file that is missing, or holds no PEM.
#[derive(Debug, Error)]
#[error("cannot read {}: {}", path.display(), pem_error_text(source))]
pub struct PemError {
    /// The file.
    pub path: PathBuf,
    /// The fault in it.
    pub source: pem::Error,
}

/// Missing certificate authorities: nobody could vouch for a service.
#[derive(Debug, Error)]
pub enum RootsError {
    /// The file with their certificates cannot be read.
    #[error(transparent)]
    File(#[from] PemError),
    /// The system trusts no authority.
    #[error("no certificates found that this system trusts")]
    None,
}

/// The common TLS configuration of clients, before they say which servers to trust.
pub fn client_config() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(DEFAULT_VERSIONS)
        .expect("the provider has ciphers for each version")
}

/// A connector that trusts the authorities in `ca`, a PEM file, or else the system's.
///
/// # Errors
/// [`RootsError`] if there are none.
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

/// Reads the certificates of a PEM file; there may be none in it.
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

/// The SHA-256 of a certificate, in pairs of digits as browsers show it.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = digest::digest(&digest::SHA256, certificate);
    let bytes = digest.as_ref().iter();
    let pairs: Vec<_> = bytes.map(|byte| HEXUPPER.encode(&[*byte])).collect();
    pairs.join(":")
}
