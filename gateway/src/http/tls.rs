//! TLS of the HTTP listener: its certificate, and the handshake with clients.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::{fmt, io};

use net::error_text::tls_error_text;
use net::stream::Stream;
use net::tls::{PemError, fingerprint, read_certificates};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::{TlsAcceptor, rustls};

use crate::config::TlsSource;

/// First byte of a TLS handshake (RFC 8446, section 5.1), and of no HTTP request.
const HANDSHAKE: u8 = 22;

/// Certificate and key for new connections. Clones share it.
#[derive(Clone)]
pub struct Tls {
    source: Source,
    current: Arc<RwLock<TlsAcceptor>>,
}

#[derive(Debug, Clone)]
enum Source {
    Files { cert: PathBuf, key: PathBuf },
    SelfSigned { fingerprint: String },
}

/// Error of loading or making a certificate.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file is missing or is not PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The certificate or the key is invalid, or they do not match.
    #[error("{} and {} cannot be used: {}", cert.display(), key.display(), tls_error_text(source))]
    Unusable {
        /// The certificate file.
        cert: PathBuf,
        /// The key file.
        key: PathBuf,
        /// The reason.
        source: rustls::Error,
    },
    /// Making a self-signed certificate failed.
    #[error("cannot make a certificate for {names}: {reason}")]
    SelfSigned {
        /// The names in the certificate.
        names: String,
        /// The reason.
        reason: String,
    },
}

impl Tls {
    /// Reads the certificate from files, or makes a self-signed one.
    ///
    /// # Errors
    /// [`TlsError`] names the file and the reason.
    pub fn new(source: &TlsSource) -> Result<Self, TlsError> {
        match source {
            TlsSource::Files { cert, key } => Ok(Self {
                current: Arc::new(RwLock::new(read(cert, key)?)),
                source: Source::Files {
                    cert: cert.clone(),
                    key: key.clone(),
                },
            }),
            TlsSource::SelfSigned { names } => Self::self_signed(names),
        }
    }

    /// Makes a self-signed certificate for `names`.
    ///
    /// # Errors
    /// [`TlsError::SelfSigned`] if a name is not allowed in a certificate.
    fn self_signed(names: &[String]) -> Result<Self, TlsError> {
        let error = |reason: &dyn fmt::Display| TlsError::SelfSigned {
            names: names.join(", "),
            reason: reason.to_string(),
        };
        let generated = rcgen::generate_simple_self_signed(names).map_err(|e| error(&e))?;
        let certificate = generated.cert.der().clone();
        let fingerprint = fingerprint(&certificate);
        let key = PrivateKeyDer::Pkcs8(generated.signing_key.serialize_der().into());
        let acceptor = acceptor(vec![certificate], key).map_err(|e| error(&tls_error_text(&e)))?;
        Ok(Self {
            current: Arc::new(RwLock::new(acceptor)),
            source: Source::SelfSigned { fingerprint },
        })
    }

    /// Returns true if the certificate comes from files, and can be [reloaded](Self::reload).
    pub fn can_reload(&self) -> bool {
        matches!(self.source, Source::Files { .. })
    }

    /// SHA-256 fingerprint of a self-signed certificate, for people to compare.
    pub fn fingerprint(&self) -> Option<&str> {
        match &self.source {
            Source::Files { .. } => None,
            Source::SelfSigned { fingerprint } => Some(fingerprint),
        }
    }

    /// Reloads the certificate files, for new connections.
    ///
    /// # Errors
    /// [`TlsError`] as from [`new`](Self::new); the current certificate stays in force.
    pub fn reload(&self) -> Result<(), TlsError> {
        if let Source::Files { cert, key } = &self.source {
            let acceptor = read(cert, key)?;
            // A poisoned lock can't occur: no code panics while holding it.
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
        }
        Ok(())
    }

    /// Does the TLS handshake; returns the stream unencrypted if the client does not begin one.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        let mut first = [0];
        if stream.peek(&mut first).await? > 0 && first[0] != HANDSHAKE {
            return Ok(Stream::Tcp(stream));
        }
        let current = self.current.read();
        let acceptor = current.unwrap_or_else(PoisonError::into_inner).clone();
        let encrypted = acceptor.accept(stream).await?;
        Ok(Stream::Tls(Box::new(encrypted.into())))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.source).finish()
    }
}

/// Reads a certificate chain and its key from PEM files.
fn read(cert: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let pem_error = |path: &Path, source| PemError {
        path: path.into(),
        source,
    };
    let chain = read_certificates(cert)?;
    if chain.is_empty() {
        return Err(pem_error(cert, pem::Error::NoItemsFound).into());
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|source| pem_error(key, source))?;
    acceptor(chain, private).map_err(|source| TlsError::Unusable {
        cert: cert.into(),
        key: key.into(),
        source,
    })
}

fn acceptor(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<TlsAcceptor, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config).into())
}
