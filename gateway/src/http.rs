//! The HTTP listener: the page, what the page has to know, and the way into sessions.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::{any, get};
use axum::{Json, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use protocol::Framing;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;
use tracing::debug;

use crate::{Endpoint, Limits, page, ws};

/// What every request may need, shared by all.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    pub(crate) info: Arc<Info>,
    pub(crate) upstream: Arc<Endpoint>,
    pub(crate) framing: Framing,
    pub(crate) limits: Limits,
    /// Where sessions run, so that a drain can wait for them.
    pub(crate) tasks: TaskTracker,
    /// Set when the gateway stops.
    pub(crate) stop: CancellationToken,
}

/// What the page has to know: the body of `GET /api/info`.
#[derive(Debug, Serialize)]
pub(crate) struct Info {
    pub(crate) version: &'static str,
    /// Where TCP clients reach the echo service, if it is on.
    pub(crate) tcp: Option<String>,
    pub(crate) upstreams: Vec<UpstreamInfo>,
}

/// One upstream that the page can choose.
#[derive(Debug, Serialize)]
pub(crate) struct UpstreamInfo {
    pub(crate) name: String,
    /// Where its bridge is, relative to the page.
    pub(crate) path: &'static str,
    pub(crate) framing: &'static str,
    /// The longest payload that it takes, in bytes.
    pub(crate) max_frame: usize,
}

/// All routes.
pub(crate) fn router(gateway: Gateway) -> Router {
    Router::new()
        .route("/ws", any(ws::upgrade))
        .route("/api/info", get(info))
        .merge(page::router())
        .fallback(not_found)
        .with_state(gateway)
}

async fn info(State(gateway): State<Gateway>) -> impl IntoResponse {
    let body = serde_json::to_value(&*gateway.info).unwrap_or_default();
    ([(CACHE_CONTROL, "no-cache")], Json(body))
}

async fn not_found() -> impl IntoResponse {
    (
        StatusCode::NOT_FOUND,
        "not found: the page is at /, the bridge at /ws\n",
    )
}

/// Serves one connection, until it ends or `stop` finds it without a request.
pub(crate) async fn serve(
    router: Router,
    stream: TcpStream,
    peer: SocketAddr,
    limits: Limits,
    stop: CancellationToken,
) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request.map(axum::body::Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        debug!(%peer, %error, "HTTP connection failed");
    }
}
