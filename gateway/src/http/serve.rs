//! Serving the connections of an HTTP listener.

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

/// The most that a request's head may be, in bytes. Browsers' cookies for a host are what
/// needs room; a longer head is answered by 431.
const MAX_HEAD: usize = 32 * 1024;

/// How many connections past the limit are told so at once. The others are closed without
/// a word: they may not cost what the limit is there to save.
const REFUSALS: usize = 100;

/// When a client that was refused may come again: sessions are minutes long.
const RETRY_SECONDS: &str = "10";

/// The service of an HTTP listener, the same for all of its connections.
#[derive(Debug)]
pub(crate) struct Http {
    router: Router,
    tls: Option<Tls>,
    shared: Arc<Shared>,
    refusals: Arc<Semaphore>,
}

/// A connection whose requests are to be answered, or refused.
struct Begun {
    stream: Stream,
    connection: ConnectionInfo,
    permit: Result<Permit, LimitReached>,
    /// Among the few that are told why they are refused.
    _place: Option<OwnedSemaphorePermit>,
}

impl Http {
    pub(crate) fn new(router: Router, tls: Option<Tls>, shared: Arc<Shared>) -> Self {
        Self {
            router,
            tls,
            shared,
            refusals: Arc::new(Semaphore::new(REFUSALS)),
        }
    }

    /// Answers requests, until the client leaves or the stop finds it without one.
    pub(crate) async fn serve(self: Arc<Self>, stream: TcpStream, addr: SocketAddr) {
        // Apart here and below, because all connections would have room for what few need.
        let Some(begun) = Box::pin(self.begin(stream, addr)).await else {
            return;
        };
        let Begun {
            stream,
            connection,
            permit,
            _place,
        } = begun;
        let served = match permit {
            _ if self.tls.is_some() && matches!(stream, Stream::Tcp(_)) => {
                Box::pin(self.refuse(stream, in_the_clear)).await
            }
            Err(full) => Box::pin(self.refuse(stream, move || no_room(full))).await,
            Ok(permit) => self.answer(stream, connection, Arc::new(permit)).await,
        };
        if let Err(error) = served {
            debug!(peer = %addr, %error, "HTTP connection failed");
        }
    }

    /// Finds out for whom a connection is, and encrypts it; `None` if it is not to be
    /// answered.
    async fn begin(&self, mut stream: TcpStream, addr: SocketAddr) -> Option<Begun> {
        let permit = self.shared.admit(addr.ip());
        let place = match &permit {
            Ok(_) => None,
            Err(_) => Some(self.refusals.clone().try_acquire_owned().ok()?),
        };
        let identified = tokio::select! {
            identified = self.identify(&mut stream, addr) => identified,
            () = stopped_and_settled(&self.shared.stop) => return None,
        };
        let told = |error: ProxyError| error.log(addr, &self.shared.metrics);
        let peer = identified.map_err(told).ok()?;
        let local = stream.local_addr().ok();
        let accepted = tokio::select! {
            accepted = self.accept(stream) => accepted,
            () = stopped_and_settled(&self.shared.stop) => return None,
        };
        let failed =
            |error| debug!(peer = %addr, error = io_error_text(&error), "HTTP connection failed");
        let stream = accepted.map_err(failed).ok()?;
        let tls = matches!(stream, Stream::Tls(_));
        Some(Begun {
            stream,
            connection: ConnectionInfo {
                peer,
                local,
                tls: tls || peer.proxied.is_some_and(|it| it.tls),
            },
            permit: permit.and_then(|permit| permit.assign_to(peer.client().ip())),
            _place: place,
        })
    }

    async fn identify(&self, stream: &mut TcpStream, addr: SocketAddr) -> Result<Peer, ProxyError> {
        match &self.shared.proxy_policy {
            Some(policy) => policy.identify(stream, addr).await,
            None => Ok(Peer::direct(addr)),
        }
    }

    /// Shakes hands, if there is TLS.
    async fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        let Some(tls) = &self.tls else {
            return Ok(Stream::Tcp(stream));
        };
        timeout(self.shared.limits.header_timeout, tls.accept(stream)).await?
    }

    /// Answers by the router. `permit` goes along with each request, for the session that
    /// it may become.
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
            .serve_connection(TokioIo::new(self.limit(stream)), service)
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

    /// Answers one request by `refusal`.
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
            .serve_connection(TokioIo::new(self.limit(stream)), service)
            .await?)
    }

    /// An answer that is not taken is given up.
    fn limit(&self, stream: Stream) -> WriteTimeout<Stream> {
        WriteTimeout::new(stream, self.shared.limits.idle_timeout)
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder
            .timer(HttpTimer)
            .header_read_timeout(self.shared.limits.header_timeout)
            // A client that has sent its last request is still owed the answer.
            .half_close(true)
            .max_buf_size(MAX_HEAD);
        builder
    }
}

type ServeError = Box<dyn std::error::Error + Send + Sync>;

fn no_room(full: LimitReached) -> Response {
    let after = [(RETRY_AFTER, RETRY_SECONDS)];
    (StatusCode::SERVICE_UNAVAILABLE, after, format!("{full}\n")).into_response()
}

fn in_the_clear() -> Response {
    let text = "this address speaks HTTPS: begin the URL with https:// or wss://\n";
    (StatusCode::BAD_REQUEST, text).into_response()
}
