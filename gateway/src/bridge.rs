//! `GET /ws`: from a request to a session, and what is logged of it.

pub(crate) mod handshake;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use net::stream::Stream;
use protocol::Framing;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span, info, info_span, warn};

use crate::access::Access;
use crate::access::forwarded::RequestInfo;
use crate::bridge::handshake::{Refusal, Subprotocol};
use crate::config::Limits;
use crate::io::activity::ActivityStream;
use crate::io::write_timeout::WriteTimeout;
use crate::listener::admission::{Admission, Own, Permit};
use crate::listener::proxy_protocol::AddrPair;
use crate::logging::{line_span, task_span};
use crate::metrics;
use crate::metrics::{Limit, Metrics};
use crate::observe::{Client, Observers, Tap};
use crate::session::session_end::End;
use crate::session::traffic::Traffic;
use crate::session::{Session, close_client};
use crate::upstream::registry::{Upstream, UpstreamRegistry};
use crate::websocket::WebSocket;

/// What every session needs, shared by all.
#[derive(Debug, Clone)]
pub(crate) struct Bridge {
    pub(crate) targets: UpstreamRegistry,
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
    Extension(arrival): Extension<RequestInfo>,
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

    let target = bridge.choose(name.map(|Path(name)| name));
    let client = bridge.observers.client(|| arrival.client_name());
    let agreed = Agreed {
        who: Who {
            id: client.id,
            peer: arrival.connection.caller.peer,
            client: arrival.passed_on_for(),
            target: target.as_ref().ok().cloned(),
        },
        target,
        subprotocol: accepted.subprotocol,
        client,
        ends: arrival.ends(),
    };
    let tasks = bridge.tasks.clone();
    let span = task_span(|| agreed.who.span());
    // Apart, because the session would hold the room for its beginning as long as it lasts.
    let opening = Box::pin(bridge.open(upgraded, agreed));
    tasks.spawn(serve(opening, permit).instrument(span));
    Ok(accepted.into_response())
}

/// What a handshake has settled.
struct Agreed {
    who: Who,
    target: Result<Arc<Upstream>, End>,
    subprotocol: Subprotocol,
    client: Client,
    /// The client's connection, for upstreams that ask.
    ends: Option<AddrPair>,
}

/// What every log line of a session tells.
struct Who {
    id: u64,
    peer: SocketAddr,
    /// The client beyond a proxy.
    client: Option<String>,
    target: Option<Arc<Upstream>>,
}

impl Who {
    fn span(&self) -> Span {
        info_span!(
            "session",
            id = self.id,
            peer = %self.peer,
            client = self.client.as_ref().map(display),
            upstream = self.target.as_ref().map(|target| display(&target.name)),
        )
    }

    fn log(&self, line: impl FnOnce()) {
        line_span(|| self.span()).in_scope(line);
    }
}

/// A WebSocket that was handed over.
struct Open {
    who: Who,
    since: Instant,
    metrics: Metrics,
    _counted: metrics::Open,
}

impl Open {
    fn new(who: Who, metrics: Metrics, subprotocol: Subprotocol) -> Self {
        who.log(|| {
            info!("session opened");
            if subprotocol == Subprotocol::Unknown {
                info!("the client offers only unknown subprotocols, binary being the one known");
            }
        });
        Self {
            who,
            since: Instant::now(),
            _counted: metrics.session_opened(),
            metrics,
        }
    }

    /// Tells how it ended.
    fn ended(&self, end: &End, traffic: Traffic) {
        self.metrics.session_ended(end, self.since.elapsed());
        let Traffic {
            sent,
            sent_bytes,
            received,
            received_bytes,
        } = traffic;
        let code = end.final_code();
        self.who.log(|| {
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
        });
    }
}

/// A session, and what has to be there while it lasts.
struct Joined {
    open: Open,
    session: Session<Stream, Stream>,
    stop: CancellationToken,
    _own: OwnEcho,
}

/// A connection to an upstream.
struct Reached {
    stream: Stream,
    framing: Framing,
    tap: Tap,
    own: OwnEcho,
}

