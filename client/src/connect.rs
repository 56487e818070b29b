//! Connects to a [`Target`]: name lookup, TCP, TLS and the WebSocket handshake.

use std::io;
use std::io::ErrorKind::TimedOut;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use humantime::format_duration;
use net::connect::{connect_tcp, connect_tls, connect_unix};
use net::error_text::{certificate_error, certificate_error_text, io_error_text};
use net::keepalive::KeepAlive;
use net::lookup::Resolver;
use net::stream::Stream;
use net::timer::timeout_opt;
use net::tls::pinning::FingerprintMismatch;
use net::tls::settings::{TlsSettingsError, TlsSettingsFault};
use net::untrusted::Untrusted;
use protocol::resumable::SUBPROTOCOL;
use thiserror::Error;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{CertificateError, OtherError};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response as ClientResponse};
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderValue, Response};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error as WsError};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::connection_error::ConnectionError;
use crate::handshake::HandshakeError;
use crate::options::{ConnectArgs, TokenError};
use crate::target::{Target, TargetError};

/// The longest reason of a server that is printed, in characters.
const MAX_REASON: usize = 1024;

/// An error of connecting to a target.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The bearer token cannot be read, or is invalid.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A header of the WebSocket handshake is invalid.
    #[error(transparent)]
    Headers(#[from] HandshakeError),
    /// An option for TLS cannot be used.
    #[error("--{setting}: {0}{advice}", setting = .0.setting, advice = settings_advice(.0))]
    Tls(#[from] TlsSettingsError),
    /// The host name cannot be resolved.
    #[error("cannot look up {host}: {}", io_error_text(.source))]
    Lookup {
        /// The host name.
        host: String,
        /// The resolver's error.
        source: io::Error,
    },
    /// The connection was not accepted, or TLS failed.
    #[error("cannot connect to {target}: {}", io_error_text(.source))]
    Connect {
        /// The target.
        target: Target,
        /// The error of the system, or of TLS.
        source: io::Error,
    },
    /// The name lookup, the connection or the handshake timed out.
    #[error("cannot connect to {target}: timed out after {}", format_duration(*.limit))]
    TimedOut {
        /// The target.
        target: Target,
        /// The time limit.
        limit: Duration,
    },
    /// The server's certificate was rejected.
    #[error("{target} is not trusted: {}", certificate_text(.cause))]
    Untrusted {
        /// The target.
        target: Target,
        /// The certificate's error.
        cause: CertificateError,
    },
    /// The server refused the WebSocket handshake.
    #[error("{target} refused the WebSocket handshake: {}", response_text(.response))]
    Refused {
        /// The target.
        target: Target,
        /// The HTTP response.
        response: Box<Response<Option<Vec<u8>>>>,
    },
    /// The server offers no resumable sessions.
    #[error(
        "{0} offers no resumable sessions: it is no framegate gateway, or its --resume-timeout is 0"
    )]
    NotResumable(Target),
    /// The server greeted a resumable session otherwise than the protocol says, or refused it.
    #[error("{target} did not open a resumable session: {cause}")]
    Greeting {
        /// The target.
        target: Target,
        /// The error in place of a greeting.
        cause: ConnectionError,
    },
    /// The URL of the target is invalid.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The WebSocket handshake failed.
    #[error("the WebSocket handshake with {target} failed: {}", handshake_error_text(.source))]
    Handshake {
        /// The target.
        target: Target,
        /// The handshake's error.
        source: Box<tungstenite::Error>,
    },
}

impl ConnectError {
    /// Returns true if an option is invalid.
    pub(crate) fn is_usage_error(&self) -> bool {
        matches!(
            self,
            Self::Token(_) | Self::Headers(_) | Self::Tls(_) | Self::Target(_)
        )
    }
}

