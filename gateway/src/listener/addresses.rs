//! Addresses of listeners: checked against each other, and bound.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use net::endpoint::Endpoint;
use net::error_text::io_error_text;
use net::listen::listen_tcp;
use net::listen_address::{ListenAddress, LocalAddr};
use net::lookup::Resolver;
use thiserror::Error;
use tokio::net::TcpListener;
use tracing::debug;

/// The backlog: the most connections that may wait to be accepted. With the usual 1,024, a
/// burst of 2,000 waits seconds for SYN retries. The kernel may lower it (`somaxconn`).
pub(super) const BACKLOG: u32 = 4096;

/// Two listeners have one address.
#[derive(Debug, Error)]
#[error("{0} and {1} have one address, {2}: choose another for one of them")]
pub struct OneAddressError(&'static str, &'static str, ListenAddress);

/// Checks that no two `listeners`, options with their addresses, have one address.
///
/// # Errors
/// [`OneAddressError`] names both options.
pub(crate) fn check_addresses(
    listeners: &[(&'static str, &[ListenAddress])],
) -> Result<(), OneAddressError> {
    for (at, (option, addresses)) in listeners.iter().enumerate() {
        for (earlier, taken) in &listeners[..at] {
            let mut fixed = addresses.iter().filter(|it| !has_free_port(it));
            if let Some(address) = fixed.find(|it| taken.contains(it)) {
                return Err(OneAddressError(earlier, option, address.clone()));
            }
        }
    }
    Ok(())
}

/// Binds the addresses of a host, those in `bound` left out. If the port is 0, all get the one that
/// the first gets.
pub(super) async fn bind_endpoint(
    endpoint: &Endpoint,
    all: &[ListenAddress],
    bound: &[LocalAddr],
) -> io::Result<Vec<TcpListener>> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut tried: Vec<_> = bound.iter().filter_map(LocalAddr::ip).collect();
    let mut error = None;
    let mut port = endpoint.port;
    let addrs = Resolver::new(endpoint.clone()).addresses().await?;
    if addrs.is_empty() {
        return Err(io::ErrorKind::AddrNotAvailable.into());
    }
    for mut addr in addrs {
        addr.set_port(port);
        if tried.contains(&addr) {
            continue;
        }
        tried.push(addr);
        match listen_tcp(addr, is_beside_v4(addr, all), BACKLOG) {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            // Clients would reach another program there.
            Err(e) if e.kind() == io::ErrorKind::AddrInUse && endpoint.port != 0 => return Err(e),
            Err(e) => {
                debug!(%addr, error = io_error_text(&e), "not listened on");
                error.get_or_insert(e);
            }
        }
    }
    match error {
        Some(error) if listeners.is_empty() => Err(error),
        _ => Ok(listeners),
    }
}

/// Returns true if `addr` is `[::]` and one of `all` is 0.0.0.0 with its port, which `[::]` would
/// otherwise take as well.
fn is_beside_v4(addr: SocketAddr, all: &[ListenAddress]) -> bool {
    let is_v4 = |address: &ListenAddress| match address {
        ListenAddress::Tcp(endpoint) => {
            endpoint.port == addr.port() && endpoint.host.parse() == Ok(Ipv4Addr::UNSPECIFIED)
        }
        ListenAddress::Unix { .. } => false,
    };
    addr.port() != 0 && addr.is_ipv6() && addr.ip().is_unspecified() && all.iter().any(is_v4)
}

/// Returns true if the system chooses the port, another one each time.
pub(super) fn has_free_port(address: &ListenAddress) -> bool {
    matches!(address, ListenAddress::Tcp(endpoint) if endpoint.port == 0)
}
