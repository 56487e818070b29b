//! Dialling an upstream.

use std::io;
use std::time::Duration;

use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::lookup_host;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::CertificateError;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_util::either::Either;

use crate::TlsError;
use crate::outbound::{Outbound, RootsError, connector, encrypted, local, tcp};
use crate::reason::{certificate_error, reason};
use crate::settings::upstream::Address;
use crate::socket::drain::within;
use crate::socket::proxied::{self, Ends};

/// A connection to an upstream.
pub(crate) type UpstreamStream = Outbound;

/// How an upstream is reached.
#[derive(Clone)]
pub(crate) struct Dial {
    address: Address,
    /// Whether it is told of the client's address.
    pub(crate) proxy: bool,
    /// What it needs for TLS.
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// Why there is no connection to the upstream.
#[derive(Debug, Error)]
#[error("cannot reach {address}: {}{}", reason(.source), advice(.source))]
pub(crate) struct Unreachable {
    address: Address,
    source: io::Error,
}

/// Why an upstream could never be reached.
#[derive(Debug, Error)]
pub enum DialError {
    /// Those who vouch for it cannot be read.
    #[error("upstream {0}: {1}")]
    Ca(Address, Box<TlsError>),
    /// The system trusts nobody.
    #[error("upstream {0}: no certificates found that this system trusts; give one with ?ca=FILE")]
    NoRoots(Address),
    /// The host cannot stand in a certificate.
    #[error("upstream {0}: a certificate cannot be for this host")]
    Host(Address),
    /// There are no such sockets here.
    #[error("upstream {0}: this system has no Unix sockets")]
    NoUnix(Address),
}

impl Dial {
    pub(crate) fn new(address: Address, proxy: bool) -> Result<Self, DialError> {
        let tls = match &address {
            Address::Tls { endpoint, ca } => {
                let name = ServerName::try_from(endpoint.host.clone());
                let name = name.map_err(|_| DialError::Host(address.clone()))?;
                let connector = connector(ca.as_ref()).map_err(|error| match error {
                    RootsError::File(error) => DialError::Ca(address.clone(), error),
                    RootsError::None => DialError::NoRoots(address.clone()),
                })?;
                Some((connector, name))
            }
            Address::Unix(_) if cfg!(not(unix)) => return Err(DialError::NoUnix(address)),
            Address::Tcp(_) | Address::Unix(_) => None,
        };
        Ok(Self {
            address,
            proxy,
            tls,
        })
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Connects within `limit`, trying each of a name's addresses in turn. `client` is the
    /// connection that this is for, and told where the service asks.
    pub(crate) async fn connect(
        &self,
        client: Option<Ends>,
        limit: Option<Duration>,
    ) -> Result<UpstreamStream, Unreachable> {
        let connected = within(limit, self.dial(client, limit)).await;
        connected
            .unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|source| Unreachable {
                address: self.address.clone(),
                source,
            })
    }

    async fn dial(
        &self,
        client: Option<Ends>,
        limit: Option<Duration>,
    ) -> io::Result<UpstreamStream> {
        let header = match self.proxy {
            true => proxied::header(client),
            false => Vec::new(),
        };
        match &self.address {
            Address::Unix(path) => {
                let mut stream = local(path).await?;
                stream.write_all(&header).await?;
                Ok(Either::Right(Either::Right(stream)))
            }
            Address::Tcp(endpoint) | Address::Tls { endpoint, .. } => {
                let addrs = lookup_host(endpoint.as_pair()).await?;
                let mut stream = tcp(&addrs.collect::<Vec<_>>(), limit).await?;
                stream.write_all(&header).await?;
                let Some((connector, name)) = &self.tls else {
                    return Ok(Either::Left(stream));
                };
                // Apart, because all that dial would have room for it.
                Box::pin(encrypted(connector, name, stream)).await
            }
        }
    }
}

/// What helps where a service is not trusted.
fn advice(error: &io::Error) -> &'static str {
    match certificate_error(error) {
        Some(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            "; ?ca=FILE trusts an issuer"
        }
        _ => "",
    }
}

impl std::fmt::Debug for Dial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Dial").field(&self.address).finish()
    }
}
