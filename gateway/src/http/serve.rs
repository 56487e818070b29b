//! HTTP server of a listener: admission, PROXY protocol, TLS, then requests by the router.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use net::error_text::io_error_text;
use net::stream::Stream;
use net::timer::timeout;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_service::Service;
use tracing::debug;

use crate::access::forwarded::ConnectionInfo;
use crate::http::tls::Tls;
use crate::io::write_timeout::WriteTimeout;
use crate::listener::admission::{LimitReached, Permit};
use crate::listener::peer::Peer;
use crate::listener::proxy_protocol::ProxyError;
use crate::runtime::http_timer::HttpTimer;
use crate::runtime::stop::stopped_and_settled;
use crate::shared::Shared;

/// Maximum size of a request's head, in bytes: a browser's cookies for a host have to fit. A
/// longer head is answered with 431.
const MAX_HEAD: usize = 32 * 1024;

/// Maximum number of connections over the limit that are answered with 503 at a time. Others are
/// closed without an answer, so that refusing costs little.
const MAX_REFUSALS: usize = 100;

/// `Retry-After` of a refused connection, in seconds: sessions last minutes.
const RETRY_SECONDS: &str = "10";

/// HTTP server of a listener, shared by its connections.
#[derive(Debug)]
pub(crate) struct Http {
    router: Router,
    tls: Option<Tls>,
    shared: Arc<Shared>,
    refusals: Arc<Semaphore>,
}

/// An accepted connection, past the PROXY protocol and TLS, with its permit or refusal.
struct Accepted {
    stream: Stream,
    connection: ConnectionInfo,
    permit: Result<Permit, LimitReached>,
    /// One of [`MAX_REFUSALS`], held until a refused connection closes.
    _refusal_permit: Option<OwnedSemaphorePermit>,
}

impl Http {
    pub(crate) fn new(router: Router, tls: Option<Tls>, shared: Arc<Shared>) -> Self {
        Self {
            router,
            tls,
            shared,
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
        }
    }

    /// Serves a connection until the client leaves, or a stop finds no request in progress.
    pub(crate) async fn serve(self: Arc<Self>, stream: TcpStream, addr: SocketAddr) {
        // Boxed, here and below: the size would otherwise be part of every connection's task.
        let Some(accepted) = Box::pin(self.accept(stream, addr)).await else {
            return;
        };
        let Accepted {
            stream,
            connection,
            permit,
            _refusal_permit,
        } = accepted;
        let served = match permit {
            _ if self.tls.is_some() && matches!(stream, Stream::Tcp(_)) => {
                Box::pin(self.refuse(stream, https_required)).await
            }
            Err(limit) => Box::pin(self.refuse(stream, move || limit_reached(limit))).await,
            Ok(permit) => self.answer(stream, connection, Arc::new(permit)).await,
        };
        if let Err(error) = served {
            debug!(peer = %addr, %error, "HTTP connection failed");
        }
    }

    /// Takes a permit, reads the PROXY header and does the TLS handshake; `None` if the
    /// connection is closed without an answer.
    async fn accept(&self, mut stream: TcpStream, addr: SocketAddr) -> Option<Accepted> {
        // Fails if the client is gone, which serving it notices too.
        let _ = self.shared.limits.keep_alive().set(&stream);
        let permit = self.shared.admit(addr.ip());
        let refusal_permit = match &permit {
            Ok(_) => None,
            Err(_) => Some(self.refusals.clone().try_acquire_owned().ok()?),
        };
        let identified = tokio::select! {
            identified = self.identify(&mut stream, addr) => identified,
            () = stopped_and_settled(&self.shared.stop) => return None,
        };
        let log_error = |error: ProxyError| error.log(addr, &self.shared.metrics);
        let peer = identified.map_err(log_error).ok()?;
        let local = stream.local_addr().ok();
        let encrypted = tokio::select! {
            encrypted = self.tls_handshake(stream) => encrypted,
            () = stopped_and_settled(&self.shared.stop) => return None,
        };
        let log_failure =
            |error| debug!(peer = %addr, error = io_error_text(&error), "HTTP connection failed");
        let stream = encrypted.map_err(log_failure).ok()?;
        let tls = matches!(stream, Stream::Tls(_));
        Some(Accepted {
            stream,
            connection: ConnectionInfo {
                peer,
                local,
                tls: tls || peer.proxied.is_some_and(|it| it.tls),
            },
            permit: permit.and_then(|permit| permit.assign_to(peer.client().ip())),
            _refusal_permit: refusal_permit,
        })
    }

    /// Reads the PROXY header, if the peer has to send one.
    async fn identify(&self, stream: &mut TcpStream, addr: SocketAddr) -> Result<Peer, ProxyError> {
        match &self.shared.proxy_policy {
            Some(policy) => policy.identify(stream, addr).await,
            None => Ok(Peer::direct(addr)),
        }
    }

    /// Does the TLS handshake, if TLS is on.
    async fn tls_handshake(&self, stream: TcpStream) -> io::Result<Stream> {
        let Some(tls) = &self.tls else {
            return Ok(Stream::Tcp(stream));
        };
        timeout(self.shared.limits.header_timeout, tls.accept(stream)).await?
    }

    /// Serves requests by the router. Each carries `permit`, for the session that it may become.
    async fn answer(
        &self,
        stream: Stream,
        connection: ConnectionInfo,
        permit: Arc<Permit>,
    ) -> Result<(), ServeError> {
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(connection);
            request.extensions_mut().insert(permit.clone());
            self.router.clone().call(request.map(Body::new))
        });
        let connection = self
            .http1()
            .serve_connection(TokioIo::new(self.with_write_timeout(stream)), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        tokio::select! {
            served = connection.as_mut() => Ok(served?),
            () = stopped_and_settled(&self.shared.stop) => {
                connection.as_mut().graceful_shutdown();
                Ok(connection.await?)
            }
        }
    }

    /// Answers one request with `refusal`.
    async fn refuse(
        &self,
        stream: Stream,
        refusal: impl Fn() -> Response,
    ) -> Result<(), ServeError> {
        let service = service_fn(|_: hyper::Request<Incoming>| {
            let refusal = refusal();
            async { Ok::<_, Infallible>(refusal) }
        });
        Ok(self
            .http1()
            .keep_alive(false)
            .serve_connection(TokioIo::new(self.with_write_timeout(stream)), service)
            .await?)
    }

    /// Adds the write timeout: a response that the client does not read is given up.
    fn with_write_timeout(&self, stream: Stream) -> WriteTimeout<Stream> {
        WriteTimeout::new(stream, self.shared.limits.idle_timeout)
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder
            .timer(HttpTimer)
            .header_read_timeout(self.shared.limits.header_timeout)
            // A client that has closed its sending side still gets its response.
            .half_close(true)
            .max_buf_size(MAX_HEAD);
        builder
    }
}

type ServeError = Box<dyn std::error::Error + Send + Sync>;

fn limit_reached(limit: LimitReached) -> Response {
    let retry_after = [(RETRY_AFTER, RETRY_SECONDS)];
    (
        StatusCode::SERVICE_UNAVAILABLE,
        retry_after,
        format!("{limit}\n"),
    )
        .into_response()
}

fn https_required() -> Response {
    let text = "this address requires HTTPS: begin the URL with https:// or wss://\n";
    (StatusCode::BAD_REQUEST, text).into_response()
}
