//! TLS of the HTTP listener: its certificate, and the handshake with clients.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use std::{fmt, io};

use net::error_text::tls_error_text;
use net::stream::Stream;
use net::tls::pem::{PemError, read_certificates, read_key};
use net::tls::pinning::Fingerprint;
use net::tls::server_stream::ServerStream;
use net::tls::validity::{date_warnings, expiry, order_warning};
use prometheus_client::metrics::gauge::Gauge;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tracing::warn;

use crate::config::TlsSource;

/// First byte of a TLS handshake (RFC 8446, section 5.1), and of no HTTP request.
const HANDSHAKE: u8 = 22;

/// Certificate and key for new connections. Clones share it.
#[derive(Clone)]
pub struct Tls {
    source: Source,
    current: Arc<RwLock<Arc<ServerConfig>>>,
    /// The time after which the certificate is invalid, in seconds since 1970.
    expiry: Gauge,
}

#[derive(Debug, Clone)]
enum Source {
    Files { cert: PathBuf, key: PathBuf },
    SelfSigned { fingerprint: String },
}

/// Error of loading or making a certificate.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be used.
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
    /// Another certificate comes before the server's.
    #[error(
        "{}: the server's certificate has to come first, then those of its issuers; the one that \
         the key belongs to is number {place}",
        cert.display()
    )]
    Order {
        /// The certificate file.
        cert: PathBuf,
        /// The place of the server's certificate, counted from 1.
        place: usize,
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
            TlsSource::Files { cert, key } => {
                let (config, expires) = read(cert, key)?;
                let source = Source::Files {
                    cert: cert.clone(),
                    key: key.clone(),
                };
                Ok(Self::with(config, expires, source))
            }
            TlsSource::SelfSigned { names } => Self::self_signed(names),
        }
    }

    fn with(config: Arc<ServerConfig>, expires: Option<i64>, source: Source) -> Self {
        let expiry = Gauge::default();
        expiry.set(expires.unwrap_or_default());
        Self {
            current: Arc::new(RwLock::new(config)),
            source,
            expiry,
        }
    }

    /// The time after which the certificate is invalid, as a metric that follows reloads.
    pub(crate) fn expiry(&self) -> &Gauge {
        &self.expiry
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
        let fingerprint = Fingerprint::of(&certificate).to_string();
        let expires = expiry(&certificate);
        let key = PrivateKeyDer::Pkcs8(generated.signing_key.serialize_der().into());
        let config =
            server_config(vec![certificate], key).map_err(|e| error(&tls_error_text(&e)))?;
        let source = Source::SelfSigned { fingerprint };
        Ok(Self::with(config, expires, source))
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
            let (config, expires) = read(cert, key)?;
            self.expiry.set(expires.unwrap_or_default());
            // A poisoned lock can't occur: no code panics while holding it.
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = config;
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
        let config = current.unwrap_or_else(PoisonError::into_inner).clone();
        ServerStream::accept(stream, config)
            .await
            .map(Stream::TlsServer)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.source).finish()
    }
}

/// Reads a certificate chain and its key from PEM files, and warns of what clients may refuse.
fn read(cert: &Path, key: &Path) -> Result<(Arc<ServerConfig>, Option<i64>), TlsError> {
    let chain = read_certificates(cert)?;
    let private = read_key(key)?;
    let expires = expiry(&chain[0]);
    let config = server_config(chain.clone(), private.clone_key());
    let config = config.map_err(|source| match place_of(&chain, &private) {
        Some(place) => TlsError::Order {
            cert: cert.into(),
            place,
        },
        None => TlsError::Unusable {
            cert: cert.into(),
            key: key.into(),
            source,
        },
    })?;
    let warnings = date_warnings(&chain, SystemTime::now());
    for warning in warnings.into_iter().chain(order_warning(&chain)) {
        warn!(file = %cert.display(), "TLS: {warning}");
    }
    Ok((config, expires))
}

/// Returns the place in `chain`, counted from 1, of the certificate that `key` belongs to.
fn place_of(chain: &[CertificateDer<'static>], key: &PrivateKeyDer<'static>) -> Option<usize> {
    let belongs =
        |it: &CertificateDer<'static>| server_config(vec![it.clone()], key.clone_key()).is_ok();
    chain.iter().position(belongs).map(|at| at + 1)
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
