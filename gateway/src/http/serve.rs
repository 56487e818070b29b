//! HTTP server of a listener: admission, PROXY protocol, TLS, then requests by the router.

use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use net::error_text::io_error_text;
use net::keepalive::KeepAlive;
use net::peer_addr::PeerAddr;
use net::stream::Stream;
use net::timer::{sleep, timeout};
use tokio_rustls::rustls;
use tower_service::Service;
use tracing::debug;

use crate::access::forwarded::ConnectionInfo;
use crate::http::connection::{self, rest_overdue};
use crate::http::connection_refusal::Refusal;
use crate::http::tls::Tls;
use crate::io::write_timeout::WriteTimeout;
use crate::listener::admission::{LimitReached, Permit};
use crate::listener::eviction::Eviction;
use crate::listener::peer::{Peer, canonical};
use crate::listener::proxy_protocol::ProxyError;
use crate::metrics::RefusalReason;
use crate::refusal::{Refused, RefusedRequest};
use crate::runtime::http_timer::HttpTimer;
use crate::runtime::stop::stopped_and_settled;
use crate::shared::Shared;

/// Maximum size of a request's head, in bytes: a browser's cookies for a host have to fit. A
/// longer head is answered with 431, as is one with more than hyper's 100 headers.
const MAX_HEAD: usize = 32 * 1024;

/// Maximum number of connections over the limit that wait for their request or its answer at a
/// time. Beyond it, the oldest is closed without an answer: a health check is answered at once,
/// and refusing costs little.
const MAX_OVER_LIMIT: usize = 100;

/// Connections of a listener with eviction: monitoring needs a few.
const MAX_EVICTABLE: usize = 100;

/// Time for which bytes of a response may be unacknowledged: a watcher of the live feed that
/// vanished gives its seat back after it.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// HTTP server of a listener, shared by its connections.
#[derive(Debug)]
pub(crate) struct Http {
    router: Router,
    tls: Option<Tls>,
    pub(super) shared: Arc<Shared>,
    /// The connections over the limit.
    over_limit: Eviction,
    /// Set if the oldest connection gives way beyond a limit, instead of refusing the newest.
    eviction: Option<Eviction>,
}

impl Http {
    pub(crate) fn new(router: Router, tls: Option<Tls>, shared: Arc<Shared>) -> Self {
        Self {
            router,
            tls,
            shared,
            over_limit: Eviction::new(MAX_OVER_LIMIT),
            eviction: None,
        }
    }

    /// Lets the oldest connection give way if there are many: each new one is answered.
    pub(crate) fn with_eviction(self) -> Self {
        Self {
            eviction: Some(Eviction::new(MAX_EVICTABLE)),
            ..self
        }
    }

    /// Serves a connection, unless it has to give way.
    pub(crate) async fn serve(self: Arc<Self>, stream: Stream, addr: PeerAddr) {
        let Some(eviction) = &self.eviction else {
            return self.serve_connection(stream, addr).await;
        };
        let place = eviction.admit();
        tokio::select! {
            // Boxed: the size would otherwise be part of every connection's task.
            () = Box::pin(self.serve_connection(stream, addr)) => {}
            () = place.evicted.cancelled() => {}
        }
    }

    /// Serves a connection until the client leaves, or a stop finds no request in progress.
    async fn serve_connection(&self, stream: Stream, addr: PeerAddr) {
        if let Some(socket) = stream.tcp() {
            // Fails if the client is gone, which serving it notices too.
            let _ = self.keep_alive().set(socket);
        }
        // Boxed, here and below: the size would otherwise be part of every connection's task.
        let accepting = Box::pin(self.accept(stream, addr));
        let permit = match self.shared.admit(addr.host()) {
            Ok(permit) => permit,
            Err(limit) => return Box::pin(self.refuse_over(limit, addr, accepting)).await,
        };
        let Some((stream, connection)) = accepting.await else {
            return;
        };
        match permit.assign_to(connection.peer.client().host()) {
            Err(limit) => {
                let accepted = ready(Some((stream, connection)));
                Box::pin(self.refuse_over(limit, addr, accepted)).await;
            }
            Ok(_) if self.lacks_tls(&stream) => {
                let is_answered = AtomicBool::default();
                let refusal = Refusal::HttpsRequired;
                Box::pin(self.refuse(stream, connection, refusal, &is_answered)).await;
            }
            Ok(permit) => self.answer(stream, connection, Arc::new(permit)).await,
        }
    }

    /// Accepts and refuses a connection that is over `limit`, unless it has to give way.
    async fn refuse_over(
        &self,
        limit: LimitReached,
        addr: PeerAddr,
        accepting: impl Future<Output = Option<(Stream, ConnectionInfo)>>,
    ) {
        let place = self.over_limit.admit();
        let is_answered = AtomicBool::default();
        let refusing = async {
            let (stream, connection) = accepting.await?;
            let refusal = match self.lacks_tls(&stream) {
                true => Refusal::HttpsRequired,
                false => Refusal::Limit(limit),
            };
            self.refuse(stream, connection, refusal, &is_answered).await;
            Some(())
        };
        tokio::select! {
            _ = refusing => {}
            () = place.evicted.cancelled() => if !is_answered.load(Relaxed) {
                let connection = RefusedRequest::of_connection(addr);
                Refusal::Limit(limit).report(&self.shared.refusals, &connection);
            }
        }
    }

    /// Returns true if `stream` has no TLS, and TLS is on.
    fn lacks_tls(&self, stream: &Stream) -> bool {
        self.tls.is_some() && !matches!(stream, Stream::TlsServer(_))
    }

