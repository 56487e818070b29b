//! The opening of a session: takes the WebSocket over, connects to the upstream, joins both.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Instant;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use net::stream::Stream;
use protocol::resumable::CLIENT_HEAD;
use protocol::{Framing, Framings};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use crate::bridge::extensions::Deflate;
use crate::bridge::session_log::{SessionLabels, SessionLog};
use crate::bridge::subprotocol::Subprotocol;
use crate::echo::own_connections::{OwnConnection, OwnConnections};
use crate::io::activity::ActivityStream;
use crate::io::write_timeout::WriteTimeout;
use crate::limits::Limits;
use crate::listener::admission::Permit;
use crate::listener::peer::AddrPair;
use crate::observe::{Client, Tap};
use crate::resume::connection::Connection;
use crate::resume::registry::Registration;
use crate::session::Session;
use crate::session::client_side::ClientSide;
use crate::session::close_client::close_client;
use crate::session::deadlines::Deadlines;
use crate::session::plain_client::PlainClient;
use crate::session::resumable_client::ResumableClient;
use crate::session::session_end::SessionEnd;
use crate::shared::Shared;
use crate::traffic::Traffic;
use crate::upstream::registry::{Upstream, UpstreamRegistry};
use crate::websocket::WebSocket;

/// Everything that sessions need, shared by all of them.
#[derive(Debug, Clone)]
pub(crate) struct Bridge {
    pub(crate) shared: Arc<Shared>,
    pub(crate) upstreams: UpstreamRegistry,
    pub(crate) own_connections: OwnConnections,
    /// The sessions, so that a drain can wait for them.
    pub(crate) tasks: TaskTracker,
}

/// The outcome of a handshake.
pub(super) struct AcceptedHandshake {
    pub(super) labels: SessionLabels,
    pub(super) upstream: Result<Arc<Upstream>, SessionEnd>,
    pub(super) subprotocol: Subprotocol,
    pub(super) deflate: Option<Deflate>,
    pub(super) client: Client,
    /// The connection's place within the limits.
    pub(super) permit: Arc<Permit>,
    /// The client's connection, for upstreams that want a PROXY header.
    pub(super) addrs: Option<AddrPair>,
}

/// A session of either kind that is ready to run.
#[expect(
    clippy::large_enum_variant,
    reason = "plain sessions are the common ones"
)]
pub(super) enum OpenedSession {
    Plain(Ready<PlainClient<Stream>>),
    /// Boxed: it moves to a task of its own.
    Resumable(Box<Ready<ResumableClient<Stream>>>),
}

/// A session that is ready to run.
pub(super) struct Ready<C> {
    log: SessionLog,
    session: Session<C, Stream>,
    stop: CancellationToken,
    _own: Option<OwnConnection>,
    /// The place of a plain session's connection: a resumable one has several in turn.
    permit: Option<Arc<Permit>>,
}

/// Registration of a resumable session, and its first token.
type Registered = (Registration<Stream>, String);

/// The WebSocket of a client.
type ClientSocket = WebSocket<ActivityStream<Stream>>;

/// A connection to an upstream.
struct Connected {
    stream: Stream,
    tap: Tap,
    own: Option<OwnConnection>,
}

impl<C: ClientSide> Ready<C> {
    pub(super) async fn run(&mut self) {
        let (end, traffic) = self.session.run(&self.stop).await;
        self.log.ended(&end, traffic);
    }
}

impl Bridge {
    pub(super) fn choose(&self, name: Option<String>) -> Result<Arc<Upstream>, SessionEnd> {
        let upstream = match &name {
            None => Some(self.upstreams.default()),
            Some(name) => self.upstreams.named(name),
        };
        upstream
            .cloned()
            .ok_or_else(|| SessionEnd::NoSuchUpstream(name.unwrap_or_default().into()))
    }

    /// Takes the connection over, once hyper hands it over, and joins it to the upstream. The
    /// client is told of a failure in a Close, because browsers hide the status of a refused
    /// handshake.
    pub(super) async fn open(
        self,
        upgraded: OnUpgrade,
        accepted: AcceptedHandshake,
    ) -> Option<OpenedSession> {
        let labels = accepted.labels;
        let Ok(upgraded) = upgraded.await else {
            labels.log(|| info!("client left during the handshake"));
            return None;
        };
        let shared = &self.shared;
        let log = SessionLog::opened(labels, shared.metrics.clone(), &accepted.subprotocol);
        let max_frame = match &accepted.upstream {
            Ok(upstream) => upstream.max_frame,
            Err(_) => shared.limits.max_frame,
        };
        let (is_resumable, is_binary) = (
            accepted.subprotocol.is_resumable(),
            accepted.subprotocol.is_binary(),
        );
        let head = if is_resumable { CLIENT_HEAD } else { 0 };
        let max_len = max_frame.saturating_add(head);
        let Some(mut socket) = websocket(upgraded, max_len, accepted.deflate, &shared.limits)
        else {
            log.unknown_connection();
            return None;
        };
        let opened = match accepted.upstream {
            Ok(upstream) => self
                .connect(&upstream, &accepted.client, accepted.addrs, &mut socket)
                .await
                .and_then(|connected| {
                    let registered = self.register(&upstream, is_resumable)?;
                    Ok((connected, registered, upstream.framings.clone()))
                }),
            Err(end) => Err(end),
        };
        match opened {
            Ok((connected, None, framings)) => {
                let mut ready = self.join(PlainClient(socket), connected, &framings, log);
                ready.permit = Some(accepted.permit);
                if is_binary {
                    ready.session.send_binary();
                }
                Some(OpenedSession::Plain(ready))
            }
            Ok((connected, Some(registered), framings)) => {
                let connection = Connection {
                    socket,
                    permit: accepted.permit,
                    peer: log.peer(),
                };
                let client = resumable(connection, registered, &log, &framings);
                let ready = self.join(client, connected, &framings, log);
                Some(OpenedSession::Resumable(Box::new(ready)))
            }
            Err(end) => {
                end.push_close(socket.output().begin());
                close_client(&mut socket, Deadlines::new(&end, &shared.limits)).await;
                log.ended(&end, Traffic::default());
                None
            }
        }
    }

