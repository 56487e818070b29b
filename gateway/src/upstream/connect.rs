//! Connecting to an upstream.

use std::io;
use std::time::Duration;

use net::connect::{connect_tcp, connect_tls, connect_unix};
use net::error_text::{certificate_error, io_error_text};
use net::stream::Stream;
use net::timer::timeout_opt;
use net::tls::{PemError, RootsError, connector};
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::lookup_host;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::CertificateError;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::listener::peer::AddrPair;
use crate::listener::proxy_protocol;
use crate::upstream::address::UpstreamAddress;

/// A connector for one upstream.
#[derive(Clone)]
pub(crate) struct UpstreamConnector {
    address: UpstreamAddress,
    /// True if connections begin with a PROXY header that names the client.
    pub(crate) proxy: bool,
    /// The TLS settings, and the name that the certificate has to be for.
    tls: Option<(TlsConnector, ServerName<'static>)>,
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
    /// The certificate authorities cannot be read.
    #[error("upstream {0}: {1}")]
    Ca(UpstreamAddress, PemError),
    /// The system trusts no certificate authority.
    #[error("upstream {0}: no certificates found that this system trusts; give one with ?ca=FILE")]
    NoRoots(UpstreamAddress),
    /// No certificate can be for this host.
    #[error("upstream {0}: a certificate cannot be for this host")]
    Host(UpstreamAddress),
    /// The system has no Unix sockets.
    #[error("upstream {0}: this system has no Unix sockets")]
    NoUnix(UpstreamAddress),
}

impl UpstreamConnector {
    pub(crate) fn new(address: UpstreamAddress, proxy: bool) -> Result<Self, UpstreamSetupError> {
        let tls = match &address {
            UpstreamAddress::Tls { endpoint, ca } => {
                let name = ServerName::try_from(endpoint.host.clone());
                let name = name.map_err(|_| UpstreamSetupError::Host(address.clone()))?;
                let connector = connector(ca.as_deref()).map_err(|error| match error {
                    RootsError::File(error) => UpstreamSetupError::Ca(address.clone(), error),
                    RootsError::None => UpstreamSetupError::NoRoots(address.clone()),
                })?;
                Some((connector, name))
            }
            UpstreamAddress::Unix(_) if cfg!(not(unix)) => {
                return Err(UpstreamSetupError::NoUnix(address));
            }
            UpstreamAddress::Tcp(_) | UpstreamAddress::Unix(_) => None,
        };
        Ok(Self {
            address,
            proxy,
            tls,
        })
    }

    pub(crate) fn address(&self) -> &UpstreamAddress {
        &self.address
    }

    /// Connects within `limit`, trying each address of a name in turn. A PROXY header names
    /// `client`, the client's connection.
    ///
    /// # Errors
    /// [`Unreachable`] with the last fault.
    pub(crate) async fn connect(
        &self,
        client: Option<AddrPair>,
        limit: Option<Duration>,
    ) -> Result<Stream, Unreachable> {
        let connected = timeout_opt(limit, self.open(client, limit)).await;
        connected
            .unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|source| Unreachable {
                address: self.address.clone(),
                source,
            })
    }

    async fn open(&self, client: Option<AddrPair>, limit: Option<Duration>) -> io::Result<Stream> {
        let header = match self.proxy {
            true => proxy_protocol::encode_header(client),
            false => Vec::new(),
        };
        match &self.address {
            UpstreamAddress::Unix(path) => {
                let mut stream = connect_unix(path).await?;
                stream.write_all(&header).await?;
                Ok(stream)
            }
            UpstreamAddress::Tcp(endpoint) | UpstreamAddress::Tls { endpoint, .. } => {
                let addrs = lookup_host(endpoint.as_pair()).await?;
                let mut stream = connect_tcp(&addrs.collect::<Vec<_>>(), limit).await?;
                stream.write_all(&header).await?;
                let Some((connector, name)) = &self.tls else {
                    return Ok(Stream::Tcp(stream));
                };
                // Boxed: its size would otherwise be part of every connection that opens.
                Box::pin(connect_tls(connector, name, stream)).await
            }
        }
    }
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
