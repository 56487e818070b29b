//! From a [`Target`] to a connection.

use std::io;
use std::io::ErrorKind::TimedOut;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use humantime::format_duration;
use net::connect::{connect_tcp, connect_tls, connect_unix};
use net::error_text::{certificate_error, io_error_text};
use net::stream::Stream;
use net::timer::timeout_opt;
use net::tls::RootsError;
use thiserror::Error;
use tokio::net::lookup_host;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::CertificateError;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Response};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error as WsError};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::Target;
use crate::options::{BearerError, ConnectArgs};
use crate::tls::complaint;

/// Why a target cannot be reached.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// There is no token to show.
    #[error(transparent)]
    Bearer(#[from] BearerError),
    /// There is nobody to vouch for it.
    #[error("{0}: --ca FILE says whom to trust")]
    Roots(#[from] RootsError),
    /// The host cannot stand in a certificate.
    #[error("a certificate cannot be for the host {0}")]
    Host(String),
    /// The name has no address.
    #[error("cannot look up {host}: {}", io_error_text(.source))]
    Lookup {
        /// The name.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// Nobody accepts a connection there.
    #[error("cannot connect to {target}: {}", io_error_text(.source))]
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
    /// Whoever is there may be somebody else.
    #[error("{target} is not trusted: {}", complaint(.cause))]
    Untrusted {
        /// What was dialled.
        target: Target,
        /// What is wrong with its certificate.
        cause: CertificateError,
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
    #[error("{target} failed in the WebSocket handshake: {}", fault(.source))]
    Handshake {
        /// What was dialled.
        target: Target,
        /// What was wrong.
        source: Box<tungstenite::Error>,
    },
}

impl ConnectError {
    /// The exit status that tells of it: 2 if an option is wrong, otherwise 1.
    pub(super) fn status(&self) -> u8 {
        match self {
            Self::Bearer(_) | Self::Roots(_) | Self::Host(_) => 2,
            _ => 1,
        }
    }
}

/// A target whose name has been looked up, once for all connections to it.
#[derive(Clone)]
pub(super) struct Connector {
    target: Target,
    addrs: Vec<SocketAddr>,
    /// What it needs for TLS.
    tls: Option<(TlsConnector, ServerName<'static>)>,
    bearer: Option<HeaderValue>,
    /// How long each connection may take.
    limit: Option<Duration>,
}

impl Connector {
    /// What connections to `target` are made with, as `args` say.
    pub(super) async fn new(target: &Target, args: &ConnectArgs) -> Result<Self, ConnectError> {
        let mut connector = Self {
            target: target.clone(),
            addrs: Vec::new(),
            tls: None,
            bearer: args.bearer()?,
            limit: args.timeout.limit(),
        };
        if let Some(endpoint) = target.endpoint() {
            if target.is_tls() {
                let name = ServerName::try_from(endpoint.host.clone());
                let name = name.map_err(|_| ConnectError::Host(endpoint.host.clone()))?;
                connector.tls = Some((args.trust().connector()?, name));
            }
            let addrs = connector.in_time(lookup_host(endpoint.as_pair())).await?;
            let addrs = addrs.map_err(|source| ConnectError::Lookup {
                host: endpoint.host.clone(),
                source,
            })?;
            connector.addrs = addrs.collect();
        }
        Ok(connector)
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// An address of the target's that is not this machine's own loopback.
    pub(super) fn foreign_addr(&self) -> Option<IpAddr> {
        let mut ips = self.addrs.iter().map(|addr| addr.ip().to_canonical());
        ips.find(|ip| !ip.is_loopback())
    }

    /// A byte stream, which TCP carries without delay.
    pub(super) async fn stream(&self) -> Result<Stream, ConnectError> {
        self.in_time(self.dial()).await?
    }

    /// A WebSocket that takes messages of up to `max_len` bytes, or of any length.
    pub(super) async fn websocket(
        &self,
        max_len: Option<usize>,
    ) -> Result<WebSocketStream<Stream>, ConnectError> {
        // tungstenite zeroes this much before every read, for every connection.
        const READ_BUFFER: usize = 4096;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(max_len)
            .max_frame_size(max_len);
        let request = self.request()?;
        let stream = self.stream().await?;
        let handshake = client_async_with_config(request, stream, Some(config));
        match self.in_time(handshake).await? {
            Ok((socket, _)) => Ok(socket),
            Err(WsError::Http(response)) => Err(ConnectError::Refused {
                target: self.target.clone(),
                response,
            }),
            Err(error) => Err(self.handshake_failed(error)),
        }
    }

    async fn dial(&self) -> Result<Stream, ConnectError> {
        let failed = |source| ConnectError::Connect {
            target: self.target.clone(),
            source,
        };
        if let Target::Unix(path) = &self.target {
            return connect_unix(path).await.map_err(failed);
        }
        let stream = match connect_tcp(&self.addrs, self.limit).await {
            // Not the system's own timeout: what there was for the last address is over.
            Err(error) if error.kind() == TimedOut && error.raw_os_error().is_none() => {
                return Err(self.late());
            }
            stream => stream.map_err(failed)?,
        };
        let Some((connector, name)) = &self.tls else {
            return Ok(Stream::Tcp(stream));
        };
        connect_tls(connector, name, stream).await.map_err(|error| {
            match certificate_error(&error) {
                Some(cause) => ConnectError::Untrusted {
                    target: self.target.clone(),
                    cause: cause.clone(),
                },
                None => failed(error),
            }
        })
    }

    fn request(&self) -> Result<Request, ConnectError> {
        let request = self.target.to_string().into_client_request();
        let mut request = request.map_err(|error| self.handshake_failed(error))?;
        if let Some(bearer) = &self.bearer {
            request.headers_mut().insert(AUTHORIZATION, bearer.clone());
        }
        Ok(request)
    }

    fn handshake_failed(&self, error: WsError) -> ConnectError {
        ConnectError::Handshake {
            target: self.target.clone(),
            source: Box::new(error),
        }
    }

    async fn in_time<F: Future>(&self, event: F) -> Result<F::Output, ConnectError> {
        timeout_opt(self.limit, event)
            .await
            .ok_or_else(|| self.late())
    }

    fn late(&self) -> ConnectError {
        ConnectError::Late {
            target: self.target.clone(),
            limit: self.limit.unwrap_or_default(),
        }
    }
}

/// What was wrong with a handshake.
fn fault(error: &WsError) -> String {
    match error {
        WsError::Io(error) => io_error_text(error),
        error => error.to_string(),
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
