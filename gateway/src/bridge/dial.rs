//! Dialling an upstream.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::Instant;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::{TlsConnector, rustls};
use tokio_util::either::Either;

use crate::TlsError;
use crate::outbound::{Outbound, RootsError, local, roots};
use crate::reason::reason;
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
#[error("cannot reach {address}: {}", reason(.source))]
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
                Some((connector(&address, ca.as_ref())?, name))
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
                let mut stream = first_of(&addrs.collect::<Vec<_>>(), limit).await?;
                stream.write_all(&header).await?;
                let Some((connector, name)) = &self.tls else {
                    return Ok(Either::Left(stream));
                };
                let encrypted = connector.connect(name.clone(), stream).await?;
                Ok(Either::Right(Either::Left(Box::new(encrypted))))
            }
        }
    }
}

impl std::fmt::Debug for Dial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Dial").field(&self.address).finish()
    }
}

/// Connects to the first of `addrs` that accepts. Of what is left of `limit`, each has an
/// equal part, so that one that does not answer leaves time for those after it.
async fn first_of(addrs: &[SocketAddr], limit: Option<Duration>) -> io::Result<TcpStream> {
    let begun = Instant::now();
    let mut error = io::Error::new(io::ErrorKind::NotFound, "the name has no addresses");
    for (addr, still) in addrs.iter().zip((1..=addrs.len() as u32).rev()) {
        let part = limit.map(|limit| limit.saturating_sub(begun.elapsed()) / still);
        match within(part, TcpStream::connect(addr)).await {
            Some(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Some(Err(refused)) => error = refused,
            None => error = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(error)
}

fn connector(address: &Address, ca: Option<&PathBuf>) -> Result<TlsConnector, DialError> {
    let roots = roots(ca).map_err(|error| match error {
        RootsError::File(error) => DialError::Ca(address.clone(), error),
        RootsError::None => DialError::NoRoots(address.clone()),
    })?;
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .expect("the provider has ciphers for each version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config).into())
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(200);

    /// A listener whose backlog is full, and what fills it: connections to it hang.
    async fn deaf() -> (TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let addr = listener.local_addr().unwrap();
        let mut held = Vec::new();
        while let Some(stream) = within(Some(MOMENT), TcpStream::connect(addr)).await {
            held.push(stream.unwrap());
        }
        (listener, held)
    }

    async fn live() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").await.unwrap()
    }

    #[tokio::test]
    async fn the_addresses_of_a_name_are_tried_in_turn() {
        let (deaf, _held) = deaf().await;
        let deaf = deaf.local_addr().unwrap();
        // Bound and dropped: nobody listens there.
        let dead = live().await.local_addr().unwrap();
        let listeners = [live().await, live().await];
        let [one, two] = listeners.each_ref().map(|it| it.local_addr().unwrap());
        let reached = async |addrs: &[SocketAddr]| {
            let stream = first_of(addrs, Some(4 * MOMENT)).await;
            stream
                .map(|it| it.peer_addr().unwrap())
                .map_err(|it| it.kind())
        };
        assert_eq!(reached(&[one, two]).await, Ok(one));
        assert_eq!(reached(&[dead, two]).await, Ok(two));
        assert_eq!(reached(&[deaf, dead, two]).await, Ok(two));
        assert_eq!(
            reached(&[dead]).await,
            Err(io::ErrorKind::ConnectionRefused)
        );
        assert_eq!(reached(&[dead, deaf]).await, Err(io::ErrorKind::TimedOut));
        assert_eq!(reached(&[]).await, Err(io::ErrorKind::NotFound));
    }
}
