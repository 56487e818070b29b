//! `GET /ws`: from a request to a session, and what is logged of it.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use protocol::Framing;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span, info, info_span, warn};

use crate::access::Access;
use crate::admission::{Admission, Permit};
use crate::arrival::Arrival;
use crate::end::End;
use crate::handshake::{self, Refusal};
use crate::liveness::{Pulse, WriteLimit};
use crate::metrics::{Limit, Metrics};
use crate::session::{Session, close_client};
use crate::tls::ClientStream;
use crate::traffic::Traffic;
use crate::upstream::connect;
use crate::{Endpoint, Limits};

/// tungstenite's own 128 KiB is zeroed before every read, which costs more than the
/// extra reads of long messages.
const READ_BUFFER: usize = 16 * 1024;

/// How much may wait for a flush before it is written all the same, in bytes.
const WRITE_BUFFER: usize = 64 * 1024;

/// What every session needs, shared by all.
#[derive(Debug, Clone)]
pub(crate) struct Bridge {
    pub(crate) upstream: Arc<Endpoint>,
    pub(crate) framing: Framing,
    pub(crate) limits: Limits,
    pub(crate) access: Arc<Access>,
    /// Set where the upstream is the gateway's own echo service: the address that it is
    /// dialled at.
    pub(crate) own_echo: Option<IpAddr>,
    pub(crate) admission: Admission,
    pub(crate) metrics: Metrics,
    /// Where sessions run, so that a drain can wait for them.
    pub(crate) tasks: TaskTracker,
    /// Set when the gateway stops.
    pub(crate) stop: CancellationToken,
}

/// Answers the handshake, and starts the session.
pub(crate) async fn upgrade(
    State(bridge): State<Bridge>,
    Extension(arrival): Extension<Arrival>,
    Extension(permit): Extension<Arc<Permit>>,
    mut request: Request,
) -> Result<Response, Refusal> {
    let allowed = bridge.access.check_origin(&arrival, request.headers());
    allowed.inspect_err(|_| bridge.metrics.refused(Limit::Origin))?;
    let accepted = handshake::accept(request.method(), request.headers())?;
    let upgraded = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or(Refusal::NotUpgradable)?;

    let tasks = bridge.tasks.clone();
    let span = bridge.span(&arrival);
    tasks.spawn(bridge.serve(upgraded, permit).instrument(span));
    Ok(accepted.into_response())
}

impl Bridge {
    /// What every log line of a session tells.
    fn span(&self, arrival: &Arrival) -> Span {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        info_span!(
            "session",
            id = NEXT_ID.fetch_add(1, Ordering::Relaxed),
            peer = %arrival.peer,
            client = arrival.client.map(display),
            upstream = %self.upstream,
        )
    }

    /// Runs a session on the connection, once that is handed over. The session counts as
    /// that connection did, by its `_permit`.
    async fn serve(self, upgraded: OnUpgrade, _permit: Arc<Permit>) {
        let Ok(client) = upgraded.await else {
            return info!("client left during the handshake");
        };
        info!("session opened");
        let (_open, opened) = (self.metrics.session_opened(), Instant::now());
        let metrics = self.metrics.clone();
        let (end, traffic) = match self.websocket(client).await {
            Some(client) => self.join(client).await,
            None => return warn!("handshake came over an unknown kind of connection"),
        };
        metrics.session_ended(&end, opened.elapsed());
        let Traffic {
            sent,
            sent_bytes,
            received,
            received_bytes,
        } = traffic;
        let code = end.code().map(u16::from);
        if end.is_fault_of_upstream() {
            warn!(
                code,
                sent, sent_bytes, received, received_bytes, "session ended: {end}"
            );
        } else {
            info!(
                code,
                sent, sent_bytes, received, received_bytes, "session ended: {end}"
            );
        }
    }

    /// A WebSocket on the client's stream itself, past hyper's wrapping, and on what was
    /// already read from it.
    async fn websocket(&self, upgraded: Upgraded) -> Option<WebSocketStream<Pulse<ClientStream>>> {
        let parts = upgraded
            .downcast::<TokioIo<WriteLimit<ClientStream>>>()
            .ok()?;
        let max = self.limits.max_frame.min(self.framing.max_payload_len());
        Some(
            websocket(
                parts.io.into_inner().into_inner(),
                parts.read_buf.into(),
                max,
            )
            .await,
        )
    }

    /// Dials the upstream and runs the session. The client hears of a failure in a Close,
    /// because browsers hide the status of a refused handshake.
    async fn join(self, mut client: WebSocketStream<Pulse<ClientStream>>) -> (End, Traffic) {
        let _room = self.own_echo.map(|ip| self.admission.make_room(ip));
        let dialled = Instant::now();
        let connected = tokio::select! {
            connected = connect(&self.upstream, self.limits.connect_timeout) => {
                connected.map_err(End::from)
            }
            () = self.stop.cancelled() => Err(End::Shutdown),
        };
        match connected {
            Ok(upstream) => {
                self.metrics.connected(dialled.elapsed());
                let own = self.own_echo.and_then(|_| upstream.local_addr().ok());
                let _own = own.map(|addr| self.admission.claim(addr));
                Session::new(client, upstream, self.framing, self.limits, self.metrics)
                    .run(self.stop)
                    .await
            }
            Err(end) => {
                close_client(&mut client, &end, &self.limits).await;
                (end, Traffic::default())
            }
        }
    }
}

/// The server's side of a WebSocket whose messages are at most `max` bytes long; `read`
/// was already read from `stream`.
pub(crate) async fn websocket<S>(stream: S, read: Vec<u8>, max: usize) -> WebSocketStream<Pulse<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(max))
        .max_frame_size(Some(max));
    let stream = Pulse::new(stream);
    WebSocketStream::from_partially_read(stream, read, Role::Server, Some(config)).await
}
