//! TLS for the HTTP listener: its certificate, and the encrypted half of a client's
//! connection.

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

/// A TLS handshake begins with this byte (RFC 8446, section 5.1); no HTTP request does.
const HANDSHAKE: u8 = 22;

/// A certificate and its key, in force for the connections to come. Clones share it.
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

/// Why there is no TLS.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file is missing, or holds no PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The certificate and the key cannot be used, or not together.
    #[error("{} and {} cannot be used: {}", cert.display(), key.display(), tls_error_text(source))]
    Unusable {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// No certificate could be made.
    #[error("cannot make a certificate for {names}: {reason}")]
    SelfSigned {
        /// The names that it should be for.
        names: String,
        /// Why not.
        reason: String,
    },
}

impl Tls {
    /// Reads or makes the certificate that `source` names.
    ///
    /// # Errors
    /// [`TlsError`] names the file, and what is wrong with it.
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

    /// Makes a certificate for `names`, which no client has a reason to trust.
    ///
    /// # Errors
    /// [`TlsError::SelfSigned`] if a name cannot stand in one.
    fn self_signed(names: &[String]) -> Result<Self, TlsError> {
        let error = |reason: &dyn fmt::Display| TlsError::SelfSigned {
            names: names.join(", "),
            reason: reason.to_string(),
        };
        let made = rcgen::generate_simple_self_signed(names).map_err(|e| error(&e))?;
        let certificate = made.cert.der().clone();
        let fingerprint = fingerprint(&certificate);
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let acceptor = acceptor(vec![certificate], key).map_err(|e| error(&tls_error_text(&e)))?;
        Ok(Self {
            current: Arc::new(RwLock::new(acceptor)),
            source: Source::SelfSigned { fingerprint },
        })
    }

    /// Whether there are files to [reload](Self::reload).
    pub fn can_reload(&self) -> bool {
        matches!(self.source, Source::Files { .. })
    }

    /// The SHA-256 of a certificate that was made here, for a person to compare.
    pub fn fingerprint(&self) -> Option<&str> {
        match &self.source {
            Source::Files { .. } => None,
            Source::SelfSigned { fingerprint } => Some(fingerprint),
        }
    }

    /// Reads its files again, for the connections to come.
    ///
    /// # Errors
    /// [`TlsError`] as at first; what was in force stays so.
    pub fn reload(&self) -> Result<(), TlsError> {
        if let Source::Files { cert, key } = &self.source {
            let acceptor = read(cert, key)?;
            // Nothing panics while it holds the lock.
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
        }
        Ok(())
    }

    /// Shakes hands on `stream`; a client that sends something else gets its stream back.
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

fn read(cert: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let fault = |path: &Path, source| PemError {
        path: path.into(),
        source,
    };
    let chain = read_certificates(cert)?;
    if chain.is_empty() {
        return Err(fault(cert, pem::Error::NoItemsFound).into());
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|source| fault(key, source))?;
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
