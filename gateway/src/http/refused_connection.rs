//! Connections that are refused before the router, and the requests on them that are let in all
//! the same: those of clients that come back to their sessions, and health checks.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use axum::http::header::{CONNECTION, HOST, ORIGIN};
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use net::stream::Stream;

use crate::access::forwarded::ConnectionInfo;
use crate::http::connection;
use crate::http::connection_refusal::Refusal;
use crate::http::routes::is_health;
use crate::http::serve::Http;
use crate::refusal::{RefusedRequest, untrusted};
use crate::resume::request::ResumeRequest;

/// `Connection` of an answer that is the last one.
const CLOSE: HeaderValue = HeaderValue::from_static("close");

impl Http {
    /// Answers one request with `refusal`. A client that comes back to its session needs no place
    /// beside the session's own, and a health check only for a moment: over a connection limit,
    /// their requests go to the router. Sets `is_answered` when a request has come.
    pub(super) async fn refuse(
        &self,
        stream: Stream,
        connection: ConnectionInfo,
        refusal: Refusal,
        is_answered: &AtomicBool,
    ) {
        let peer = connection.peer.addr;
        let service = service_fn(async |request: hyper::Request<Incoming>| {
            is_answered.store(true, Relaxed);
            if let Refusal::Limit(limit) = refusal
                && (is_health(request.uri().path()) || self.is_resume(&request))
            {
                let host = connection.peer.client().host();
                let permit = self.shared.admission.admit_beyond(host, limit);
                let mut response = self.route(request, connection, Arc::new(permit)).await?;
                if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                    response.headers_mut().insert(CONNECTION, CLOSE);
                }
                return Ok(response);
            }
            let header = |name| request.headers().get(name).map(untrusted);
            let refused_request = RefusedRequest {
                peer: Some(peer),
                client: connection
                    .peer
                    .proxied
                    .map(|it| it.addrs.source.to_string()),
                method: Some(request.method().as_str().into()),
                path: Some(request.uri().path().into()),
                host: header(HOST),
                origin: header(ORIGIN),
            };
            refusal.report(&self.shared.refusals, &refused_request);
            Ok::<_, Infallible>(refusal.into_response())
        });
        let io = TokioIo::new(self.with_write_timeout(stream));
        // Each answer closes the connection, unless it switches protocols.
        let serving = self.http1().serve_connection(io, service);
        connection::run(serving.with_upgrades(), &self.shared, peer).await;
    }

    /// Returns true if a request names a session that there is.
    fn is_resume(&self, request: &hyper::Request<Incoming>) -> bool {
        let is_bridge = request.uri().path().starts_with("/ws");
        let query = request.uri().query().filter(|_| is_bridge);
        let (Some(registry), Some(query)) = (&self.shared.resumable, query) else {
            return false;
        };
        ResumeRequest::parse(query)
            .and_then(Result::ok)
            .is_some_and(|resume| registry.has(&resume.token))
    }
}
