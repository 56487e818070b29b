//! The HTTP listener: its routes, and how its connections are served.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{any, get};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower_service::Service;
use tracing::debug;

use crate::bridge::{self, Bridge};
use crate::info::{self, Info};
use crate::{Limits, page};

/// All routes.
pub(crate) fn router(info: Info, bridge: Bridge) -> Router {
    Router::new()
        .route("/api/info", get(info::show))
        .with_state(Arc::new(info))
        .route("/ws", any(bridge::upgrade))
        .with_state(bridge)
        .merge(page::router())
        .fallback(not_found)
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
