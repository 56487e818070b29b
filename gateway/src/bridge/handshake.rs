//! The server's half of the WebSocket handshake (RFC 6455, section 4.2).
//!
//! Answered here rather than by axum's extractor, which takes a wrong version or key for
//! a bad request without saying what is wrong with it.

use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use thiserror::Error;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::access::Denial;

/// Checks a client's handshake.
///
/// # Errors
/// A [`Refusal`] to answer it with.
pub(crate) fn accept(method: &Method, headers: &HeaderMap) -> Result<Accepted, Refusal> {
    let asks = |name, token| {
        let values = headers.get_all(name).into_iter();
        let mut tokens = values
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','));
        tokens.any(|t| t.trim().eq_ignore_ascii_case(token))
    };
    if method != Method::GET || !asks(CONNECTION, "upgrade") || !asks(UPGRADE, "websocket") {
        return Err(Refusal::NotWebSocket);
    }
    if headers
        .get(SEC_WEBSOCKET_VERSION)
        .is_none_or(|version| version != "13")
    {
        return Err(Refusal::Version);
    }
    let key = headers
        .get(SEC_WEBSOCKET_KEY)
        .ok_or(Refusal::Key)?
        .as_bytes();
    match BASE64.decode(key) {
        Ok(nonce) if nonce.len() == 16 => {}
        _ => return Err(Refusal::Key),
    }
    HeaderValue::from_str(&derive_accept_key(key))
        .map(Accepted)
        .map_err(|_| Refusal::Key)
}

/// A handshake that is right; its response switches protocols.
#[derive(Debug)]
pub(crate) struct Accepted(HeaderValue);

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let accept = [(SEC_WEBSOCKET_ACCEPT, self.0)];
        (StatusCode::SWITCHING_PROTOCOLS, offer(), accept).into_response()
    }
}

/// Why a request does not become a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("this address speaks WebSocket only: connect to it with a WebSocket client")]
    NotWebSocket,
    #[error("unsupported WebSocket version: send Sec-WebSocket-Version: 13")]
    Version,
    #[error("Sec-WebSocket-Key is missing, or is not 16 bytes in base64")]
    Key,
    #[error("this connection cannot be upgraded: use HTTP/1.1")]
    NotUpgradable,
    #[error(transparent)]
    Denied(#[from] Denial),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let text = format!("{self}\n");
        match self {
            Self::NotWebSocket => (StatusCode::UPGRADE_REQUIRED, offer(), text).into_response(),
            Self::Version => (
                StatusCode::UPGRADE_REQUIRED,
                offer(),
                [(SEC_WEBSOCKET_VERSION, "13")],
                text,
            )
                .into_response(),
            Self::Key | Self::NotUpgradable => (StatusCode::BAD_REQUEST, text).into_response(),
            Self::Denied(denial) => denial.into_response(),
        }
    }
}

/// The protocol that a 101 switches to, and that a 426 asks for (RFC 9110, sections
/// 15.2.2 and 15.5.22).
fn offer() -> [(HeaderName, &'static str); 2] {
    [(CONNECTION, "upgrade"), (UPGRADE, "websocket")]
}
