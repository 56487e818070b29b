//! Fault injection by seed for resumable sessions: connections are cut anywhere, acknowledgements
//! get lost, sessions are taken over and expire, and clients lie.
//!
//! The client sends numbered messages, the upstream echoes frames. Each message arrives once and
//! in order, both ways, or the client is told that the session is lost.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use protocol::resumable::{Control, Inbox, Outbox, client_head, close_code, split_gateway_head};
use protocol::{Framings, MessageKind, Payload};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::io::activity::ActivityStream;
use crate::limits::Limits;
use crate::listener::admission::{Admission, Permit};
use crate::metrics::Metrics;
use crate::resume::connection::{Connection, Resumption};
use crate::resume::options::ResumeOptions;
use crate::resume::registry::Registry;
use crate::resume::request::ResumeRequest;
use crate::session::Session;
use crate::session::faults::{FaultyStream, echo, in_order, in_paused_time};
use crate::session::resumable_client::ResumableClient;
use crate::session::resume_log::ResumeLog;
use crate::session::session_end::SessionEnd;
use crate::websocket::WebSocket;

const SEEDS: u64 = 3000;

/// Connections of a run that are faulty; those after them are gentle.
const FAULTY_CONNECTIONS: u32 = 10;

/// Silence after which the client takes its connection for lost.
const PATIENCE: Duration = Duration::from_secs(20);

const UPSTREAM: &str = "echo";

type NearStream = FaultyStream<DuplexStream>;

/// The gateway, as far as sessions need it.
struct Gateway {
    registry: Registry<NearStream>,
    permit: Arc<Permit>,
    metrics: Metrics,
}

impl Gateway {
    fn new(options: &ResumeOptions) -> Self {
        let metrics = Metrics::new();
        let admission = Admission::new(&Limits::default());
        let host = SocketAddr::from(([127, 0, 0, 1], 1)).ip().into();
        Self {
            registry: Registry::new(options, metrics.clone()).unwrap().unwrap(),
            permit: Arc::new(admission.admit(host).unwrap()),
            metrics,
        }
    }

    fn connection(&self, near: NearStream) -> Connection<NearStream> {
        Connection {
            socket: WebSocket::new(ActivityStream::new(near), &[], 16 << 20),
            permit: self.permit.clone(),
            peer: SocketAddr::from(([127, 0, 0, 1], 1)).into(),
        }
    }

    fn session<U>(&self, near: NearStream, upstream: U) -> Session<ResumableClient<NearStream>, U>
    where
        U: AsyncRead + AsyncWrite + Unpin,
    {
        let (registration, token) = self.registry.register(UPSTREAM).unwrap();
        let log = ResumeLog::new(self.metrics.clone(), Span::none);
        let client = ResumableClient::new(self.connection(near), registration, token, log);
        let (limits, metrics) = (Limits::default(), self.metrics.clone());
        Session::new(client, upstream, &Framings::default(), limits, metrics)
    }

    /// Asks for the session of `token`; returns false if it is unknown.
    fn resume(&self, near: NearStream, token: &str, received: u64) -> bool {
        let request = ResumeRequest::parse(&format!("resume={token}&received={received}"));
        let resumption = Box::new(Resumption {
            connection: self.connection(near),
            request: request.unwrap().unwrap(),
        });
        self.registry.resume(UPSTREAM, resumption).is_ok()
    }
}

/// Behaviour of a client, beside that of its connections.
struct Plan {
    count: u32,
    /// Goes away for longer than the session is kept, once.
    stays_away: bool,
    /// Acknowledges what was never sent, once.
    lies: bool,
    never_acknowledges: bool,
}

/// The end of a client's session, as the client is told.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// Everything was sent and answered: the client has closed.
    Complete,
    /// The session is unknown.
    Lost,
    /// The gateway has closed, with this code and reason.
    Closed(u16, String),
}

