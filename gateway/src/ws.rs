//! `GET /ws`: the WebSocket handshake (RFC 6455, section 4.2), and the session behind it.
//!
//! The handshake is answered here rather than by axum's extractor, which takes a wrong
//! version or key for a bad request without saying so, and which wraps the connection
//! in a boxed one: here the session gets the TCP stream itself.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span, warn};

use crate::end::End;
use crate::http::Gateway;
use crate::session::{Session, Traffic, close_client};
use crate::upstream::connect;

/// tungstenite's own 128 KiB is zeroed before every read, which costs more than the
/// extra reads of long messages.
const READ_BUFFER: usize = 16 * 1024;

/// How much may wait for a flush before it is written all the same, in bytes.
const WRITE_BUFFER: usize = 64 * 1024;

/// Why a request to `/ws` does not become a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("this address speaks WebSocket only: connect to it with a WebSocket client")]
    NotWebSocket,
    #[error("unsupported WebSocket version: send Sec-WebSocket-Version: 13")]
    Version,
    #[error("Sec-WebSocket-Key is missing, or is not 16 bytes in base64")]
    Key,
    #[error("this connection cannot be upgraded: use HTTP/1.1")]
    NotUpgradable,
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
        }
    }
}

/// What a 426 and a 101 have to name (RFC 9110, section 15.5.22).
fn offer() -> [(HeaderName, &'static str); 2] {
    [(CONNECTION, "upgrade"), (UPGRADE, "websocket")]
}

/// Answers the handshake, and runs the session once the connection is handed over.
pub(crate) async fn upgrade(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Result<Response, Refusal> {
    let accept = accept_key(request.method(), request.headers())?;
    let upgraded = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or(Refusal::NotUpgradable)?;

    static NEXT_ID: AtomicU64 = AtomicU64::new(1);
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let tasks = gateway.tasks.clone();
    tasks.spawn(serve(gateway, upgraded).instrument(info_span!("session", id, %peer)));

    let accept = [(SEC_WEBSOCKET_ACCEPT, accept)];
    Ok((StatusCode::SWITCHING_PROTOCOLS, offer(), accept).into_response())
}

/// Checks the client's side of the handshake and returns the server's
/// `Sec-WebSocket-Accept`.
fn accept_key(method: &Method, headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
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
    HeaderValue::from_str(&derive_accept_key(key)).map_err(|_| Refusal::Key)
}

async fn serve(gateway: Gateway, upgraded: OnUpgrade) {
    let stop = gateway.stop.clone();
    let Ok(client) = upgraded.await else {
        return info!("client left during the handshake");
    };
    info!("session opened");
    let (end, traffic) = match handed_over(client, &gateway).await {
        Some(client) => run(client, gateway, stop).await,
        None => return warn!("handshake came over an unknown kind of connection"),
    };
    let Traffic {
        sent,
        sent_bytes,
        received,
        received_bytes,
    } = traffic;
    let code = end.code().map(u16::from);
    match end {
        End::Unreachable(_) | End::UpstreamLost(_) | End::UpstreamFrame(_) => {
            warn!(
                code,
                sent, sent_bytes, received, received_bytes, "session ended: {end}"
            );
        }
        _ => info!(
            code,
            sent, sent_bytes, received, received_bytes, "session ended: {end}"
        ),
    }
}

/// The TCP stream under `upgraded`, and what was already read from it, as a WebSocket.
async fn handed_over(upgraded: Upgraded, gateway: &Gateway) -> Option<WebSocketStream<TcpStream>> {
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    let max = gateway
        .limits
        .max_frame
        .min(gateway.framing.max_payload_len());
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(max))
        .max_frame_size(Some(max));
    let stream = parts.io.into_inner();
    let read = parts.read_buf.into();
    Some(WebSocketStream::from_partially_read(stream, read, Role::Server, Some(config)).await)
}

/// Dials the upstream and runs the session; the client hears of a failure in a Close,
/// because browsers hide the status of a refused handshake.
async fn run(
    mut client: WebSocketStream<TcpStream>,
    gateway: Gateway,
    stop: CancellationToken,
) -> (End, Traffic) {
    let connected = tokio::select! {
        connected = connect(&gateway.upstream, gateway.limits.connect_timeout) => {
            connected.map_err(End::from)
        }
        () = stop.cancelled() => Err(End::Shutdown),
    };
    match connected {
        Ok(upstream) => {
            Session::new(client, upstream, gateway.framing, gateway.limits.clone())
                .run(stop)
                .await
        }
        Err(end) => {
            close_client(&mut client, &end, &gateway.limits).await;
            (end, Traffic::default())
        }
    }
}
