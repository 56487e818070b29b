//! `GET /ws` and `GET /ws/NAME`: answers the handshake, and starts the session or resumes it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};

use crate::access::forwarded::RequestInfo;
use crate::bridge::extensions::Deflate;
use crate::bridge::handshake::{self, Refusal};
use crate::bridge::opening::{AcceptedHandshake, Bridge, OpenedSession};
use crate::bridge::resuming::ReturningClient;
use crate::bridge::session_log::SessionLabels;
use crate::bridge::subprotocol::Subprotocol;
use crate::listener::admission::Permit;
use crate::logging::task_span;
use crate::resume::request::ResumeRequest;
use crate::upstream::compression::Compression;

/// Answers the handshake, and starts the session with the upstream that the path names, or resumes
/// the one that the query names.
pub(crate) async fn upgrade(
    State(bridge): State<Bridge>,
    Extension(request_info): Extension<RequestInfo>,
    Extension(permit): Extension<Arc<Permit>>,
    name: Option<Path<String>>,
    mut request: Request,
) -> Result<Response, Refusal> {
    let shared = &bridge.shared;
    shared
        .access
        .check_origin(&request_info, request.headers())?;
    let mut response = handshake::accept(request.method(), request.headers())?;
    let upgraded = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or(Refusal::NotUpgradable)?;

    let upstream = bridge.choose(name.map(|Path(name)| name));
    let (known, has_resumable) = (upstream.as_deref().ok(), shared.resumable.is_some());
    let subprotocol = Subprotocol::choose(request.headers(), known, has_resumable);
    response.confirm(&subprotocol);
    let compression = known.map_or(Compression::Off, |it| it.compression);
    let deflate = Deflate::choose(request.headers(), compression);
    response.extend(deflate);
    let query = request.uri().query().filter(|_| subprotocol.is_resumable());
    if let (Ok(upstream), Some(query)) = (&upstream, query)
        && let Some(request) = ResumeRequest::parse(query)
    {
        let returning = ReturningClient {
            request,
            upstream: upstream.clone(),
            peer: request_info.connection.peer.addr,
            client: request_info.forwarded_client(),
            permit,
            deflate,
        };
        let tasks = bridge.tasks.clone();
        tasks.spawn(bridge.resume(upgraded, returning));
        return Ok(response.into_response());
    }
    permit.check_new_session()?;
    let client = shared.observers.client(|| request_info.client_name());
    let accepted = AcceptedHandshake {
        labels: SessionLabels {
            id: client.id,
            peer: request_info.connection.peer.addr,
            client: request_info.forwarded_client(),
            upstream: upstream.as_ref().ok().cloned(),
        },
        upstream,
        subprotocol,
        deflate,
        client,
        addrs: request_info.addrs(),
        permit,
    };
    let tasks = bridge.tasks.clone();
    let span = task_span(|| accepted.labels.span());
    // Boxed: the task would otherwise keep the size of its opening as long as it lives.
    let opening = Box::pin(bridge.open(upgraded, accepted));
    tasks.spawn(run(opening, tasks.clone()).instrument(span));
    Ok(response.into_response())
}

/// Runs the session that `opening` leads to, if any. A resumable one gets a task of its own: this
/// one has room for a plain session.
async fn run(opening: impl Future<Output = Option<OpenedSession>> + Unpin, tasks: TaskTracker) {
    match opening.await {
        None => {}
        Some(OpenedSession::Plain(mut session)) => session.run().await,
        Some(OpenedSession::Resumable(mut session)) => {
            let running = async move { session.run().await };
            tasks.spawn(running.instrument(Span::current()));
        }
    }
}
