//! Refusals of HTTP connections before the router, and of requests that it waits for in vain.

use axum::http::StatusCode;
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use thiserror::Error;

use crate::listener::admission::LimitReached;
use crate::metrics::RefusalReason;
use crate::refusal::{RefusalLog, Refused, RefusedRequest};

/// `Retry-After` of a refused connection, in seconds: sessions last minutes.
const RETRY_SECONDS: &str = "10";

/// Refusal of a connection or of its request.
#[derive(Debug, Clone, Copy, Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Limit(LimitReached),
    #[error("this address requires HTTPS: begin the URL with https:// or wss://")]
    HttpsRequired,
    #[error("the request's head is longer than 32 KiB, or has more than 100 headers")]
    LongHead,
    #[error("the request is not valid HTTP/1.1")]
    NotHttp,
    #[error("HTTP/2 is not supported: this address takes HTTP/1.1")]
    Http2,
    #[error("the request's head took too long to arrive")]
    SlowHead,
    #[error("the request's body took too long to arrive")]
    SlowBody,
    #[error("the gateway is stopping")]
    Stopping,
}

impl Refusal {
    fn reason(self) -> RefusalReason {
        match self {
            Self::Limit(_) => RefusalReason::ConnectionLimit,
            Self::HttpsRequired => RefusalReason::Https,
            Self::LongHead | Self::NotHttp | Self::Http2 => RefusalReason::Head,
            Self::SlowHead | Self::SlowBody => RefusalReason::Timeout,
            Self::Stopping => RefusalReason::Stopping,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Limit(_) | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::SlowHead | Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::Http2 => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::HttpsRequired | Self::LongHead | Self::NotHttp => StatusCode::BAD_REQUEST,
        }
    }

    fn text(self) -> String {
        format!("{self}\n")
    }

    /// Returns the response as it is sent where no request was read.
    pub(super) fn to_http(self) -> String {
        let (status, text) = (self.status(), self.text());
        let len = text.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n\
             content-length: {len}\r\nconnection: close\r\n\r\n{text}"
        )
    }

    /// Counts and logs the refusal.
    pub(super) fn report(self, refusals: &RefusalLog, request: &RefusedRequest<'_>) {
        refusals.refused(&Refused::new(self.reason(), &self), request);
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let close = [(CONNECTION, "close")];
        let response = (self.status(), close, self.text());
        match self.status() {
            StatusCode::SERVICE_UNAVAILABLE => {
                ([(RETRY_AFTER, RETRY_SECONDS)], response).into_response()
            }
            _ => response.into_response(),
        }
    }
}
