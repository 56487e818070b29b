//! The HTTP listener: its routes, and how its connections are served.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower_service::Service;
use tracing::debug;

use crate::access::{Access, Denial};
use crate::admission::{Full, Permit};
use crate::bridge::{self, Bridge};
use crate::info::{self, Info};
use crate::metrics::{self, Limit, Metrics};
use crate::{Limits, headers, page};

/// The most that a request's head may be, in bytes. Browsers' cookies for a host are what
/// needs room; a longer head is answered by 431.
const MAX_HEAD: usize = 32 * 1024;

/// All routes, for requests that name a host which the gateway is known by.
pub(crate) fn router(info: Info, bridge: Bridge) -> Router {
    let access = bridge.access.clone();
    let stop = bridge.stop.clone();
    let metrics = bridge.metrics.clone();
    let readiness = move || async move { ready(&stop) };
    Router::new()
        .route("/healthz", get("ok\n"))
        .route("/readyz", get(readiness))
        .route("/api/info", get(info::show))
        .with_state(Arc::new(info))
        .route("/metrics", get(metrics::show))
        .with_state(metrics.clone())
        .route("/ws", any(bridge::upgrade))
        .with_state(bridge)
        .merge(page::router())
        .fallback(not_found)
        .layer(from_fn_with_state((access, metrics), check_host))
        .layer(map_response(headers::secure))
}

async fn check_host(
    State((access, metrics)): State<(Arc<Access>, Metrics)>,
    request: Request,
    next: Next,
) -> Result<Response, Denial> {
    let known = access.check_host(request.uri(), request.headers());
    known.inspect_err(|_| metrics.refused(Limit::Host))?;
    Ok(next.run(request).await)
}

/// Whether more work is welcome: a load balancer asks.
fn ready(stop: &CancellationToken) -> impl IntoResponse + use<> {
    match stop.is_cancelled() {
        false => (StatusCode::OK, "ready\n"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
    }
}

async fn not_found() -> impl IntoResponse {
    (
        StatusCode::NOT_FOUND,
        "not found: the page is at /, the bridge at /ws\n",
    )
}

/// A client's connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
}

impl Client {
    /// Answers requests by `router`, until the client leaves or `stop` finds it without
    /// one. `permit` goes along with each, for the session that it may become.
    pub(crate) async fn serve(
        self,
        router: Router,
        permit: Arc<Permit>,
        limits: &Limits,
        stop: CancellationToken,
    ) {
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            let extensions = request.extensions_mut();
            extensions.insert(ConnectInfo(self.peer));
            extensions.insert(permit.clone());
            router.clone().call(request.map(Body::new))
        });
        let connection = http1(limits)
            .serve_connection(TokioIo::new(self.stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served {
            debug!(peer = %self.peer, %error, "HTTP connection failed");
        }
    }

    /// Answers one request by why there is no room for it.
    pub(crate) async fn refuse(self, full: Full, limits: &Limits) {
        let service = service_fn(move |_: hyper::Request<Incoming>| async move {
            let after = [(RETRY_AFTER, RETRY_SECONDS)];
            let answer = (StatusCode::SERVICE_UNAVAILABLE, after, format!("{full}\n"));
            Ok::<_, Infallible>(answer.into_response())
        });
        let served = http1(limits)
            .keep_alive(false)
            .serve_connection(TokioIo::new(self.stream), service)
            .await;
        debug!(peer = %self.peer, ?served, "refused: {full}");
    }
}

/// When a client that was refused may come again: sessions are minutes long.
const RETRY_SECONDS: &str = "10";

fn http1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(MAX_HEAD);
    builder
}
