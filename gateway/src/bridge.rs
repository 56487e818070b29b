//! `GET /ws`: from a request to a session, and what is logged of it.

pub(crate) mod dial;
pub(crate) mod handshake;
pub(crate) mod targets;

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span, info, info_span, warn};

use self::dial::UpstreamStream;
use self::handshake::{Refusal, Subprotocol};
use self::targets::{Target, Targets};
use crate::Limits;
use crate::access::Access;
use crate::access::arrival::Arrival;
use crate::http::tls::ClientStream;
use crate::metrics::{Limit, Metrics};
use crate::observe::{Client, Observers};
use crate::session::end::End;
use crate::session::traffic::Traffic;
use crate::session::{Session, close_client};
use crate::socket::admission::{Admission, Own, Permit};
use crate::socket::liveness::{Pulse, WriteLimit};
use crate::socket::proxied::Ends;
use crate::websocket::WebSocket;

/// What every session needs, shared by all.
#[derive(Debug, Clone)]
pub(crate) struct Bridge {
    pub(crate) targets: Targets,
    pub(crate) limits: Arc<Limits>,
    pub(crate) access: Arc<Access>,
    pub(crate) admission: Admission,
    pub(crate) metrics: Metrics,
    /// Told of each session.
    pub(crate) observers: Observers,
    /// Where sessions run, so that a drain can wait for them.
    pub(crate) tasks: TaskTracker,
    /// Set when the gateway stops.
    pub(crate) stop: CancellationToken,
}

/// Answers the handshake, and starts the session with the upstream that the path names.
pub(crate) async fn upgrade(
    State(bridge): State<Bridge>,
    Extension(arrival): Extension<Arrival>,
    Extension(permit): Extension<Arc<Permit>>,
    name: Option<Path<String>>,
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
    let target = bridge.choose(name.map(|Path(name)| name));
    let client = bridge.observers.client(|| arrival.client_name());
    let span = span(&arrival, client.id, target.as_ref().ok());
    let agreed = Agreed {
        target,
        subprotocol: accepted.subprotocol,
        client,
        ends: arrival.ends(),
    };
    let serve = bridge.serve(upgraded, agreed, permit);
    tasks.spawn(serve.instrument(span));
    Ok(accepted.into_response())
}

/// What a handshake has settled.
struct Agreed {
    target: Result<Arc<Target>, End>,
    subprotocol: Subprotocol,
    client: Client,
    /// The client's connection, for upstreams that ask.
    ends: Option<Ends>,
}

/// What every log line of a session tells.
fn span(arrival: &Arrival, id: u64, target: Option<&Arc<Target>>) -> Span {
    info_span!(
        "session",
        id,
        peer = %arrival.connection.caller.peer,
        client = arrival.passed_on_for().map(display),
        upstream = target.map(|target| display(&target.name)),
    )
}

impl Bridge {
    fn choose(&self, name: Option<String>) -> Result<Arc<Target>, End> {
        let target = match &name {
            None => Some(self.targets.default()),
            Some(name) => self.targets.named(name),
        };
        target
            .cloned()
            .ok_or_else(|| End::NoSuchUpstream(name.unwrap_or_default()))
    }

    /// Runs a session on the connection, once that is handed over. The session counts as
    /// that connection did, by its `_permit`.
    async fn serve(self, upgraded: OnUpgrade, agreed: Agreed, _permit: Arc<Permit>) {
        let Ok(upgraded) = upgraded.await else {
            return info!("client left during the handshake");
        };
        info!("session opened");
        if agreed.subprotocol == Subprotocol::Unknown {
            info!("the client offers only unknown subprotocols, binary being the one known");
        }
        let (_open, opened) = (self.metrics.session_opened(), Instant::now());
        let metrics = self.metrics.clone();
        let max_frame = match &agreed.target {
            Ok(target) => target.max_frame,
            Err(_) => self.limits.max_frame,
        };
        let (end, traffic) = match websocket(upgraded, max_frame) {
            // Apart, because the compiler would make room for it twice.
            Some(socket) => Box::pin(self.join(socket, agreed)).await,
            None => return warn!("handshake came over an unknown kind of connection"),
        };
        metrics.session_ended(&end, opened.elapsed());
        let Traffic {
            sent,
            sent_bytes,
            received,
            received_bytes,
        } = traffic;
        let code = end.final_code();
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

    /// Dials the upstream and runs the session. The client hears of a failure in a Close,
    /// because browsers hide the status of a refused handshake.
    async fn join(
        self,
        mut socket: WebSocket<Pulse<ClientStream>>,
        agreed: Agreed,
    ) -> (End, Traffic) {
        let end = match agreed.target {
            Ok(target) => {
                let mut tap = self
                    .observers
                    .session(&agreed.client, &target.name, target.framing);
                let counted_for = target.counted_for(agreed.ends);
                let _room = counted_for.map(|ip| self.admission.make_room(ip));
                let dialling = target.own_echo.map(|_| self.admission.dialling());
                // Apart, because the session would hold its room for as long as it lasts.
                match Box::pin(self.dial(&target, agreed.ends)).await {
                    Ok(upstream) => {
                        let _own = self.claim(&target, &upstream);
                        drop(dialling);
                        let (framing, limits, metrics) =
                            (target.framing, self.limits, self.metrics);
                        let mut session = Session::new(socket, upstream, framing, limits, metrics);
                        session.observe(tap);
                        if agreed.subprotocol == Subprotocol::Binary {
                            session.send_binary();
                        }
                        return session.run(&self.stop).await;
                    }
                    Err(end) => {
                        tap.ended(&end);
                        end
                    }
                }
            }
            Err(end) => end,
        };
        close_client(&mut socket, &end, &self.limits).await;
        (end, Traffic::default())
    }

    async fn dial(&self, target: &Target, client: Option<Ends>) -> Result<UpstreamStream, End> {
        let started = Instant::now();
        let connected = tokio::select! {
            biased;
            // The own echo service stops listening, too.
            () = self.stop.cancelled() => return Err(End::Shutdown),
            connected = target.dial.connect(client, self.limits.connect_timeout) => connected?,
        };
        self.metrics.connected(started.elapsed());
        Ok(connected)
    }

    /// Tells the own echo service that the connection to it is ours.
    fn claim(&self, target: &Target, upstream: &UpstreamStream) -> Option<Own> {
        let Either::Left(stream) = upstream else {
            return None;
        };
        target.own_echo?;
        Some(self.admission.claim(stream.local_addr().ok()?))
    }
}

/// A WebSocket on the client's stream itself, past hyper's wrapping, and on what was already
/// read from it.
fn websocket(upgraded: Upgraded, max_frame: usize) -> Option<WebSocket<Pulse<ClientStream>>> {
    let parts = upgraded
        .downcast::<TokioIo<WriteLimit<ClientStream>>>()
        .ok()?;
    let stream = Pulse::new(parts.io.into_inner().into_inner());
    Some(WebSocket::new(stream, parts.read_buf, max_frame))
}
