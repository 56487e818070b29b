//! Client connections over TCP, TLS or a Unix socket.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::keepalive::KeepAlive;
use crate::stream::Stream;
use crate::timer::timeout_opt;

/// Connects to the first of `addrs` that accepts, within `limit`, and sets TCP_NODELAY and
/// `keep_alive`.
///
/// Each attempt may take an equal share of the time left, so that an address that does not
/// answer leaves time for those after it.
///
/// # Errors
/// That of the last address, `TimedOut` if its share ran out; `NotFound` without addresses.
pub async fn connect_tcp(
    addrs: &[SocketAddr],
    limit: Option<Duration>,
    keep_alive: KeepAlive,
) -> io::Result<TcpStream> {
    let started = Instant::now();
    let mut error = io::Error::new(io::ErrorKind::NotFound, "the name has no addresses");
    for (addr, untried) in addrs.iter().zip((1..=addrs.len() as u32).rev()) {
        let share = limit.map(|limit| limit.saturating_sub(started.elapsed()) / untried);
        match timeout_opt(share, TcpStream::connect(addr)).await {
            Some(Ok(stream)) => {
                stream.set_nodelay(true)?;
                keep_alive.set(&stream)?;
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
/// The system's; in words of its own if the path is too long or the backlog is full.
#[cfg(unix)]
pub async fn connect_unix(path: &Path) -> io::Result<Stream> {
    let connected = tokio::net::UnixStream::connect(path).await;
    connected.map(Stream::Unix).map_err(|error| {
        let text = match error.kind() {
            io::ErrorKind::InvalidInput => "its path is too long for a Unix socket",
            io::ErrorKind::WouldBlock => "too many connections wait to be accepted by it",
            _ => return error,
        };
        io::Error::new(error.kind(), text)
    })
}

/// Fails: this system has no Unix sockets.
///
/// # Errors
/// Always `Unsupported`.
#[cfg(not(unix))]
pub async fn connect_unix(_: &Path) -> io::Result<Stream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Does the TLS handshake as a client over `stream`; the certificate has to be for `name`.
///
/// # Errors
/// Those of the handshake, which [`io_error_text`](crate::error_text::io_error_text) describes.
pub async fn connect_tls(
    connector: &TlsConnector,
    name: &ServerName<'static>,
    stream: TcpStream,
) -> io::Result<Stream> {
    match connector.connect(name.clone(), stream).await {
        Ok(encrypted) => Ok(Stream::Tls(Box::new(encrypted))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(io::Error::new(
            error.kind(),
            "it closed the connection during the TLS handshake; it may not speak TLS",
        )),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(200);

    /// A bound socket that does not listen: connections to it are refused.
    fn bound() -> TcpSocket {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket
    }

    /// A listener with a full backlog, and the connections that fill it: further ones hang.
    async fn full_listener() -> (TcpListener, Vec<TcpStream>) {
        let listener = bound().listen(0).unwrap();
        let addr = listener.local_addr().unwrap();
        let mut backlog = Vec::new();
        while let Some(stream) = timeout_opt(Some(MOMENT), TcpStream::connect(addr)).await {
            backlog.push(stream.unwrap());
        }
        (listener, backlog)
    }

    #[tokio::test]
    async fn addresses_are_tried_in_turn() {
        let (full, _backlog) = full_listener().await;
        let hanging = full.local_addr().unwrap();
        let closed = bound();
        let refusing = closed.local_addr().unwrap();
        let listeners = [bound().listen(8).unwrap(), bound().listen(8).unwrap()];
        let [one, two] = listeners.each_ref().map(|it| it.local_addr().unwrap());
        let reached = async |addrs: &[SocketAddr]| {
            let stream = connect_tcp(addrs, Some(4 * MOMENT), KeepAlive::default()).await;
            stream
                .map(|it| it.peer_addr().unwrap())
                .map_err(|it| it.kind())
        };
        assert_eq!(reached(&[one, two]).await, Ok(one));
        assert_eq!(reached(&[refusing, two]).await, Ok(two));
        assert_eq!(reached(&[hanging, refusing, two]).await, Ok(two));
        assert_eq!(
            reached(&[refusing]).await,
            Err(io::ErrorKind::ConnectionRefused)
        );
        assert_eq!(
            reached(&[refusing, hanging]).await,
            Err(io::ErrorKind::TimedOut)
        );
        assert_eq!(reached(&[]).await, Err(io::ErrorKind::NotFound));
    }
}
