//! The server's half of the WebSocket handshake (RFC 6455, section 4.2).
//!
//! Answered here rather than by axum's extractor, which takes a wrong version or key for
//! a bad request without saying what is wrong with it.

use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
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
    let asks = |name, token: &str| tokens(headers, name).any(|it| it.eq_ignore_ascii_case(token));
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
    let accept = HeaderValue::from_str(&derive_accept_key(key)).map_err(|_| Refusal::Key)?;
    Ok(Accepted {
        accept,
        subprotocol: Subprotocol::choose(headers),
    })
}

/// The entries of a header that may be given as a list, as several, or both.
fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
}

/// A handshake that is right; its response switches protocols.
#[derive(Debug)]
pub(crate) struct Accepted {
    accept: HeaderValue,
    pub(crate) subprotocol: Subprotocol,
}

/// What is spoken over the WebSocket (RFC 6455, section 1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subprotocol {
    /// Nothing in particular: the client names none.
    None,
    /// `binary`, as websockify and noVNC call it: binary messages alone.
    Binary,
    /// Only others are offered. None is chosen then, and a browser ends the connection.
    Unknown,
}

impl Subprotocol {
    /// Names are told apart by their case, too (RFC 6455, section 4.1).
    fn choose(headers: &HeaderMap) -> Self {
        let mut offered = tokens(headers, SEC_WEBSOCKET_PROTOCOL).peekable();
        if offered.peek().is_none() {
            return Self::None;
        }
        match offered.any(|name| name == BINARY) {
            true => Self::Binary,
            false => Self::Unknown,
        }
    }
}

const BINARY: &str = "binary";

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let accept = [(SEC_WEBSOCKET_ACCEPT, self.accept)];
        let mut response = (StatusCode::SWITCHING_PROTOCOLS, offer(), accept).into_response();
        if self.subprotocol == Subprotocol::Binary {
            let chosen = HeaderValue::from_static(BINARY);
            response
                .headers_mut()
                .insert(SEC_WEBSOCKET_PROTOCOL, chosen);
        }
        response
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