/// A client of one session, over any number of connections.
struct Client {
    chance: fastrand::Rng,
    plan: Plan,
    outbox: Outbox,
    inbox: Inbox,
    token: Option<String>,
    sent: u32,
    received: Vec<String>,
    connections: u32,
}

/// A connection's far end, with messages that wait to be written.
struct Far {
    socket: WebSocketStream<DuplexStream>,
    queue: VecDeque<Message>,
}

impl Far {
    /// Writes what waits, and reads the next message; `None` if the connection is lost.
    async fn next(&mut self) -> Option<Message> {
        poll_fn(|cx| {
            while !self.queue.is_empty() {
                match self.socket.poll_ready_unpin(cx) {
                    Poll::Ready(Ok(())) => {
                        let message = self.queue.pop_front().unwrap();
                        if self.socket.start_send_unpin(message).is_err() {
                            return Poll::Ready(None);
                        }
                    }
                    Poll::Ready(Err(_)) => return Poll::Ready(None),
                    Poll::Pending => break,
                }
            }
            if let Poll::Ready(Err(_)) = self.socket.poll_flush_unpin(cx) {
                return Poll::Ready(None);
            }
            self.socket.poll_next_unpin(cx).map(|next| next?.ok())
        })
        .await
    }
}

impl Client {
    async fn run(&mut self, gateway: &Gateway, first: DuplexStream) -> Told {
        let mut replaced = Vec::new();
        let mut far = Self::far(first).await;
        loop {
            if let Some(told) = self.talk(&mut far).await {
                return told;
            }
            // A take-over: the gateway may not have noticed that this connection is lost.
            if self.chance.u8(0..4) == 0 {
                replaced.push(far);
            } else {
                drop(far);
            }
            let away = match std::mem::take(&mut self.plan.stays_away) {
                true => 1000.0,
                false => self.chance.f64(),
            };
            sleep(Duration::from_secs_f64(away)).await;
            let (end, near) = duplex(256);
            let near = self.stream(near);
            // Without a token, the first hello was lost.
            let Some(token) = &self.token else {
                return Told::Lost;
            };
            if !gateway.resume(near, token, self.inbox.received()) {
                return Told::Lost;
            }
            far = Self::far(end).await;
        }
    }

    async fn far(end: DuplexStream) -> Far {
        Far {
            socket: WebSocketStream::from_raw_socket(end, Role::Client, None).await,
            queue: VecDeque::new(),
        }
    }

    fn stream(&mut self, near: DuplexStream) -> NearStream {
        self.connections += 1;
        let seed = self.chance.u64(..);
        match self.is_faulty() {
            true => FaultyStream::new(near, seed),
            false => FaultyStream::gentle(near, seed),
        }
    }

    fn is_faulty(&self) -> bool {
        self.connections <= FAULTY_CONNECTIONS
    }

    /// Talks on a connection until it is lost, or the session is over.
    async fn talk(&mut self, far: &mut Far) -> Option<Told> {
        let mut is_greeted = false;
        let mut quiet = Duration::ZERO;
        loop {
            let pause = Duration::from_secs_f64(self.chance.f64() / 3.0);
            let Ok(next) = timeout(pause, far.next()).await else {
                quiet += pause;
                if quiet > PATIENCE {
                    return None;
                }
                match self.act(far, is_greeted) {
                    true => continue,
                    false => return None,
                }
            };
            quiet = Duration::ZERO;
            match next? {
                Message::Binary(message) => {
                    let (_, _, payload) = split_gateway_head(&message).unwrap();
                    let text = String::from_utf8(payload.to_vec()).unwrap();
                    self.received.push(text);
                    self.inbox.receive(1);
                    self.inbox.take(1, message.len());
                    if self.received.len() == self.plan.count as usize {
                        let _ = far.socket.close(None).await;
                        return Some(Told::Complete);
                    }
                }
                Message::Text(text) => match Control::parse(&text).unwrap() {
                    Control::Hello(hello) => {
                        assert!(!is_greeted, "one hello on a connection");
                        is_greeted = true;
                        self.token = Some(hello.session);
                        self.outbox.set_window(hello.window as usize);
                        self.outbox.resume(hello.received).unwrap();
                        let count = self.inbox.acknowledge();
                        far.queue.push_back(text_of(&Control::Ack(count)));
                        self.send_kept(far);
                    }
                    Control::Ack(count) => {
                        self.outbox.acknowledge(count).unwrap();
                        self.send_kept(far);
                    }
                    Control::Ending | Control::Unknown => {}
                },
                Message::Close(close) => {
                    let close = close.expect("a code");
                    match close.code.into() {
                        close_code::UNKNOWN_SESSION => return Some(Told::Lost),
                        code => return Some(Told::Closed(code, close.reason.to_string())),
                    }
                }
                _ => {}
            }
        }
    }

