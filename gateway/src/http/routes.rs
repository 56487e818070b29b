//! Routes of the HTTP listener and of the admin listener, and their access checks.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use tokio_util::sync::CancellationToken;

use crate::access::Denial;
use crate::access::forwarded::RequestInfo;
use crate::access::login::Login;
use crate::access::login_routes::{self, require_token};
use crate::bridge::opening::Bridge;
use crate::bridge::upgrade::upgrade;
use crate::http::info::{self, Info};
use crate::http::live_feed::{self, FeedService};
use crate::http::{assets, metrics, refusals, security_headers};
use crate::shared::Shared;

/// Maximum size of a request's body, in bytes: only the login's form has one.
const MAX_BODY: usize = 16 * 1024;

/// Paths of the health checks.
const LIVENESS: &str = "/healthz";
const READINESS: &str = "/readyz";

/// Routers of the HTTP listener and the admin listener.
pub(crate) struct Routers {
    pub(crate) http: Router,
    pub(crate) admin: Router,
}

/// Builds the routers. With an admin listener, only that one serves metrics and health.
pub(crate) fn routers(
    bridge: Bridge,
    info: Info,
    login: Option<Login>,
    has_admin: bool,
) -> Routers {
    let shared = bridge.shared.clone();
    let monitoring = Router::new()
        .route("/metrics", get(metrics::handle))
        .with_state::<()>(shared.metrics.clone());
    let health = health(shared.stop.clone());
    let service = service(info, bridge);
    let (http, admin) = match has_admin {
        true => (protect(login, service), monitoring),
        false => (protect(login, service.merge(monitoring)), Router::new()),
    };
    let (http_health, admin_health) = match has_admin {
        true => (Router::new(), health),
        false => (health, Router::new()),
    };
    let http_not_found = "not found: the page is at /, the bridge at /ws\n";
    let admin_not_found = "not found: there are /healthz, /readyz and /metrics\n";
    let http = http.merge(assets::client_router());
    Routers {
        http: listener(http, http_health, http_not_found, shared.clone()),
        admin: listener(admin, admin_health, admin_not_found, shared),
    }
}

/// Routes of the page, its API, and the bridge.
fn service(info: Info, bridge: Bridge) -> Router {
    let shared = bridge.shared.clone();
    let live_feed = shared.observers.live_feed.clone();
    let tasks = bridge.tasks.clone();
    let live_feed = live_feed.map_or_else(Router::new, |live_feed| {
        Router::new()
            .route("/api/monitor", get(live_feed::handle))
            .with_state(FeedService {
                live_feed,
                shared,
                tasks,
            })
    });
    Router::new()
        .route("/api/info", get(info::handle))
        .with_state(Arc::new(info))
        .route("/ws", any(upgrade))
        .route("/ws/{name}", any(upgrade))
        .with_state(bridge)
        .merge(live_feed)
        .merge(assets::router())
}

/// Health routes: liveness and readiness, for load balancers.
fn health(stop: CancellationToken) -> Router {
    let readiness = move || async move { ready(&stop) };
    Router::new()
        .route(LIVENESS, get("ok\n"))
        .route(READINESS, get(readiness))
}

/// Returns true for the paths of health checks. They are answered whatever the connection limits:
/// a gateway that is full is alive, and a restart would end all of its sessions.
pub(super) fn is_health(path: &str) -> bool {
    [LIVENESS, READINESS].contains(&path)
}

/// Requires a token for `routes`, if there is a login.
fn protect(login: Option<Login>, routes: Router) -> Router {
    let Some(login) = login else {
        return routes;
    };
    routes
        .route_layer(from_fn_with_state(login.clone(), require_token))
        .merge(login_routes::router(login))
}

/// Finishes a listener's router: adds the Host check, the reports of refusals and the security
/// headers, and answers unknown paths with `not_found`.
///
/// Health is answered whatever the Host, because load balancers send their own or none.
fn listener(
    routes: Router,
    health: Router,
    not_found: &'static str,
    shared: Arc<Shared>,
) -> Router {
    routes
        .fallback(move || async move { (StatusCode::NOT_FOUND, not_found) })
        .layer(from_fn_with_state(shared.clone(), check_host))
        .merge(health)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(shared, refusals::report))
        .layer(map_response(security_headers::add))
}

/// Checks the host against the allow-list.
async fn check_host(
    State(shared): State<Arc<Shared>>,
    Extension(request_info): Extension<RequestInfo>,
    request: Request,
    next: Next,
) -> Result<Response, Denial> {
    shared.access.check_host(&request_info)?;
    Ok(next.run(request).await)
}

/// Readiness: 200, or 503 once the gateway drains.
fn ready(stop: &CancellationToken) -> impl IntoResponse + use<> {
    match stop.is_cancelled() {
        false => (StatusCode::OK, "ready\n"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
    }
}