/// How the own echo service is to treat the connection, if it is one to that: the room that
/// it takes, and whose it is.
type OwnEcho = (Option<Permit>, Option<Own>);

/// Runs the session that `opening` leads to, if any. It counts as its connection did, by its
/// `_permit`.
async fn serve(opening: impl Future<Output = Option<Joined>> + Unpin, _permit: Arc<Permit>) {
    let Some(mut joined) = opening.await else {
        return;
    };
    let (end, traffic) = joined.session.run(&joined.stop).await;
    joined.open.ended(&end, traffic);
}

impl Bridge {
    fn choose(&self, name: Option<String>) -> Result<Arc<Upstream>, End> {
        let target = match &name {
            None => Some(self.targets.default()),
            Some(name) => self.targets.named(name),
        };
        target
            .cloned()
            .ok_or_else(|| End::NoSuchUpstream(name.unwrap_or_default()))
    }

    /// Takes the connection over, once it is handed over, and joins it to the upstream. The
    /// client hears of a failure in a Close, because browsers hide the status of a refused
    /// handshake.
    async fn open(self, upgraded: OnUpgrade, agreed: Agreed) -> Option<Joined> {
        let who = agreed.who;
        let Ok(upgraded) = upgraded.await else {
            who.log(|| info!("client left during the handshake"));
            return None;
        };
        let open = Open::new(who, self.metrics.clone(), agreed.subprotocol);
        let max_frame = match &agreed.target {
            Ok(target) => target.max_frame,
            Err(_) => self.limits.max_frame,
        };
        let Some(mut socket) = websocket(upgraded, max_frame) else {
            let strange = || warn!("handshake came over an unknown kind of connection");
            open.who.log(strange);
            return None;
        };
        match self.reach(agreed.target, &agreed.client, agreed.ends).await {
            Ok(reached) => {
                let (limits, metrics) = (self.limits, self.metrics);
                let (upstream, framing) = (reached.stream, reached.framing);
                let mut session = Session::new(socket, upstream, framing, limits, metrics);
                session.observe(reached.tap);
                if agreed.subprotocol == Subprotocol::Binary {
                    session.send_binary();
                }
                Some(Joined {
                    open,
                    session,
                    stop: self.stop,
                    _own: reached.own,
                })
            }
            Err(end) => {
                close_client(&mut socket, &end, &self.limits).await;
                open.ended(&end, Traffic::default());
                None
            }
        }
    }

    /// Dials the upstream that was chosen, and tells those who watch.
    async fn reach(
        &self,
        target: Result<Arc<Upstream>, End>,
        client: &Client,
        ends: Option<AddrPair>,
    ) -> Result<Reached, End> {
        let target = target?;
        let framing = target.framing;
        let mut tap = self.observers.session(client, &target.name, framing);
        let counted_for = target.counted_for(ends);
        let room = counted_for.map(|ip| self.admission.make_room(ip));
        let dialling = target.own_echo.map(|_| self.admission.dialling());
        let dialled = self.dial(&target, ends).await;
        let stream = dialled.inspect_err(|end| tap.ended(end))?;
        let own = self.claim(&target, &stream);
        drop(dialling);
        Ok(Reached {
            stream,
            framing,
            tap,
            own: (room, own),
        })
    }

    async fn dial(&self, target: &Upstream, client: Option<AddrPair>) -> Result<Stream, End> {
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
    fn claim(&self, target: &Upstream, upstream: &Stream) -> Option<Own> {
        let Stream::Tcp(stream) = upstream else {
            return None;
        };
        target.own_echo?;
        Some(self.admission.claim(stream.local_addr().ok()?))
    }
}

/// A WebSocket on the client's stream itself, past hyper's wrapping, and on what was already
/// read from it.
fn websocket(upgraded: Upgraded, max_frame: usize) -> Option<WebSocket<ActivityStream<Stream>>> {
    let parts = upgraded.downcast::<TokioIo<WriteTimeout<Stream>>>().ok()?;
    let stream = ActivityStream::new(parts.io.into_inner().into_inner());
    Some(WebSocket::new(stream, parts.read_buf, max_frame))
}
