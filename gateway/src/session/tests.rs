//! A session between in-memory ends, under a paused clock.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use net::timer::timeout;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::session::plain_client::PlainClient;
use crate::websocket::WebSocket;

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
    session_with_limits(framing, Limits::default()).await
}

async fn session_with_limits(framing: Framing, limits: Limits) -> FarEnds {
    let (client, near_client) = duplex(PIPE);
    let (upstream, near_upstream) = duplex(PIPE);
    let near_client = ActivityStream::new(near_client);
    let near = WebSocket::new(near_client, &[], 16 << 20);
    let mut session = Session::new(
        PlainClient(near),
        near_upstream,
        &framing.into(),
        limits,
        Metrics::new(),
    );
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

/// Sends `text`, and reads the frame of it from the upstream.
async fn ask(ends: &mut FarEnds, text: &str) {
    ends.client.send(Message::text(text)).await.unwrap();
    let mut request = vec![0; frame(text).len()];
    ends.upstream.read_exact(&mut request).await.unwrap();
    assert_eq!(request, frame(text));
}

/// The client's next message, past pings.
async fn next(ends: &mut FarEnds) -> Message {
    loop {
        match ends.client.next().await.unwrap().unwrap() {
            Message::Ping(_) => {}
            message => return message,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn drain_that_waits_for_a_reply_leaves_time_for_the_close() {
    let mut ends = session().await;
    ask(&mut ends, "anyone?").await;
    let stopped = Instant::now();
    ends.stop.cancel();
    assert!(next(&mut ends).await.is_close());
    let limit = Limits::default().drain_timeout.unwrap();
    let waited = stopped.elapsed();
    assert!(
        waited > limit / 2 && waited < limit * 3 / 4,
        "waited {waited:?}"
    );
    // Neither side answers the end; the session is over in time all the same.
    let (end, _) = ends.ended.await.unwrap();
    assert!(matches!(end, SessionEnd::Shutdown));
    assert!(stopped.elapsed() < limit, "{:?}", stopped.elapsed());
}

#[tokio::test(start_paused = true)]
async fn drain_delivers_replies_of_an_upstream_that_ends_when_the_other_side_does() {
    let mut ends = session().await;
    ask(&mut ends, "one").await;
    ask(&mut ends, "two").await;
    ends.stop.cancel();
    // The upstream needs a while, and would end its side at a half-close.
    let mut byte = [0];
    for text in ["one", "two"] {
        let waited = timeout(Duration::from_secs(1), ends.upstream.read(&mut byte));
        assert!(waited.await.is_err(), "half-closed");
        ends.upstream.write_all(&frame(text)).await.unwrap();
        assert_eq!(next(&mut ends).await, Message::text(text));
    }
    assert!(next(&mut ends).await.is_close());
}

#[tokio::test(start_paused = true)]
async fn drain_half_closes_an_upstream_that_owes_replies_before_time_is_up() {
    let mut ends = session().await;
    ask(&mut ends, "one").await;
    ask(&mut ends, "two").await;
    ends.stop.cancel();
    // The upstream answers both with one frame, once it knows that no more come.
    assert_eq!(ends.upstream.read(&mut [0]).await.unwrap(), 0);
    ends.upstream.write_all(&frame("both")).await.unwrap();
    assert_eq!(next(&mut ends).await, Message::text("both"));
    drop(ends.upstream);
    let close = ends.client.next().await.unwrap().unwrap();
    assert!(close.is_close());
}

#[tokio::test(start_paused = true)]
async fn drain_of_a_raw_stream_delivers_it_to_its_end() {
    let mut ends = session_with(Framing::Raw).await;
    ends.client.send(Message::binary("ask")).await.unwrap();
    let mut request = [0; 3];
    ends.upstream.read_exact(&mut request).await.unwrap();
    ends.stop.cancel();
    for part in ["begun", "and", "finished"] {
        let pause = timeout(Duration::from_millis(900), ends.upstream.read(&mut request));
        assert!(pause.await.is_err(), "half-closed");
        ends.upstream.write_all(part.as_bytes()).await.unwrap();
        assert_eq!(next(&mut ends).await, Message::binary(part));
    }
    // The half-close tells the upstream that no more requests come.
    assert_eq!(ends.upstream.read(&mut request).await.unwrap(), 0);
    ends.upstream.write_all(b"bye").await.unwrap();
    assert_eq!(next(&mut ends).await, Message::binary("bye"));
    drop(ends.upstream);
    assert!(ends.client.next().await.unwrap().unwrap().is_close());
}

#[tokio::test(start_paused = true)]
async fn drain_does_not_wait_for_a_raw_stream_without_a_request() {
    let mut ends = session_with(Framing::Raw).await;
    // An empty message sends no bytes on a raw stream.
    ends.client.send(Message::binary("")).await.unwrap();
    ends.upstream.write_all(b"news").await.unwrap();
    assert_eq!(next(&mut ends).await, Message::binary("news"));
    let stopped = Instant::now();
    ends.stop.cancel();
    assert!(next(&mut ends).await.is_close());
    assert!(stopped.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn close_of_a_client_is_answered_at_once_though_the_upstream_owes_a_reply() {
    let mut ends = session().await;
    ask(&mut ends, "anyone?").await;
    let closed = Instant::now();
    ends.client.close(None).await.unwrap();
    assert!(next(&mut ends).await.is_close());
    assert!(closed.elapsed() < Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn reply_on_its_way_comes_before_the_answer_to_a_close() {
    let mut ends = session().await;
    ask(&mut ends, "hello").await;
    ends.client.close(None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    ends.upstream.write_all(&frame("hello")).await.unwrap();
    assert_eq!(next(&mut ends).await, Message::text("hello"));
    assert!(next(&mut ends).await.is_close());
}

#[tokio::test(start_paused = true)]
async fn half_close_of_the_upstream_leaves_the_other_direction_open() {
    let mut ends = session().await;
    ends.upstream.write_all(&frame("last")).await.unwrap();
    ends.upstream.shutdown().await.unwrap();
    assert_eq!(next(&mut ends).await, Message::text("last"));
    for text in ["one", "two", "three"] {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ask(&mut ends, text).await;
    }
    // It ends once the client sends nothing more.
    assert!(next(&mut ends).await.is_close());
    let (end, _) = ends.ended.await.unwrap();
    assert!(matches!(end, SessionEnd::UpstreamClosed), "{end}");
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
    assert!(matches!(end, SessionEnd::PingUnanswered(_)), "{end}");
    let waited = silent_from.elapsed();
    let limits = Limits::default();
    let limit = limits.ping_interval.unwrap() + limits.ping_timeout.unwrap();
    assert!(waited >= limit && waited < limit * 2, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn client_without_pings_is_closed_after_the_idle_timeout() {
    let limits = Limits {
        ping_interval: None,
        ..Limits::default()
    };
    let ends = session_with_limits(Framing::U32LE, limits).await;
    let start = Instant::now();
    let (end, _) = ends.ended.await.unwrap();
    assert!(matches!(end, SessionEnd::ClientSilent(_)), "{end}");
    assert!(after_idle_timeout(start.elapsed()));
}

/// Sends frames of 1,000 bytes without a pause.
async fn saturate(mut upstream: DuplexStream) {
    let payload = frame(&"x".repeat(1000));
    while upstream.write_all(&payload).await.is_ok() {}
}

#[tokio::test(start_paused = true)]
async fn client_of_a_saturated_stream_is_pinged_and_kept() {
    let FarEnds {
        mut client,
        upstream,
        ended,
        ..
    } = session().await;
    let saturating = tokio::spawn(saturate(upstream));
    let (start, mut pings) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(3600) {
        match client.next().await.unwrap().unwrap() {
            Message::Ping(_) => pings += 1,
            message => {
                assert!(message.is_text(), "{message:?}");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
    assert!(pings > 60, "{pings} pings in an hour");
    assert!(!ended.is_finished());
    saturating.abort();
}

#[tokio::test(start_paused = true)]
async fn client_that_takes_a_saturated_stream_and_answers_no_ping_is_kept() {
    let FarEnds {
        client,
        upstream,
        ended,
        ..
    } = session().await;
    let saturating = tokio::spawn(saturate(upstream));
    let mut client = client.into_inner();
    let (start, mut taken) = (Instant::now(), vec![0; 1000]);
    while start.elapsed() < Duration::from_secs(3600) {
        client.read_exact(&mut taken).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(!ended.is_finished());
    saturating.abort();
}

#[tokio::test(start_paused = true)]
async fn client_that_cannot_send_its_pongs_is_kept_while_the_upstream_does_not_read() {
    let mut ends = session().await;
    let payload = "x".repeat(1000);
    while !blocks(ends.client.feed(Message::text(payload.clone()))).await {}
    // Several times the limits of pings, and less than the idle timeout.
    let (mut write, mut read) = StreamExt::split(ends.client);
    let writer = tokio::spawn(async move { while write.send("".into()).await.is_ok() {} });
    let reader = tokio::spawn(async move { while let Some(Ok(_)) = read.next().await {} });
    tokio::time::sleep(Duration::from_secs(250)).await;
    assert!(!ends.ended.is_finished());
    writer.abort();
    reader.abort();
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
