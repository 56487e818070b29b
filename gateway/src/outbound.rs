//! Streams to services, and whom they are encrypted for: what the bridge and the client
//! side have in common when they dial.

use std::path::{Path, PathBuf};

use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_util::either::Either;

use crate::TlsError;

/// A connection to a service: over TCP, TLS or a Unix socket.
pub(crate) type Outbound = Either<TcpStream, Either<Box<TlsStream<TcpStream>>, LocalStream>>;

#[cfg(unix)]
pub(crate) type LocalStream = tokio::net::UnixStream;
/// Never there.
#[cfg(not(unix))]
pub(crate) type LocalStream = TcpStream;

/// Why there is nobody to vouch for a service.
#[derive(Debug, Error)]
pub enum RootsError {
    /// The file with their certificates cannot be read.
    #[error(transparent)]
    File(Box<TlsError>),
    /// The system trusts nobody.
    #[error("no certificates found that this system trusts")]
    None,
}

/// Connects to the Unix socket at `path`.
#[cfg(unix)]
pub(crate) async fn local(path: &Path) -> std::io::Result<LocalStream> {
    LocalStream::connect(path).await
}

/// There are no such sockets here.
#[cfg(not(unix))]
pub(crate) async fn local(_: &Path) -> std::io::Result<LocalStream> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Those whose certificates are in `ca`, in PEM, or else those whom the system trusts.
pub(crate) fn roots(ca: Option<&PathBuf>) -> Result<RootCertStore, RootsError> {
    let mut roots = RootCertStore::empty();
    let trusted = match ca {
        None => rustls_native_certs::load_native_certs().certs,
        Some(path) => CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|source| {
                let path = path.clone();
                RootsError::File(TlsError::Pem { path, source }.into())
            })?,
    };
    match roots.add_parsable_certificates(trusted) {
        (0, _) => Err(RootsError::None),
        _ => Ok(roots),
    }
}
