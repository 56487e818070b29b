//! Which paths there are, on which listener, and what a request needs to reach them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use tokio_util::sync::CancellationToken;

use crate::access::forwarded::{Connection, RequestInfo};
use crate::access::login;
use crate::access::login::Login;
use crate::access::{Access, Denial};
use crate::bridge;
use crate::bridge::Bridge;
use crate::http::info;
use crate::http::info::Info;
use crate::http::live_feed;
use crate::http::live_feed::Watching;
use crate::http::{assets, security_headers};
use crate::metrics;
use crate::metrics::{Limit, Metrics};

/// What clients come for.
pub(crate) fn service(info: Info, bridge: Bridge) -> Router {
    let watching = bridge.observers.monitor.clone().map(|monitor| Watching {
        monitor,
        access: bridge.access.clone(),
        metrics: bridge.metrics.clone(),
        stop: bridge.stop.clone(),
    });
    let monitor = watching.map_or_else(Router::new, |watching| {
        Router::new()
            .route("/api/monitor", get(live_feed::show))
            .with_state(watching)
    });
    Router::new()
        .route("/api/info", get(info::show))
        .with_state(Arc::new(info))
        .route("/ws", any(bridge::upgrade))
        .route("/ws/{name}", any(bridge::upgrade))
        .with_state(bridge)
        .merge(monitor)
        .merge(assets::router())
}

/// What monitoring comes for.
pub(crate) fn metrics(metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(metrics::show))
        .with_state(metrics)
}

/// What load balancers come for.
pub(crate) fn health(stop: CancellationToken) -> Router {
    let readiness = move || async move { ready(&stop) };
    Router::new()
        .route("/healthz", get("ok\n"))
        .route("/readyz", get(readiness))
}

/// Puts `routes` behind a login, if there is one.
pub(crate) fn behind(login: Option<Login>, routes: Router) -> Router {
    let Some(login) = login else {
        return routes;
    };
    routes
        .route_layer(from_fn_with_state(login.clone(), login::require))
        .route("/login", login::route(login))
}

/// All of a listener's `routes`, for requests that name a host which the gateway is known
/// by; anything else is answered by `not_found`.
pub(crate) fn listener(
    routes: Router,
    not_found: &'static str,
    access: Arc<Access>,
    metrics: Metrics,
) -> Router {
    routes
        .fallback(move || async move { (StatusCode::NOT_FOUND, not_found) })
        .layer(from_fn_with_state((access, metrics), arrive))
        .layer(map_response(security_headers::secure))
}

/// Finds out how a request came, for all that ask, and whether for a known host.
async fn arrive(
    State((access, metrics)): State<(Arc<Access>, Metrics)>,
    Extension(connection): Extension<Connection>,
    mut request: Request,
    next: Next,
) -> Result<Response, Denial> {
    let arrival = RequestInfo::new(
        connection,
        request.uri(),
        request.headers(),
        &access.trusted_proxies,
    );
    let known = access.check_host(&arrival);
    known.inspect_err(|_| metrics.refused(Limit::Host))?;
    request.extensions_mut().insert(arrival);
    Ok(next.run(request).await)
}

/// Whether more work is welcome.
fn ready(stop: &CancellationToken) -> impl IntoResponse + use<> {
    match stop.is_cancelled() {
        false => (StatusCode::OK, "ready\n"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
    }
}