    /// Does something; returns false if it is to leave the connection.
    fn act(&mut self, far: &mut Far, is_greeted: bool) -> bool {
        if !is_greeted {
            return true;
        }
        match self.chance.u8(0..12) {
            0 if self.is_faulty() => return false,
            1 | 2 if !self.plan.never_acknowledges => {
                let count = self.inbox.acknowledge();
                far.queue.push_back(text_of(&Control::Ack(count)));
            }
            3..=5 if self.plan.lies => {
                self.plan.lies = false;
                far.queue.push_back(text_of(&Control::Ack(1 << 40)));
            }
            _ if self.sent < self.plan.count => {
                let padding = "x".repeat(self.chance.usize(0..200));
                let text = format!("{} {padding}", self.sent);
                self.sent += 1;
                let head = client_head(MessageKind::Text);
                let payload = Payload::Borrowed(text.as_bytes());
                if self.outbox.push(&head, &payload) {
                    let message = [&head, text.as_bytes()].concat();
                    far.queue.push_back(Message::binary(message));
                }
            }
            _ => {}
        }
        true
    }

    fn send_kept(&mut self, far: &mut Far) {
        while let Some(message) = self.outbox.next() {
            let message = message.copied.to_vec();
            far.queue.push_back(Message::binary(message));
        }
    }
}

fn text_of(control: &Control) -> Message {
    Message::text(control.to_string())
}

/// The outcome at the far ends.
struct Outcome {
    told: Told,
    end: SessionEnd,
    echoed: Vec<String>,
    received: Vec<String>,
    connections: u32,
    may_be_lost: bool,
    lies: bool,
}

/// The texts by their numbers, and nothing of their padding.
impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers = |texts: &[String]| -> Vec<String> {
            let number = |text: &String| text.split(' ').next().unwrap_or_default().into();
            texts.iter().map(number).collect()
        };
        let (echoed, received) = (numbers(&self.echoed), numbers(&self.received));
        let Self { told, end, .. } = self;
        write!(f, "{told:?}, {end}, {} connections, ", self.connections)?;
        write!(
            f,
            "echoed {}, received {}",
            echoed.join(" "),
            received.join(" ")
        )
    }
}