    /// Reads the PROXY header and does the TLS handshake; `None` if the connection is closed
    /// without an answer.
    async fn accept(&self, mut stream: Stream, addr: PeerAddr) -> Option<(Stream, ConnectionInfo)> {
        let identified = tokio::select! {
            identified = self.identify(&mut stream, addr) => identified,
            () = stopped_and_settled(&self.shared.stop) => return None,
        };
        let log_error = |error: ProxyError| error.report(addr, &self.shared.refusals);
        let peer = identified.map_err(log_error).ok()?;
        let local = stream.tcp().and_then(|it| it.local_addr().ok());
        let encrypted = tokio::select! {
            encrypted = self.tls_handshake(stream) => encrypted,
            () = stopped_and_settled(&self.shared.stop) => return None,
        };
        let log_failure = |error: io::Error| self.report_tls(&error, addr);
        let stream = encrypted.map_err(log_failure).ok()?;
        let tls = matches!(stream, Stream::TlsServer(_));
        let connection = ConnectionInfo {
            peer,
            local: local.map(canonical),
            tls: tls || peer.proxied.is_some_and(|it| it.tls),
        };
        Some((stream, connection))
    }

    /// Reads the PROXY header, if the peer has to send one.
    async fn identify(&self, stream: &mut Stream, addr: PeerAddr) -> Result<Peer, ProxyError> {
        match &self.shared.proxy_policy {
            Some(policy) => policy.identify(stream, addr).await,
            None => Ok(Peer::direct(addr)),
        }
    }

    /// Logs and counts a failed TLS handshake; of a peer that has left, as after a check of the
    /// port, at the debug level alone.
    fn report_tls(&self, error: &io::Error, peer: PeerAddr) {
        let text = format!("the TLS handshake failed: {}", io_error_text(error));
        let of_tls = error
            .get_ref()
            .and_then(|it| it.downcast_ref::<rustls::Error>());
        if of_tls.is_none() && error.kind() != io::ErrorKind::TimedOut {
            return debug!(%peer, "refused a connection: {text}");
        }
        let refused = Refused::new(RefusalReason::Tls, &text);
        let request = RefusedRequest::of_connection(peer);
        self.shared.refusals.refused(&refused, &request);
    }

    /// Does the TLS handshake, if TLS is on.
    async fn tls_handshake(&self, stream: Stream) -> io::Result<Stream> {
        match (&self.tls, stream) {
            (Some(tls), Stream::Tcp(stream)) => {
                timeout(self.shared.limits.header_timeout, tls.accept(stream)).await?
            }
            (_, stream) => Ok(stream),
        }
    }

    /// Serves requests by the router. Each carries `permit`, for the session that it may become.
    async fn answer(&self, stream: Stream, connection: ConnectionInfo, permit: Arc<Permit>) {
        let service = service_fn(move |request| self.route(request, connection, permit.clone()));
        let io = TokioIo::new(self.with_write_timeout(stream));
        let serving = self.http1().serve_connection(io, service).with_upgrades();
        connection::run(serving, &self.shared, connection.peer.addr).await;
    }

    /// Answers a request on `connection`, which has the place `permit`.
    pub(super) fn route(
        &self,
        mut request: hyper::Request<Incoming>,
        connection: ConnectionInfo,
        permit: Arc<Permit>,
    ) -> impl Future<Output = Result<Response, Infallible>> {
        request.extensions_mut().insert(connection);
        request.extensions_mut().insert(permit);
        self.respond(request.map(Body::new))
    }

    /// Answers a request by the router. A body has to arrive within the header timeout, and soon
    /// after a stop: a handler that needs none answers at once.
    async fn respond(&self, request: Request) -> Result<Response, Infallible> {
        if request.body().is_end_stream() {
            return self.router.clone().call(request).await;
        }
        let (connection, method, path) = (
            request.extensions().get::<ConnectionInfo>().copied(),
            request.method().clone(),
            request.uri().path().to_owned(),
        );
        // Boxed: few requests have a body.
        let overdue = Box::pin(async {
            tokio::select! {
                () = sleep(self.shared.limits.header_timeout) => Refusal::SlowBody,
                () = rest_overdue(&self.shared.stop) => Refusal::Stopping,
            }
        });
        let refusal = tokio::select! {
            response = self.router.clone().call(request) => return response,
            refusal = overdue => refusal,
        };
        let refused_request = RefusedRequest {
            peer: connection.map(|it| it.peer.addr),
            method: Some(method.as_str().into()),
            path: Some(path.into()),
            ..RefusedRequest::default()
        };
        refusal.report(&self.shared.refusals, &refused_request);
        Ok(refusal.into_response())
    }

    /// Socket options of a connection that is no session.
    fn keep_alive(&self) -> KeepAlive {
        KeepAlive {
            user_timeout: Some(UNACKNOWLEDGED),
            ..self.shared.limits.keep_alive()
        }
    }

    /// Adds the write timeout: a response that the client does not read is given up.
    pub(super) fn with_write_timeout(&self, stream: Stream) -> WriteTimeout<Stream> {
        WriteTimeout::new(stream, self.shared.limits.idle_timeout)
    }

    pub(super) fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder
            .timer(HttpTimer)
            .header_read_timeout(self.shared.limits.header_timeout)
            // A client that has closed its sending side still gets its response.
            .half_close(true)
            .max_header_size(MAX_HEAD);
        builder
    }
}