    /// Registers a session that is to be resumable.
    fn register(
        &self,
        upstream: &Upstream,
        is_resumable: bool,
    ) -> Result<Option<Registered>, SessionEnd> {
        let registry = self.shared.resumable.as_ref().filter(|_| is_resumable);
        let registered = registry.map(|registry| registry.register(&upstream.name));
        registered.transpose().map_err(|_| SessionEnd::NoRandom)
    }

    fn join<C: ClientSide>(
        &self,
        client: C,
        connected: Connected,
        framings: &Framings,
        log: SessionLog,
    ) -> Ready<C> {
        let Connected { stream, tap, own } = connected;
        let (limits, metrics) = (self.shared.limits.clone(), self.shared.metrics.clone());
        let mut session = Session::new(client, stream, framings, limits, metrics);
        session.observe(tap);
        Ready {
            log,
            session,
            stop: self.shared.stop.clone(),
            _own: own,
            permit: None,
        }
    }

    /// Connects to the upstream, unless the client closes `socket` meanwhile, and reports the
    /// session to the observers.
    async fn connect(
        &self,
        upstream: &Upstream,
        client: &Client,
        addrs: Option<AddrPair>,
        socket: &mut ClientSocket,
    ) -> Result<Connected, SessionEnd> {
        let observers = &self.shared.observers;
        let mut tap = observers.session(client, &upstream.name, &upstream.framings);
        let counted_for = upstream.counted_for(addrs);
        let opening = counted_for.map(|host| self.own_connections.opening(host));
        let connected = tokio::select! {
            biased;
            connected = self.connect_stream(upstream, addrs) => connected,
            // Answered at once (RFC 6455, section 5.5.1).
            close = poll_fn(|cx| socket.poll_early_close(cx)) => {
                Err(SessionEnd::ClientClosed(close))
            }
        };
        let stream = connected.inspect_err(|end| end.report(&mut tap))?;
        let own =
            opening.map(|opening| opening.opened(stream.tcp().and_then(|it| it.local_addr().ok())));
        Ok(Connected { stream, tap, own })
    }

    async fn connect_stream(
        &self,
        upstream: &Upstream,
        client: Option<AddrPair>,
    ) -> Result<Stream, SessionEnd> {
        let started = Instant::now();
        let connected = tokio::select! {
            biased;
            // The gateway's own echo service stops listening, too.
            () = self.shared.stop.cancelled() => return Err(SessionEnd::Shutdown),
            connected = upstream.connector.connect(client, &self.shared.limits) => connected?,
        };
        self.shared.metrics.connected(started.elapsed());
        Ok(connected)
    }
}

/// The client of a resumable session.
fn resumable(
    connection: Connection<Stream>,
    (registration, token): Registered,
    log: &SessionLog,
    framings: &Framings,
) -> ResumableClient<Stream> {
    let mut client = ResumableClient::new(connection, registration, token, log.resume_log());
    if framings.framing == Framing::Raw {
        client.without_service_times();
    }
    client
}

/// A WebSocket on the client's stream itself, past hyper's wrapping, and on the bytes that
/// hyper had read from it already.
pub(super) fn websocket(
    upgraded: Upgraded,
    max_len: usize,
    deflate: Option<Deflate>,
    limits: &Limits,
) -> Option<ClientSocket> {
    let parts = upgraded.downcast::<TokioIo<WriteTimeout<Stream>>>().ok()?;
    let stream = parts.io.into_inner().into_inner();
    if let Some(socket) = stream.tcp() {
        // Fails if the client is gone, which the session notices too.
        let _ = limits.keep_alive().set(socket);
    }
    let stream = ActivityStream::new(stream);
    let mut socket = WebSocket::new(stream, &parts.read_buf, max_len);
    if let Some(Deflate(params)) = deflate {
        socket.compress(params);
    }
    Some(socket)
}