/// Opens connections to a target, whose name is looked up once for all of them.
#[derive(Clone)]
pub(crate) struct Connector {
    target: Target,
    addrs: Vec<SocketAddr>,
    /// The TLS connector and the server name; `None` without TLS.
    tls: Option<(TlsConnector, ServerName<'static>)>,
    /// Further headers of the WebSocket handshake.
    headers: HeaderMap,
    /// The time limit of each step.
    limit: Option<Duration>,
}

impl Connector {
    /// Looks up the target's name, and reads the token and CAs.
    pub(crate) async fn new(target: &Target, args: &ConnectArgs) -> Result<Self, ConnectError> {
        let mut headers: HeaderMap = args
            .authorization()?
            .map(|token| (AUTHORIZATION, token))
            .into_iter()
            .collect();
        args.handshake.add_to(&mut headers, target)?;
        let mut connector = Self {
            target: target.clone(),
            addrs: Vec::new(),
            tls: None,
            headers,
            limit: args.timeout.get(),
        };
        if let Some(endpoint) = target.endpoint() {
            if target.is_tls() {
                let settings = args.tls_settings();
                let name = settings.server_name(&endpoint.host)?;
                connector.tls = Some((settings.connector()?, name));
            }
            let resolver = Resolver::new(endpoint.clone());
            let addrs = connector.with_timeout(resolver.addresses()).await?;
            connector.addrs = addrs.map_err(|source| ConnectError::Lookup {
                host: endpoint.host.clone(),
                source,
            })?;
        }
        Ok(connector)
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// The first of the target's addresses that is not loopback.
    pub(crate) fn non_loopback_addr(&self) -> Option<IpAddr> {
        let mut ips = self.addrs.iter().map(|addr| addr.ip().to_canonical());
        ips.find(|ip| !ip.is_loopback())
    }

    /// Opens a byte stream: a TCP connection, with TLS if the target asks for it, or a Unix
    /// socket.
    pub(crate) async fn connect_stream(&self) -> Result<Stream, ConnectError> {
        self.with_timeout(self.connect_unlimited()).await?
    }

    /// Opens a WebSocket that receives messages of up to `max_len` bytes; `None` is no limit.
    pub(crate) async fn connect_websocket(
        &self,
        max_len: Option<usize>,
    ) -> Result<WebSocketStream<Stream>, ConnectError> {
        let request = self.request(&self.target.to_string())?;
        Ok(self.handshake(request, max_len).await?.0)
    }

    /// Opens a WebSocket for a resumable session, as [`connect_websocket`](Self::connect_websocket)
    /// does; with `query` added to that of the target.
    ///
    /// # Errors
    /// [`ConnectError::NotResumable`] if the server confirms another subprotocol.
    pub(crate) async fn connect_resumable(
        &self,
        query: Option<&str>,
        max_len: Option<usize>,
    ) -> Result<WebSocketStream<Stream>, ConnectError> {
        if !self.target.is_websocket() {
            let (option, target) = ("--resume", self.target.clone());
            return Err(HandshakeError::NoWebSocket { option, target }.into());
        }
        let mut url = self.target.to_string();
        if let Some(query) = query {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(query);
        }
        let mut request = self.request(&url)?;
        let headers = request.headers_mut();
        let own = headers.get(SEC_WEBSOCKET_PROTOCOL);
        // A server without such sessions confirms another offer, so that the error can say so.
        let own = own.map_or(&b"framegate"[..], HeaderValue::as_bytes);
        let offers = [SUBPROTOCOL.as_bytes(), b", ", own].concat();
        let offers = HeaderValue::from_bytes(&offers).expect("valid parts, joined");
        headers.insert(SEC_WEBSOCKET_PROTOCOL, offers);
        let (socket, response) = self.handshake(request, max_len).await?;
        let confirmed = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
        match confirmed.is_some_and(|confirmed| confirmed == SUBPROTOCOL) {
            true => Ok(socket),
            false => Err(ConnectError::NotResumable(self.target.clone())),
        }
    }

    /// Connects, and does the WebSocket handshake.
    async fn handshake(
        &self,
        request: Request,
        max_len: Option<usize>,
    ) -> Result<(WebSocketStream<Stream>, ClientResponse), ConnectError> {
        // tungstenite zeroes the whole buffer before every read.
        const READ_BUFFER_LEN: usize = 4096;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_LEN)
            .max_message_size(max_len)
            .max_frame_size(max_len);
        let stream = self.connect_stream().await?;
        let handshake = client_async_with_config(request, stream, Some(config));
        match self.with_timeout(handshake).await? {
            Ok(opened) => Ok(opened),
            Err(WsError::Http(response)) => Err(ConnectError::Refused {
                target: self.target.clone(),
                response,
            }),
            Err(error) => Err(self.handshake_failed(error)),
        }
    }

