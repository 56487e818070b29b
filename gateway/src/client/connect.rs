//! From a [`Target`] to a connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use humantime::format_duration;
use thiserror::Error;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::http::Response;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error as WsError};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::Target;
use crate::reason::reason;

/// Why a target cannot be reached.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The name has no address.
    #[error("cannot look up {host}: {}", reason(.source))]
    Lookup {
        /// The name.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// Nobody accepts a TCP connection there.
    #[error("cannot connect to {target}: {}", reason(.source))]
    Connect {
        /// What was dialled.
        target: Target,
        /// What the system said.
        source: io::Error,
    },
    /// No connection, or no answer to the handshake, in time.
    #[error("cannot connect to {target}: no answer for {}", format_duration(*.limit))]
    Late {
        /// What was dialled.
        target: Target,
        /// How long was waited.
        limit: Duration,
    },
    /// The server does not take the WebSocket handshake.
    #[error("{target} refused the WebSocket: {}", said(.response))]
    Refused {
        /// What was dialled.
        target: Target,
        /// What the server answered.
        response: Box<Response<Option<Vec<u8>>>>,
    },
    /// What came was no answer to a WebSocket handshake.
    #[error("{target} failed in the WebSocket handshake: {source}")]
    Handshake {
        /// What was dialled.
        target: Target,
        /// What was wrong.
        source: Box<tungstenite::Error>,
    },
}

/// A target whose name has been looked up, once for all connections to it.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    target: Target,
    addrs: Vec<SocketAddr>,
    limit: Duration,
}

impl Connector {
    /// A connector that waits for at most `limit` for each connection.
    pub(super) async fn look_up(target: &Target, limit: Duration) -> Result<Self, ConnectError> {
        let endpoint = target.endpoint();
        let addrs =
            lookup_host(endpoint.as_pair())
                .await
                .map_err(|source| ConnectError::Lookup {
                    host: endpoint.host.clone(),
                    source,
                })?;
        Ok(Self {
            target: target.clone(),
            addrs: addrs.collect(),
            limit,
        })
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// An address of the target's that is not this machine's own loopback.
    pub(super) fn foreign_addr(&self) -> Option<IpAddr> {
        let mut ips = self.addrs.iter().map(|addr| addr.ip().to_canonical());
        ips.find(|ip| !ip.is_loopback())
    }

    /// A TCP connection that sends without delay.
    pub(super) async fn tcp(&self) -> Result<TcpStream, ConnectError> {
        let connecting = async {
            let stream = TcpStream::connect(&self.addrs[..]).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        self.in_time(connecting)
            .await?
            .map_err(|source| ConnectError::Connect {
                target: self.target.clone(),
                source,
            })
    }

    /// A WebSocket, with no limit on messages.
    pub(super) async fn websocket(&self) -> Result<WebSocketStream<TcpStream>, ConnectError> {
        // tungstenite zeroes this much before every read, for every connection.
        const READ_BUFFER: usize = 4096;
        let stream = self.tcp().await?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(None)
            .max_frame_size(None);
        let url = self.target.to_string();
        match self
            .in_time(client_async_with_config(url, stream, Some(config)))
            .await?
        {
            Ok((socket, _)) => Ok(socket),
            Err(WsError::Http(response)) => Err(ConnectError::Refused {
                target: self.target.clone(),
                response,
            }),
            Err(source) => Err(ConnectError::Handshake {
                target: self.target.clone(),
                source: Box::new(source),
            }),
        }
    }

    async fn in_time<F: Future>(&self, event: F) -> Result<F::Output, ConnectError> {
        timeout(self.limit, event)
            .await
            .map_err(|_| ConnectError::Late {
                target: self.target.clone(),
                limit: self.limit,
            })
    }
}

/// The status, and the reason in words where the server gave one.
fn said(response: &Response<Option<Vec<u8>>>) -> String {
    let body = response.body().as_deref().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    match body.trim() {
        "" => response.status().to_string(),
        reason => format!("{}: {reason}", response.status()),
    }
}
