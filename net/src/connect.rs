//! Connections to services: over TCP, TLS or a Unix socket.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::stream::Stream;
use crate::timer::timeout_opt;

/// Connects to the first of `addrs` that accepts. Each has an equal part of the rest of
/// `limit`, so that one that does not answer leaves time for those after it.
///
/// # Errors
/// The error of the last address tried; `NotFound` if there are none.
pub async fn connect_tcp(addrs: &[SocketAddr], limit: Option<Duration>) -> io::Result<TcpStream> {
    let begun = Instant::now();
    let mut error = io::Error::new(io::ErrorKind::NotFound, "the name has no addresses");
    for (addr, untried) in addrs.iter().zip((1..=addrs.len() as u32).rev()) {
        let part = limit.map(|limit| limit.saturating_sub(begun.elapsed()) / untried);
        match timeout_opt(part, TcpStream::connect(addr)).await {
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
///
/// # Errors
/// The system's.
#[cfg(unix)]
pub async fn connect_unix(path: &Path) -> io::Result<Stream> {
    tokio::net::UnixStream::connect(path)
        .await
        .map(Stream::Unix)
}

/// Refuses: this system has no Unix sockets.
///
/// # Errors
/// Always `Unsupported`.
#[cfg(not(unix))]
pub async fn connect_unix(_: &Path) -> io::Result<Stream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Does the TLS handshake over `stream` with a service whose certificate has to be for `name`.
///
/// # Errors
/// The handshake's, with advice where the service seems not to speak TLS.
pub async fn connect_tls(
    connector: &TlsConnector,
    name: &ServerName<'static>,
    stream: TcpStream,
) -> io::Result<Stream> {
    match connector.connect(name.clone(), stream).await {
        Ok(encrypted) => Ok(Stream::Tls(Box::new(encrypted.into()))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(io::Error::new(
            error.kind(),
            "it ended the connection in the TLS handshake; it may not speak TLS",
        )),
        Err(error) => Err(error),
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
        while let Some(stream) = timeout_opt(Some(MOMENT), TcpStream::connect(addr)).await {
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
            let stream = connect_tcp(addrs, Some(4 * MOMENT)).await;
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
