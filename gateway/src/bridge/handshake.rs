//! The server's half of the WebSocket handshake (RFC 6455, section 4.2).
//!
//! axum's extractor is not used: it answers a wrong version or key with a bad request that
//! does not name the fault.

use axum::Extension;
use axum::http::header::{
    CONNECTION, CONTENT_LENGTH, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use thiserror::Error;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::access::Denial;
use crate::bridge::extensions::Deflate;
use crate::bridge::subprotocol::Subprotocol;
use crate::listener::admission::LimitReached;
use crate::metrics::RefusalReason;
use crate::refusal::Refused;

/// Checks a client's handshake.
///
/// # Errors
/// The [`Refusal`] to answer with.
pub(crate) fn accept(method: &Method, headers: &HeaderMap) -> Result<Accepted, Refusal> {
    let has = |name, token: &str| tokens(headers, name).any(|it| it.eq_ignore_ascii_case(token));
    if method != Method::GET || !has(CONNECTION, "upgrade") || !has(UPGRADE, "websocket") {
        return Err(Refusal::NotWebSocket);
    }
    if has_body(headers) {
        return Err(Refusal::Body);
    }
    if single(headers, SEC_WEBSOCKET_VERSION)?.is_none_or(|version| version != "13") {
        return Err(Refusal::Version);
    }
    let key = single(headers, SEC_WEBSOCKET_KEY)?
        .ok_or(Refusal::Key)?
        .as_bytes();
    match BASE64.decode(key) {
        Ok(nonce) if nonce.len() == 16 => {}
        _ => return Err(Refusal::Key),
    }
    let accept = HeaderValue::from_str(&derive_accept_key(key)).map_err(|_| Refusal::Key)?;
    Ok(Accepted {
        accept,
        subprotocol: None,
        extension: None,
    })
}

/// Returns true if the request has a body: a proxy would take for the body what is read as frames.
fn has_body(headers: &HeaderMap) -> bool {
    let is_empty = |len: &HeaderValue| len == "0";
    headers.contains_key(TRANSFER_ENCODING)
        || !headers.get_all(CONTENT_LENGTH).into_iter().all(is_empty)
}

/// Returns the header `name`, which must not be repeated (RFC 6455, sections 11.3.1 and 11.3.5).
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, Refusal> {
    let mut values = headers.get_all(&name).into_iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Refusal::Repeated(name)),
        (value, None) => Ok(value),
    }
}

/// The entries of a list header, which may be repeated (RFC 9110, section 5.3).
fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
}

/// The response to a valid handshake: it switches protocols.
#[derive(Debug)]
pub(crate) struct Accepted {
    accept: HeaderValue,
    subprotocol: Option<HeaderValue>,
    extension: Option<HeaderValue>,
}

impl Accepted {
    /// Adds the confirmation of `subprotocol` to the response.
    pub(crate) fn confirm(&mut self, subprotocol: &Subprotocol) {
        let name = subprotocol.confirmed();
        self.subprotocol = name.and_then(|name| HeaderValue::from_str(name).ok());
    }

    /// Adds the extension to the response.
    pub(crate) fn extend(&mut self, deflate: Option<Deflate>) {
        self.extension = deflate.and_then(|it| HeaderValue::from_str(&it.to_string()).ok());
    }
}

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let accept = [(SEC_WEBSOCKET_ACCEPT, self.accept)];
        let mut response =
            (StatusCode::SWITCHING_PROTOCOLS, upgrade_headers(), accept).into_response();
        if let Some(name) = self.subprotocol {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, name);
        }
        if let Some(extension) = self.extension {
            let headers = response.headers_mut();
            headers.insert(SEC_WEBSOCKET_EXTENSIONS, extension);
        }
        response
    }
}

/// A refused handshake.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("this address speaks WebSocket only: connect to it with a WebSocket client")]
    NotWebSocket,
    #[error("a WebSocket handshake has no body: send no Content-Length, nor Transfer-Encoding")]
    Body,
    #[error("unsupported WebSocket version: send Sec-WebSocket-Version: 13")]
    Version,
    #[error("Sec-WebSocket-Key is missing, or is not 16 bytes in base64")]
    Key,
    #[error("the {0} header is repeated: send it once")]
    Repeated(HeaderName),
    #[error("this connection cannot be upgraded: use HTTP/1.1")]
    NotUpgradable,
    #[error(transparent)]
    Limit(#[from] LimitReached),
    #[error(transparent)]
    Denied(#[from] Denial),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let refused = Extension(match self {
            Self::Limit(limit) => limit.refused(),
            _ => Refused::new(RefusalReason::Handshake, &self),
        });
        let text = format!("{self}\n");
        let required = (StatusCode::UPGRADE_REQUIRED, upgrade_headers());
        match self {
            Self::NotWebSocket => (required.0, required.1, refused, text).into_response(),
            Self::Version => {
                let version = [(SEC_WEBSOCKET_VERSION, "13")];
                (required.0, required.1, version, refused, text).into_response()
            }
            Self::Body | Self::Key | Self::Repeated(_) | Self::NotUpgradable => {
                (StatusCode::BAD_REQUEST, refused, text).into_response()
            }
            Self::Limit(_) => (StatusCode::SERVICE_UNAVAILABLE, refused, text).into_response(),
            Self::Denied(denial) => denial.into_response(),
        }
    }
}

/// The headers that name the protocol that a 101 switches to and a 426 requires (RFC 9110,
/// sections 15.2.2 and 15.5.22).
fn upgrade_headers() -> [(HeaderName, &'static str); 2] {
    [(CONNECTION, "upgrade"), (UPGRADE, "websocket")]
}