/// Runs one session; `seed` decides every random choice.
async fn run(seed: u64) -> Outcome {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut once_in = |n: u8| chance.u8(0..n) == 0;
    let (stays_away, is_evicted, stops) = (once_in(10), once_in(10), once_in(10));
    let (lies, never_acknowledges, leaves) = (once_in(8), once_in(10), once_in(4));
    let options = ResumeOptions {
        timeout: Some(Duration::from_secs(30)),
        // Several messages, or one.
        buffer: chance.usize(100..2000),
        memory: if is_evicted { 100 } else { 1 << 20 },
        gateway_id: None,
    };
    let gateway = Gateway::new(&options);
    let (upstream, near_upstream) = duplex(256);
    let near_upstream = FaultyStream::gentle(near_upstream, chance.u64(..));
    let leaves_after = if leaves {
        chance.usize(0..30)
    } else {
        usize::MAX
    };
    let echo = tokio::spawn(echo(upstream, leaves_after));
    let mut client = Client {
        plan: Plan {
            count: chance.u32(1..40),
            stays_away,
            lies,
            never_acknowledges,
        },
        outbox: Outbox::new(usize::MAX),
        inbox: Inbox::new(usize::MAX),
        token: None,
        sent: 0,
        received: Vec::new(),
        connections: 0,
        chance: chance.fork(),
    };
    let (first, near) = duplex(256);
    // Its hello arrives.
    client.connections = FAULTY_CONNECTIONS;
    let near = client.stream(near);
    client.connections = 1;
    let mut session = gateway.session(near, near_upstream);
    let stop = CancellationToken::new();
    let ended = {
        let stop = stop.clone();
        tokio::spawn(async move { session.run(&stop).await })
    };
    let stopper = tokio::spawn(async move {
        if stops {
            sleep(Duration::from_secs(chance.u64(0..60))).await;
            stop.cancel();
        }
    });
    let told = client.run(&gateway, first).await;
    let (end, _) = ended.await.unwrap();
    stopper.abort();
    Outcome {
        told,
        end,
        echoed: echo.await.unwrap(),
        received: client.received,
        connections: client.connections,
        may_be_lost: stays_away || is_evicted || stops || lies,
        lies,
    }
}

/// Returns the promise that an outcome breaks, if any.
fn broken_promise(outcome: &Outcome) -> Option<&'static str> {
    let (echoed, received) = (outcome.echoed.len(), outcome.received.len());
    let has_all = received == echoed;
    let upstream_closed = matches!(outcome.end, SessionEnd::UpstreamClosed);
    let is_upstream_lost = matches!(outcome.end, SessionEnd::UpstreamLost(_));
    let checks = [
        (
            in_order(&outcome.echoed),
            "the service gets each message once and in order",
        ),
        (
            in_order(&outcome.received),
            "the client gets each message once and in order",
        ),
        (received <= echoed, "no message comes from nowhere"),
        match &outcome.told {
            Told::Complete => (has_all, "a client that has all replies has them all"),
            Told::Lost if outcome.may_be_lost => (true, ""),
            // The Close may get lost with its connection, but no message does.
            Told::Lost if upstream_closed => (has_all, "the last replies arrive"),
            Told::Lost => (is_upstream_lost, "a session is kept"),
            Told::Closed(1001, _) => (outcome.may_be_lost, "only a stop says 1001"),
            Told::Closed(1002, _) => (outcome.lies, "only lies are violations"),
            Told::Closed(1011, _) => (!upstream_closed || has_all, "the last replies arrive"),
            Told::Closed(..) => (false, "the close code is known"),
        },
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|it| it.1)
}

#[test]
fn messages_arrive_once_and_in_order_over_connections_that_break() {
    let (mut complete, mut over_several, mut delivered, mut lost, mut lied) = (0, 0, 0, 0, 0);
    let mut broken = Vec::new();
    for seed in 0..SEEDS {
        let outcome = in_paused_time(run(seed));
        if let Some(promise) = broken_promise(&outcome) {
            broken.push(format!("seed {seed}: {promise}: {outcome:?}"));
        }
        match outcome.told {
            Told::Complete => {
                complete += 1;
                over_several += u64::from(outcome.connections > 2);
            }
            Told::Lost => lost += 1,
            Told::Closed(1002, _) => lied += 1,
            Told::Closed(..) => delivered += 1,
        }
    }
    assert!(
        broken.is_empty(),
        "{} broken: {:.2000}",
        broken.len(),
        broken.join("\n")
    );
    let counts = [complete, over_several, delivered, lost, lied];
    // Enough runs of each kind for the test to prove something.
    assert!(
        counts.iter().all(|&count| count > SEEDS / 100),
        "{counts:?}"
    );
}
