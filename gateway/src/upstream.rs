//! Dialling the TCP service that sessions are bridged to.

use std::io;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpStream;

use crate::Endpoint;
use crate::drain::within;
use crate::reason::reason;

/// Why there is no connection to the upstream.
#[derive(Debug, Error)]
#[error("cannot reach {endpoint}: {}", reason(.source))]
pub(crate) struct Unreachable {
    endpoint: Endpoint,
    source: io::Error,
}

/// Connects to `upstream` within `limit`, trying each of its addresses in turn.
pub(crate) async fn connect(
    upstream: &Endpoint,
    limit: Option<Duration>,
) -> Result<TcpStream, Unreachable> {
    let connected = within(limit, TcpStream::connect(upstream.as_pair())).await;
    connected
        .unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
        .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
        .map_err(|source| Unreachable {
            endpoint: upstream.clone(),
            source,
        })
}
