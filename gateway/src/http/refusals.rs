//! Refused requests: each response that refuses one is counted and logged.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::access::forwarded::{ConnectionInfo, RequestInfo};
use crate::metrics::RefusalReason;
use crate::refusal::{Refused, RefusedRequest, untrusted};
use crate::shared::Shared;

/// Parts of a request for the log line, should it be refused.
struct Summary {
    info: RequestInfo,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

/// Adds the [`RequestInfo`] to the request, and reports the refusal if its response is one.
pub(super) async fn report(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<ConnectionInfo>,
    mut request: Request,
    next: Next,
) -> Response {
    let proxies = &shared.access.trusted_proxies;
    let info = RequestInfo::new(connection, request.uri(), request.headers(), proxies);
    let shown = [HOST, ORIGIN].map(|name| (name.clone(), request.headers().get(name).cloned()));
    let summary = Summary {
        info: info.clone(),
        method: request.method().clone(),
        uri: request.uri().clone(),
        headers: shown
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect(),
    };
    request.extensions_mut().insert(info);
    let response = next.run(request).await;
    match response.extensions().get::<Refused>() {
        Some(refused) => shared.refusals.refused(refused, &summary.request()),
        None => report_status(&shared, response.status(), &summary),
    }
    response
}

/// Reports a refusal that only its status tells.
fn report_status(shared: &Shared, status: StatusCode, summary: &Summary) {
    let (reason, text) = match status {
        StatusCode::NOT_FOUND => (RefusalReason::Path, "there is no such path"),
        StatusCode::METHOD_NOT_ALLOWED => (RefusalReason::Method, "the path has no such method"),
        StatusCode::PAYLOAD_TOO_LARGE => (RefusalReason::Body, "the body is too long"),
        StatusCode::BAD_REQUEST
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY => (RefusalReason::Body, "the request is malformed"),
        _ => return,
    };
    let refused = Refused::new(reason, &text);
    shared.refusals.refused(&refused, &summary.request());
}

impl Summary {
    fn request(&self) -> RefusedRequest<'_> {
        let header = |name| self.headers.get(name).map(untrusted);
        RefusedRequest {
            peer: Some(self.info.connection.peer.addr),
            client: self.info.forwarded_client(),
            method: Some(self.method.as_str().into()),
            path: Some(self.uri.path().into()),
            host: header(HOST),
            origin: header(ORIGIN),
        }
    }
}
