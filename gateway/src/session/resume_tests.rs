//! Resumable sessions between in-memory ends, under a paused clock.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use net::timer::timeout;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tracing::Span;

use super::*;
use crate::listener::admission::{Admission, Permit};
use crate::resume::connection::{Connection, Resumption};
use crate::resume::options::ResumeOptions;
use crate::resume::registry::Registry;
use crate::resume::request::ResumeRequest;
use crate::session::resumable_client::ResumableClient;
use crate::session::resume_log::ResumeLog;
use crate::websocket::WebSocket;

/// Capacity of an in-memory connection, in bytes.
const PIPE: usize = 4096;

/// Window of the sessions, in bytes.
const WINDOW: usize = 10_000;

const KEEP: Duration = Duration::from_secs(60);

/// A gateway with one session, and its far ends.
struct FarEnds {
    registry: Registry<DuplexStream>,
    permit: Arc<Permit>,
    metrics: Metrics,
    client: WebSocketStream<DuplexStream>,
    token: String,
    upstream: DuplexStream,
    stop: CancellationToken,
    ended: JoinHandle<(SessionEnd, Traffic)>,
}

fn connection(near: DuplexStream, permit: &Arc<Permit>) -> Connection<DuplexStream> {
    Connection {
        socket: WebSocket::new(ActivityStream::new(near), &[], 16 << 20),
        permit: permit.clone(),
        peer: SocketAddr::from(([127, 0, 0, 1], 1)).into(),
    }
}

async fn session() -> FarEnds {
    let metrics = Metrics::new();
    let options = ResumeOptions {
        timeout: Some(KEEP),
        buffer: WINDOW,
        ..ResumeOptions::default()
    };
    let registry = Registry::new(&options, metrics.clone()).unwrap().unwrap();
    let host = SocketAddr::from(([127, 0, 0, 1], 1)).ip().into();
    let admission = Admission::new(&Limits::default());
    let permit = Arc::new(admission.admit(host).unwrap());
    let (client, near_client) = duplex(PIPE);
    let (upstream, near_upstream) = duplex(PIPE);
    let (registration, token) = registry.register("upstream").unwrap();
    let log = ResumeLog::new(metrics.clone(), Span::none);
    let near = ResumableClient::new(connection(near_client, &permit), registration, token, log);
    let (limits, framings) = (Limits::default(), Framings::default());
    let mut session = Session::new(near, near_upstream, &framings, limits, metrics.clone());
    let stop = CancellationToken::new();
    let ended = {
        let stop = stop.clone();
        tokio::spawn(async move { session.run(&stop).await })
    };
    let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let token = hello(&mut client).await;
    FarEnds {
        registry,
        permit,
        metrics,
        client,
        token,
        upstream,
        stop,
        ended,
    }
}

