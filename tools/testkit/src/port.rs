//! Ports: reserved ones, and waiting for a listener.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep};

/// The time limit for a server to listen.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(20);

/// The pause between two attempts to connect.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// A reserved port: bound to a socket that does not listen, until it is dropped.
///
/// Connections to it are refused, and the system gives it to nobody who asks for any free
/// port. A server that is told its address can listen there all the same, since both
/// sockets have SO_REUSEADDR set, as servers on Unix do.
#[derive(Debug)]
pub struct ReservedPort {
    addr: SocketAddr,
    _socket: TcpSocket,
}

impl ReservedPort {
    /// Reserves a port of 127.0.0.1.
    ///
    /// # Errors
    /// The system's.
    pub fn new() -> io::Result<Self> {
        Self::on(Ipv4Addr::LOCALHOST)
    }

    /// Reserves a port of `ip`, an address of this machine.
    ///
    /// # Errors
    /// The system's.
    pub fn on(ip: impl Into<IpAddr>) -> io::Result<Self> {
        let any = SocketAddr::new(ip.into(), 0);
        let socket = match any {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.set_reuseaddr(true)?;
        socket.bind(any)?;
        let addr = socket.local_addr()?;
        Ok(Self {
            addr,
            _socket: socket,
        })
    }

    /// The address with the port.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

/// Waits until a server accepts connections at `addr`, for servers that don't announce it.
///
/// # Errors
/// That of the last attempt to connect, after 20 s.
pub async fn wait_until_listening(addr: SocketAddr) -> io::Result<()> {
    let deadline = Instant::now() + LISTEN_TIMEOUT;
    loop {
        match TcpStream::connect(addr).await {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => sleep(RETRY_INTERVAL).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reserved_port_refuses_connections_until_a_server_listens_there() {
        let port = ReservedPort::new().unwrap();
        let refused = TcpStream::connect(port.addr()).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);

        let server = std::net::TcpListener::bind(port.addr()).unwrap();
        wait_until_listening(port.addr()).await.unwrap();

        drop(server);
        let refused = TcpStream::connect(port.addr()).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn reserved_port_is_not_given_to_a_server_that_asks_for_any() {
        let reserved: Vec<_> = (0..50).map(|_| ReservedPort::new().unwrap()).collect();
        for _ in 0..1000 {
            let server = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let addr = server.local_addr().unwrap();
            assert!(reserved.iter().all(|port| port.addr() != addr));
        }
    }
}
