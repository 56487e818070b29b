//! A session between in-memory ends, under a paused clock.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;

/// Capacity of an in-memory connection, in bytes.
const PIPE: usize = 4096;

/// The far ends of a running session.
struct FarEnds {
    client: WebSocketStream<DuplexStream>,
    upstream: DuplexStream,
    stop: CancellationToken,
    ended: JoinHandle<(SessionEnd, Traffic)>,
}

async fn session() -> FarEnds {
    session_with(Framing::U32LE).await
}

async fn session_with(framing: Framing) -> FarEnds {
    let (client, near_client) = duplex(PIPE);
    let (upstream, near_upstream) = duplex(PIPE);
    let near_client = ActivityStream::new(near_client);
    let near = WebSocket::new(near_client, &[], 16 << 20);
    let (limits, metrics) = (Limits::default(), Metrics::new());
    let mut session = Session::new(near, near_upstream, framing, limits, metrics);
    let stop = CancellationToken::new();
    FarEnds {
        client: WebSocketStream::from_raw_socket(client, Role::Client, None).await,
        upstream,
        ended: {
            let stop = stop.clone();
            tokio::spawn(async move { session.run(&stop).await })
        },
        stop,
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

/// A bound on the bytes of one direction: a batch, tungstenite's write buffer, and the capacity
/// of both connections.
const BOUND: usize = 256 * 1024;

#[tokio::test(start_paused = true)]
async fn backpressure_of_a_client_that_does_not_read_stops_the_upstream() {
    let mut ends = session().await;
    let payload = "x".repeat(1000);
    let mut count = 0;
    while !blocks(ends.upstream.write_all(&frame(&payload))).await {
        count += 1;
        assert!(count * payload.len() < BOUND, "it goes on writing");
    }
    // The frame that blocked is cut short; those before it all arrive.
    drop(ends.upstream);
    for _ in 0..count {
        let message = ends.client.next().await.unwrap().unwrap();
        assert_eq!(message, Message::text(payload.clone()));
    }
    assert!(ends.client.next().await.unwrap().unwrap().is_close());
}

#[tokio::test(start_paused = true)]
async fn backpressure_of_an_upstream_that_does_not_read_stops_the_client() {
    let mut ends = session().await;
    let payload = "x".repeat(1000);
    let mut count = 1;
    while !blocks(ends.client.send(Message::text(payload.clone()))).await {
        count += 1;
        assert!(count * payload.len() < BOUND, "it goes on writing");
    }
    let mut received = vec![0; count * frame(&payload).len()];
    let (flushed, read) =
        tokio::join!(ends.client.flush(), ends.upstream.read_exact(&mut received));
    flushed.unwrap();
    read.unwrap();
    assert_eq!(received, frame(&payload).repeat(count));
}

#[tokio::test(start_paused = true)]
async fn backpressure_stops_a_client_that_pings_and_does_not_read_its_pongs() {
    let mut ends = session().await;
    let ping = [&[0x89, 0x80 | 125, 0, 0, 0, 0], &[b'x'; 125][..]].concat();
    let mut count = 0;
    let client = ends.client.get_mut();
    while !blocks(client.write_all(&ping)).await {
        count += 1;
        assert!(count * ping.len() < BOUND, "it goes on pinging");
    }
}

#[tokio::test(start_paused = true)]
async fn blocked_direction_leaves_the_other_open() {
    let mut ends = session().await;
    // The upstream does not read...
    let payload = "x".repeat(1000);
    while !blocks(ends.client.feed(Message::text(payload.clone()))).await {}
    // ...but may send.
    ends.upstream.write_all(&frame("news")).await.unwrap();
    let message = ends.client.next().await.unwrap().unwrap();
    assert_eq!(message, Message::text("news"));
}

#[tokio::test(start_paused = true)]
async fn drain_waits_for_a_reply_for_the_drain_timeout() {
    let mut ends = session().await;
    ends.client.send(Message::text("anyone?")).await.unwrap();
    let mut request = vec![0; frame("anyone?").len()];
    ends.upstream.read_exact(&mut request).await.unwrap();

    let stopped = Instant::now();
    ends.stop.cancel();
    let close = ends.client.next().await.unwrap().unwrap();
    assert!(close.is_close());
    let waited = stopped.elapsed();
    let limit = Limits::default().drain_timeout.unwrap();
    assert!(waited >= limit && waited < limit + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn drain_of_a_raw_stream_delivers_it_to_its_end() {
    let mut ends = session_with(Framing::Raw).await;
    ends.client.send(Message::binary("ask")).await.unwrap();
    let mut request = [0; 3];
    ends.upstream.read_exact(&mut request).await.unwrap();
    ends.upstream.write_all(b"begun").await.unwrap();
    assert_eq!(
        ends.client.next().await.unwrap().unwrap(),
        Message::binary("begun")
    );

    ends.stop.cancel();
    // The half-close tells the upstream that no more requests come.
    assert_eq!(ends.upstream.read(&mut request).await.unwrap(), 0);
    for part in ["and", "finished"] {
        ends.upstream.write_all(part.as_bytes()).await.unwrap();
        assert_eq!(
            ends.client.next().await.unwrap().unwrap(),
            Message::binary(part)
        );
    }
    drop(ends.upstream);
    assert!(ends.client.next().await.unwrap().unwrap().is_close());
}

#[tokio::test(start_paused = true)]
async fn drain_does_not_wait_for_a_raw_stream_without_a_request() {
    let mut ends = session_with(Framing::Raw).await;
    // An empty message sends no bytes on a raw stream.
    ends.client.send(Message::binary("")).await.unwrap();
    ends.upstream.write_all(b"news").await.unwrap();
    assert_eq!(
        ends.client.next().await.unwrap().unwrap(),
        Message::binary("news")
    );
    let stopped = Instant::now();
    ends.stop.cancel();
    assert!(ends.client.next().await.unwrap().unwrap().is_close());
    assert!(stopped.elapsed() < Duration::from_secs(1));
}

/// Returns true if `waited` is the default idle timeout, plus at most what ticks add.
fn after_idle_timeout(waited: Duration) -> bool {
    let idle = Limits::default().idle_timeout.unwrap();
    (idle..=idle + idle / 4).contains(&waited)
}

#[tokio::test(start_paused = true)]
async fn idle_client_is_kept_by_its_pongs_and_closed_when_they_stop() {
    let mut ends = session().await;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(3600) {
        // tungstenite answers the ping as it is read.
        let message = ends.client.next().await.unwrap().unwrap();
        assert!(message.is_ping());
    }
    // Flushes the last pong.
    ends.client.flush().await.unwrap();
    let silent_from = Instant::now();
    let (end, _) = ends.ended.await.unwrap();
    assert!(matches!(end, SessionEnd::ClientSilent(_)), "{end}");
    assert!(after_idle_timeout(silent_from.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn client_that_stops_reading_is_closed() {
    let mut ends = session().await;
    let payload = "x".repeat(1000);
    while !blocks(ends.upstream.write_all(&frame(&payload))).await {}
    let blocked_from = Instant::now();
    // Its own messages keep coming, so it is alive.
    let (mut write, _read) = futures_util::StreamExt::split(ends.client);
    let talk = async {
        loop {
            write.send(Message::Pong(Bytes::new())).await.unwrap();
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    };
    tokio::select! {
        ended = ends.ended => {
            let (end, _) = ended.unwrap();
            assert!(matches!(end, SessionEnd::ClientStalled(_)), "{end}");
        }
        () = talk => unreachable!(),
    }
    assert!(after_idle_timeout(blocked_from.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn upstream_that_stops_inside_a_frame_ends_the_session() {
    let mut ends = session().await;
    let (whole, partial) = (frame("whole"), &frame("partial")[..5]);
    ends.upstream
        .write_all(&[&whole, partial].concat())
        .await
        .unwrap();
    let message = ends.client.next().await.unwrap().unwrap();
    assert_eq!(message, Message::text("whole"));
    let close = loop {
        match ends.client.next().await.unwrap().unwrap() {
            Message::Ping(_) => {}
            other => break other,
        }
    };
    assert!(close.to_text().unwrap().contains("no progress for 5m"));
}

#[tokio::test(start_paused = true)]
async fn idle_upstream_does_not_end_the_session() {
    let mut ends = session().await;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(3600) {
        assert!(ends.client.next().await.unwrap().unwrap().is_ping());
    }
    ends.upstream.write_all(&frame("at last")).await.unwrap();
    let message = ends.client.next().await.unwrap().unwrap();
    assert_eq!(message, Message::text("at last"));
}

#[tokio::test(start_paused = true)]
async fn client_that_does_not_answer_a_close_ends_the_session() {
    let FarEnds {
        client,
        upstream,
        ended,
        ..
    } = session().await;
    drop(upstream);
    let (end, _) = ended.await.unwrap();
    assert!(matches!(end, SessionEnd::UpstreamClosed));
    drop(client);
}