/// Reads a hello, and returns its token.
async fn hello(client: &mut WebSocketStream<DuplexStream>) -> String {
    let text = client.next().await.unwrap().unwrap().into_text().unwrap();
    let (_, rest) = text.split_once(r#""session":""#).expect("a hello");
    rest.split_once('"').unwrap().0.into()
}

impl FarEnds {
    /// Opens another connection for the session; returns false if it is unknown.
    async fn knock(&mut self, received: u64) -> bool {
        let (client, near) = duplex(PIPE);
        let query = format!("resume={}&received={received}", self.token);
        let resumption = Box::new(Resumption {
            connection: connection(near, &self.permit),
            request: ResumeRequest::parse(&query).unwrap().unwrap(),
        });
        let is_known = self.registry.resume("upstream", resumption).is_ok();
        self.client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        is_known
    }

    async fn resume(&mut self, received: u64) {
        assert!(self.knock(received).await, "the session is known");
        self.token = hello(&mut self.client).await;
        let ack = format!("{{\"ack\":{received}}}");
        self.client.send(Message::text(ack)).await.unwrap();
    }

    /// Loses the connection.
    async fn lose(&mut self) {
        let (end, _) = duplex(1);
        self.client = WebSocketStream::from_raw_socket(end, Role::Client, None).await;
    }

    /// Receives a message of the upstream, past control messages.
    async fn receive(&mut self) -> Vec<u8> {
        loop {
            match self.client.next().await.unwrap().unwrap() {
                Message::Binary(message) => return message[5..].to_vec(),
                Message::Text(_) | Message::Ping(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    async fn send(&mut self, text: &str) {
        let message = [&[1], text.as_bytes()].concat();
        self.client.send(Message::binary(message)).await.unwrap();
    }

    async fn ended(self) -> SessionEnd {
        self.ended.await.unwrap().0
    }
}

fn frame(payload: &str) -> Vec<u8> {
    let len = u32::try_from(payload.len()).unwrap();
    [&len.to_le_bytes(), payload.as_bytes()].concat()
}

/// Returns true if `write` is still blocked when all other tasks wait. The paused clock moves
/// only then.
async fn blocks<F: Future>(write: F) -> bool {
    timeout(Duration::from_secs(1), write).await.is_err()
}

/// Writes frames of 1,000 bytes until that blocks; returns the number of those written.
async fn fill(upstream: &mut DuplexStream) -> usize {
    let mut count = 0;
    while !blocks(upstream.write_all(&frame(&format!("{count:01000}")))).await {
        count += 1;
        let most = WINDOW + 3 * PIPE;
        assert!(count * 1000 < most, "the window holds nothing back");
    }
    count
}

#[tokio::test(start_paused = true)]
async fn client_that_acknowledges_nothing_holds_the_upstream_back() {
    let mut ends = session().await;
    let mut received = 0;
    let reading = async {
        loop {
            assert_eq!(ends.client.next().await.unwrap().unwrap().len(), 1005);
            received += 1;
        }
    };
    tokio::select! {
        () = reading => unreachable!(),
        count = fill(&mut ends.upstream) => assert!(count > 9, "{count}"),
    }
    assert!((9..=10).contains(&received), "{received} in flight");
    let ack = format!("{{\"ack\":{received}}}");
    ends.client.send(Message::text(ack)).await.unwrap();
    let next = ends.receive().await;
    assert_eq!(next, format!("{received:01000}").into_bytes());
}

#[tokio::test(start_paused = true)]
async fn detached_session_reads_the_upstream_until_its_window_is_full() {
    let mut ends = session().await;
    ends.lose().await;
    let count = fill(&mut ends.upstream).await;
    assert!(count >= 10, "{count}");
    ends.resume(0).await;
    for number in 0..count {
        let expected = format!("{number:01000}").into_bytes();
        assert_eq!(ends.receive().await, expected);
        let ack = format!("{{\"ack\":{}}}", number + 1);
        ends.client.send(Message::text(ack)).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_pass_an_upstream_that_takes_no_messages() {
    let mut ends = session().await;
    // The upstream takes nothing until its messages are read.
    let mut sent = 0;
    while !blocks(ends.send(&format!("{sent:0999}"))).await {
        sent += 1;
        if sent * 1000 >= WINDOW {
            break;
        }
    }
    let flood = 30;
    let mut upstream = ends.upstream;
    let writing = tokio::spawn(async move {
        for number in 0..flood {
            let bytes = frame(&format!("{number:01000}"));
            upstream.write_all(&bytes).await.unwrap();
        }
        upstream
    });
    let mut received = 0;
    while received < flood {
        if let Message::Binary(_) = ends.client.next().await.unwrap().unwrap() {
            received += 1;
            let ack = format!("{{\"ack\":{received}}}");
            ends.client.send(Message::text(ack)).await.unwrap();
        }
    }
    let mut upstream = writing.await.unwrap();
    let mut first = vec![0; 1003];
    upstream.read_exact(&mut first).await.unwrap();
    assert_eq!(first, frame(&format!("{:0999}", 0)));
}

#[tokio::test(start_paused = true)]
async fn session_is_kept_for_its_time_and_no_longer() {
    let mut ends = session().await;
    ends.lose().await;
    sleep(KEEP - Duration::from_secs(1)).await;
    ends.resume(0).await;
    let lost = Instant::now();
    ends.lose().await;
    let end = ends.ended().await;
    assert!(matches!(end, SessionEnd::ResumeExpired(KEEP)), "{end}");
    assert!(lost.elapsed() >= KEEP, "{:?}", lost.elapsed());
}

#[tokio::test(start_paused = true)]
async fn client_that_answers_no_ping_is_detached_and_may_come_back() {
    let mut ends = session().await;
    // It reads nothing, so it answers nothing.
    sleep(Duration::from_secs(45)).await;
    assert!(
        ends.metrics
            .encode()
            .contains("framegate_sessions_detached 1\n")
    );
    ends.upstream.write_all(&frame("news")).await.unwrap();
    ends.resume(0).await;
    assert_eq!(ends.receive().await, b"news");
    assert!(
        ends.metrics
            .encode()
            .contains("framegate_sessions_detached 0\n")
    );
    // The unanswered ping was that of the other connection.
    let (mut client, since) = (ends.client, Instant::now());
    while since.elapsed() < Duration::from_secs(30) {
        let _ = timeout(Duration::from_secs(1), client.next()).await;
        client.flush().await.unwrap();
    }
    assert!(
        ends.metrics
            .encode()
            .contains("framegate_sessions_detached 0\n")
    );
}

#[tokio::test(start_paused = true)]
async fn last_messages_of_an_upstream_wait_for_a_detached_client() {
    let mut ends = session().await;
    ends.lose().await;
    ends.upstream.write_all(&frame("last")).await.unwrap();
    ends.upstream.shutdown().await.unwrap();
    sleep(KEEP / 2).await;
    ends.resume(0).await;
    assert_eq!(ends.receive().await, b"last");
    let close = ends.client.next().await.unwrap().unwrap();
    assert_eq!(close.to_text().unwrap(), "upstream closed the connection");
}

#[tokio::test(start_paused = true)]
async fn last_messages_of_an_upstream_are_sent_again_until_they_are_acknowledged() {
    let mut ends = session().await;
    ends.upstream.write_all(&frame("last")).await.unwrap();
    ends.upstream.shutdown().await.unwrap();
    // On its way with the Close when the connection is lost.
    sleep(Duration::from_secs(1)).await;
    ends.lose().await;
    sleep(Duration::from_secs(5)).await;
    ends.resume(0).await;
    assert_eq!(ends.receive().await, b"last");
    assert!(ends.client.next().await.unwrap().unwrap().is_close());
    ends.client.flush().await.unwrap();
    let end = ends.ended().await;
    assert!(matches!(end, SessionEnd::UpstreamClosed), "{end}");
}

#[tokio::test(start_paused = true)]
async fn stop_ends_a_detached_session_at_once() {
    let mut ends = session().await;
    ends.send("owed").await;
    sleep(Duration::from_secs(1)).await;
    ends.lose().await;
    sleep(Duration::from_secs(1)).await;
    let (stopped, mut upstream) = (Instant::now(), ends.upstream);
    ends.stop.cancel();
    let mut request = Vec::new();
    upstream.read_to_end(&mut request).await.unwrap();
    drop(upstream);
    let (end, _) = ends.ended.await.unwrap();
    assert!(matches!(end, SessionEnd::Shutdown), "{end}");
    assert!(
        stopped.elapsed() < Duration::from_secs(1),
        "{:?}",
        stopped.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn service_time_is_that_between_request_and_reply() {
    let mut ends = session().await;
    ends.upstream.write_all(&frame("unasked")).await.unwrap();
    ends.send("one").await;
    let mut request = vec![0; 7];
    ends.upstream.read_exact(&mut request).await.unwrap();
    sleep(Duration::from_millis(250)).await;
    ends.upstream.write_all(&frame("1")).await.unwrap();
    let mut times = Vec::new();
    while times.len() < 2 {
        if let Message::Binary(message) = ends.client.next().await.unwrap().unwrap() {
            times.push(u32::from_le_bytes(message[1..5].try_into().unwrap()));
        }
    }
    assert_eq!(times, [u32::MAX, 250_000]);
}

#[tokio::test(start_paused = true)]
async fn counts_that_cannot_be_end_the_session_with_1002() {
    for (control, reason) in [
        (
            r#"{"ack":2}"#,
            "2 messages acknowledged, and only 1 were sent",
        ),
        (
            r#"{"ack":-1}"#,
            "control message is not valid: a count was expected",
        ),
        ("[]", "control message is not a JSON object"),
    ] {
        let mut ends = session().await;
        ends.upstream.write_all(&frame("one")).await.unwrap();
        assert_eq!(ends.receive().await, b"one");
        ends.client.send(Message::text(control)).await.unwrap();
        let close = ends.client.next().await.unwrap().unwrap();
        let text = close.to_text().unwrap();
        assert_eq!(text, format!("resumable session violated: {reason}"));
    }
    // Nothing was sent on a connection that was lost before.
    let mut ends = session().await;
    ends.lose().await;
    sleep(Duration::from_secs(1)).await;
    ends.upstream.write_all(&frame("one")).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert!(ends.knock(1).await);
    let close = ends.client.next().await.unwrap().unwrap();
    let reason = "resumable session violated: 1 messages acknowledged, and only 0 were sent";
    assert_eq!(close.to_text().unwrap(), reason);
}
