//! Listening TCP sockets.

use std::io;
use std::net::SocketAddr;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket};

/// Listens at `addr`. An IPv6 socket at `[::]` also takes IPv4 connections where the system's
/// default is such, unless `is_v6_only` is set.
///
/// # Errors
/// The system's.
pub fn listen_tcp(addr: SocketAddr, is_v6_only: bool, backlog: u32) -> io::Result<TcpListener> {
    let socket = match addr {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if is_v6_only {
        SockRef::from(&socket).set_only_v6(true)?;
    }
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(backlog)
}
