//! Streams to services, and whom they are encrypted for: what the bridge and the client
//! side have in common when they dial.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{
    ClientConfig, ConfigBuilder, DEFAULT_VERSIONS, RootCertStore, WantsVerifier,
};
use tokio_util::either::Either;

use crate::TlsError;
use crate::socket::drain::within;

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

/// Connects to the first of `addrs` that accepts. Of what is left of `limit`, each has an
/// equal part, so that one that does not answer leaves time for those after it.
pub(crate) async fn tcp(addrs: &[SocketAddr], limit: Option<Duration>) -> io::Result<TcpStream> {
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

/// Connects to the Unix socket at `path`.
#[cfg(unix)]
pub(crate) async fn local(path: &Path) -> io::Result<LocalStream> {
    LocalStream::connect(path).await
}

/// There are no such sockets here.
#[cfg(not(unix))]
pub(crate) async fn local(_: &Path) -> io::Result<LocalStream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Shakes hands with the service at the other end of `stream`, which has to show that it is
/// `name`.
pub(crate) async fn encrypted(
    connector: &TlsConnector,
    name: &ServerName<'static>,
    stream: TcpStream,
) -> io::Result<Outbound> {
    match connector.connect(name.clone(), stream).await {
        Ok(encrypted) => Ok(Either::Right(Either::Left(Box::new(encrypted)))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(io::Error::new(
            error.kind(),
            "it ended the connection in the TLS handshake; it may not speak TLS",
        )),
        Err(error) => Err(error),
    }
}

/// What connections over TLS are made with, whoever is then to be trusted.
pub(crate) fn tls() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(DEFAULT_VERSIONS)
        .expect("the provider has ciphers for each version")
}

/// Connects over TLS to those for whom somebody vouches whose certificate is in `ca`, in PEM,
/// or else whom the system trusts.
pub(crate) fn connector(ca: Option<&PathBuf>) -> Result<TlsConnector, RootsError> {
    let config = tls().with_root_certificates(roots(ca)?);
    Ok(Arc::new(config.with_no_client_auth()).into())
}

fn roots(ca: Option<&PathBuf>) -> Result<RootCertStore, RootsError> {
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
            let stream = tcp(addrs, Some(4 * MOMENT)).await;
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