    async fn connect_unlimited(&self) -> Result<Stream, ConnectError> {
        let failed = |source| ConnectError::Connect {
            target: self.target.clone(),
            source,
        };
        if let Target::Unix(path) = &self.target {
            return connect_unix(path).await.map_err(failed);
        }
        let stream = match connect_tcp(&self.addrs, self.limit, KeepAlive::default()).await {
            // The time limit ran out. A timeout of the system itself has an OS error code.
            Err(error) if error.kind() == TimedOut && error.raw_os_error().is_none() => {
                return Err(self.timed_out());
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

    fn request(&self, url: &str) -> Result<Request, ConnectError> {
        let request = url.into_client_request();
        let mut request = request.map_err(|error| self.handshake_failed(error))?;
        for name in self.headers.keys() {
            request.headers_mut().remove(name);
        }
        for (name, value) in &self.headers {
            request.headers_mut().append(name, value.clone());
        }
        Ok(request)
    }

    fn handshake_failed(&self, error: WsError) -> ConnectError {
        ConnectError::Handshake {
            target: self.target.clone(),
            source: Box::new(error),
        }
    }

    pub(crate) async fn with_timeout<F: Future>(
        &self,
        future: F,
    ) -> Result<F::Output, ConnectError> {
        timeout_opt(self.limit, future)
            .await
            .ok_or_else(|| self.timed_out())
    }

    fn timed_out(&self) -> ConnectError {
        ConnectError::TimedOut {
            target: self.target.clone(),
            limit: self.limit.unwrap_or_default(),
        }
    }
}

fn settings_advice(error: &TlsSettingsError) -> &'static str {
    match error.fault {
        TlsSettingsFault::NoRoots => "; --fingerprint SHA256 trusts one certificate",
        _ => "",
    }
}

fn handshake_error_text(error: &WsError) -> String {
    match error {
        WsError::Io(error) => io_error_text(error),
        WsError::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => {
            "it selected none of the offered subprotocols".into()
        }
        WsError::AttackAttempt | WsError::Capacity(CapacityError::TooManyHeaders) => {
            "the head of its response is too long".into()
        }
        error => Untrusted::from(error.to_string()).to_string(),
    }
}

/// Returns the message of a certificate error, with the options that would help. It may contain
/// names from the certificate.
fn certificate_text(error: &CertificateError) -> Untrusted<'_> {
    let advice = match error {
        CertificateError::Other(OtherError(other)) if other.is::<FingerprintMismatch>() => "",
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "; --ca FILE trusts a CA, --fingerprint SHA256 this one certificate"
        }
        _ => "; --fingerprint SHA256 trusts it as it is",
    };
    Untrusted::from(certificate_error_text(error) + advice).up_to(MAX_REASON)
}

/// Returns the status, and the body as a line if there is one: servers give their reason there.
fn response_text(response: &Response<Option<Vec<u8>>>) -> String {
    let body = response.body().as_deref().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    let words: Vec<_> = body.split_whitespace().collect();
    let reason = Untrusted::from(words.join(" ")).up_to(MAX_REASON);
    match reason.is_empty() {
        true => response.status().to_string(),
        false => format!("{}: {reason}", response.status()),
    }
}
