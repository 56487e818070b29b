//! Connecting to an upstream.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Instant, SystemTime};

use net::connect::{connect_tcp, connect_tls, connect_unix};
use net::error_text::{certificate_error, io_error_text};
use net::lookup::Resolver;
use net::stream::Stream;
use net::timer::timeout_opt;
use net::tls::pem::read_certificates;
use net::tls::settings::{TlsSettings, TlsSettingsError};
use net::tls::validity::date_warnings;
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::CertificateError;
use tokio_rustls::rustls::pki_types::ServerName;
use tracing::warn;

use crate::limits::Limits;
use crate::listener::peer::AddrPair;
use crate::listener::proxy_protocol;
use crate::upstream::address::UpstreamAddress;

/// A connector for one upstream.
#[derive(Clone)]
pub(crate) struct UpstreamConnector {
    address: UpstreamAddress,
    /// True if connections begin with a PROXY header that names the client.
    pub(crate) proxy: bool,
    /// Name look-ups; `None` for a Unix socket.
    resolver: Option<Resolver>,
    tls: Option<UpstreamTls>,
}

/// TLS to an upstream. Clones share the connector.
#[derive(Clone)]
struct UpstreamTls {
    settings: TlsSettings,
    connector: Arc<RwLock<TlsConnector>>,
    /// The name that the certificate has to be for.
    name: ServerName<'static>,
}

/// A failed connection to an upstream.
#[derive(Debug, Error)]
#[error("cannot reach {address}: {}{}", io_error_text(.source), advice(.source))]
pub(crate) struct Unreachable {
    address: UpstreamAddress,
    source: io::Error,
}

/// An upstream that could never be reached.
#[derive(Debug, Error)]
pub enum UpstreamSetupError {
    /// A setting for TLS cannot be used.
    #[error("upstream {0}: setting {setting}: {1}", setting = .1.setting)]
    Tls(UpstreamAddress, TlsSettingsError),
    /// The system has no Unix sockets.
    #[error("upstream {0}: this system has no Unix sockets")]
    NoUnix(UpstreamAddress),
}

impl UpstreamConnector {
    pub(crate) fn new(address: UpstreamAddress, proxy: bool) -> Result<Self, UpstreamSetupError> {
        let tls = match &address {
            UpstreamAddress::Tls { endpoint, settings } => {
                let tls = UpstreamTls::new(settings, &endpoint.host);
                Some(tls.map_err(|error| UpstreamSetupError::Tls(address.clone(), error))?)
            }
            UpstreamAddress::Unix(_) if cfg!(not(unix)) => {
                return Err(UpstreamSetupError::NoUnix(address));
            }
            UpstreamAddress::Tcp(_) | UpstreamAddress::Unix(_) => None,
        };
        let resolver = match &address {
            UpstreamAddress::Tcp(endpoint) | UpstreamAddress::Tls { endpoint, .. } => {
                Some(Resolver::new(endpoint.clone()))
            }
            UpstreamAddress::Unix(_) => None,
        };
        Ok(Self {
            address,
            proxy,
            resolver,
            tls,
        })
    }

    /// Returns true if files are set for TLS, which [`reload`](Self::reload) reads again.
    pub(crate) fn has_files(&self) -> bool {
        self.tls
            .as_ref()
            .is_some_and(|tls| tls.settings.has_files())
    }

    /// Reads the files for TLS again, for new connections.
    ///
    /// # Errors
    /// [`UpstreamSetupError::Tls`]; the earlier files then stay in force.
    pub(crate) fn reload(&self) -> Result<(), UpstreamSetupError> {
        let Some(tls) = self.tls.as_ref().filter(|_| self.has_files()) else {
            return Ok(());
        };
        let connector = read_files(&tls.settings);
        let connector =
            connector.map_err(|error| UpstreamSetupError::Tls(self.address.clone(), error))?;
        // A poisoned lock can't occur: no code panics while holding it.
        *tls.connector
            .write()
            .unwrap_or_else(PoisonError::into_inner) = connector;
        Ok(())
    }

    pub(crate) fn address(&self) -> &UpstreamAddress {
        &self.address
    }

    /// Connects within the connect timeout of `limits`, which includes the name look-up, trying
    /// each address of a name in turn. A PROXY header names `client`, the client's connection.
    ///
    /// # Errors
    /// [`Unreachable`] with the last fault.
    pub(crate) async fn connect(
        &self,
        client: Option<AddrPair>,
        limits: &Limits,
    ) -> Result<Stream, Unreachable> {
        let connected = timeout_opt(limits.connect_timeout, self.open(client, limits)).await;
        connected
            .unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|source| Unreachable {
                address: self.address.clone(),
                source,
            })
    }

    async fn open(&self, client: Option<AddrPair>, limits: &Limits) -> io::Result<Stream> {
        let header = match self.proxy {
            true => proxy_protocol::encode_header(client),
            false => Vec::new(),
        };
        let started = Instant::now();
        let addrs = match (&self.address, &self.resolver) {
            (UpstreamAddress::Unix(path), _) => {
                let mut stream = connect_unix(path).await?;
                stream.write_all(&header).await?;
                return Ok(stream);
            }
            (_, Some(resolver)) => resolver.addresses().await?,
            (_, None) => Vec::new(),
        };
        let limit = limits.connect_timeout;
        let left = limit.map(|limit| limit.saturating_sub(started.elapsed()));
        let mut stream = connect_tcp(&addrs, left, limits.keep_alive()).await?;
        stream.write_all(&header).await?;
        let Some(tls) = &self.tls else {
            return Ok(Stream::Tcp(stream));
        };
        let connector = tls
            .connector
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        // Boxed: its size would otherwise be part of every connection that opens.
        Box::pin(connect_tls(&connector, &tls.name, stream)).await
    }
}

impl UpstreamTls {
    fn new(settings: &TlsSettings, host: &str) -> Result<Self, TlsSettingsError> {
        Ok(Self {
            name: settings.server_name(host)?,
            connector: Arc::new(RwLock::new(read_files(settings)?)),
            settings: settings.clone(),
        })
    }
}

/// Reads the files, and warns of a client certificate that services may refuse for its dates.
fn read_files(settings: &TlsSettings) -> Result<TlsConnector, TlsSettingsError> {
    let connector = settings.connector()?;
    if let Some(cert) = &settings.cert {
        let chain = read_certificates(cert).unwrap_or_default();
        for warning in date_warnings(&chain, SystemTime::now()) {
            warn!(file = %cert.display(), "TLS to upstreams: {warning}");
        }
    }
    Ok(connector)
}

/// Advice for a service whose certificate is not trusted.
fn advice(error: &io::Error) -> &'static str {
    match certificate_error(error) {
        Some(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            "; ?ca=FILE trusts an issuer"
        }
        _ => "",
    }
}

impl std::fmt::Debug for UpstreamConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("UpstreamConnector")
            .field(&self.address)
            .finish()
    }
}
