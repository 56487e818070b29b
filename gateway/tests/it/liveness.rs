//! Liveness: who shows signs of life is kept, and who shows none is not.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::harness::{Peer, TestServer, Upstream, frame, open_session, open_session_with, within};
use crate::http_client::wait_for_metric;
use crate::limits::full_listener;
use crate::process::{GatewayProcess, assert_contains, framegate};

#[tokio::test]
async fn client_that_answers_no_ping_is_closed_long_before_the_idle_timeout() {
    let (_server, mut client, _upstream) = open_session_with(|config| {
        config.limits.ping_interval = Some(Duration::from_millis(100));
        config.limits.ping_timeout = Some(Duration::from_millis(300));
    })
    .await;
    // It does not read, so that it writes no pongs.
    sleep(Duration::from_secs(1)).await;
    let close = loop {
        match client.receive().await {
            Message::Ping(_) => {}
            Message::Close(Some(close)) => break close,
            other => panic!("expected a Close, got {other:?}"),
        }
    };
    assert_eq!(u16::from(close.code), 1011);
    assert_eq!(
        close.reason.as_str(),
        "client has not answered a ping for 300ms"
    );
}

#[tokio::test]
async fn client_of_a_saturated_stream_is_pinged_and_outlives_all_limits() {
    let (_server, mut client, mut upstream) = open_session_with(|config| {
        config.limits.idle_timeout = Some(Duration::from_secs(1));
        config.limits.ping_interval = Some(Duration::from_millis(200));
        config.limits.ping_timeout = Some(Duration::from_millis(500));
    })
    .await;
    let saturating = tokio::spawn(async move {
        let frames = frame([b'x'; 1000]).repeat(64);
        loop {
            upstream.write(&frames).await;
        }
    });
    let (start, mut pings) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(4) {
        match client.receive().await {
            Message::Ping(_) => pings += 1,
            Message::Text(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    assert!(pings >= 4, "{pings} pings");
    saturating.abort();
}

#[tokio::test]
async fn short_idle_timeout_needs_no_other_option() {
    let args = [
        "--idle-timeout=10s",
        "--http=127.0.0.1:0",
        "--tcp=127.0.0.1:0",
    ];
    let mut gateway = GatewayProcess::start(&mut framegate(&args));
    gateway.url("page").await;
}

#[tokio::test]
async fn close_is_answered_at_once_while_the_upstream_is_mute() {
    let (_server, mut client, mut upstream) = open_session().await;
    client.send("anyone?").await;
    assert_eq!(upstream.receive_text().await, "anyone?");
    let closed = Instant::now();
    client.0.close(None).await.unwrap();
    assert!(client.receive().await.is_close());
    // Before, it took five seconds.
    assert!(closed.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn close_is_answered_at_once_while_the_upstream_is_connected_to() {
    let (full, _queued) = full_listener().await;
    let addr = full.local_addr().unwrap();
    let server = TestServer::with(|config| {
        config.upstreams = vec![addr.to_string().parse().unwrap()];
        config.limits.connect_timeout = None;
    })
    .await;
    for offers in ["framegate", "framegate.1"] {
        let (mut client, _) = server.open_offering("ws", offers).await;
        client.send(Message::Ping("first".into())).await;
        let close = CloseFrame {
            code: CloseCode::Away,
            reason: "left".into(),
        };
        client.0.close(Some(close)).await.unwrap();
        let answer = loop {
            match client.receive().await {
                Message::Pong(_) => {}
                Message::Close(Some(answer)) => break answer,
                other => panic!("expected a Close, got {other:?}"),
            }
        };
        assert_eq!((u16::from(answer.code), &*answer.reason), (1001, "left"));
    }
    let ended = "framegate_sessions_ended_total{end=\"client_closed\"} 2";
    wait_for_metric(&server, ended).await;
}

/// A client that has asked for something before its Close, as `framegate send --no-reply` does.
#[tokio::test]
async fn message_before_a_close_is_delivered_though_the_upstream_connects_slowly() {
    let (full, queued) = full_listener().await;
    let server = TestServer::bridging_to(full.local_addr().unwrap()).await;
    let mut client = server.open().await;
    client.send("important").await;
    client.0.close(None).await.unwrap();
    drop(queued);
    let message = loop {
        // Those that filled the backlog come first, and send nothing.
        let (stream, _) = within(full.accept()).await.unwrap();
        if let Some(message) = Peer(stream).receive().await {
            break message;
        }
    };
    assert_eq!(message, b"important");
    assert!(client.receive().await.is_close());
}

#[tokio::test]
async fn limits_of_days_are_more_than_the_system_takes_and_no_fault() {
    let server = TestServer::with(|config| {
        config.limits.ping_interval = Some(Duration::from_hours(12));
        config.limits.idle_timeout = Some(Duration::from_hours(30 * 24));
    })
    .await;
    server.open().await.check_echo("hello").await;
}

#[tokio::test]
async fn half_closed_upstream_takes_the_clients_messages() {
    let (_server, mut client, mut upstream) = open_session().await;
    upstream.send("last").await;
    upstream.half_close().await;
    assert_eq!(client.receive().await, Message::text("last"));
    client.send("still there?").await;
    assert_eq!(upstream.receive_text().await, "still there?");
    assert_eq!(
        client.closed().await,
        (1011, "upstream closed the connection".into())
    );
}

/// Answers each frame after `pause`; ends when the other side does, as Node's sockets do.
async fn answer_slowly(upstream: Upstream, pause: Duration) {
    loop {
        let mut peer = upstream.accept().await;
        tokio::spawn(async move {
            let (mut read, mut write) = peer.0.split();
            let (mut header, mut payload) = ([0; 4], [0; 64]);
            loop {
                let one = async {
                    use tokio::io::{AsyncReadExt, AsyncWriteExt};
                    read.read_exact(&mut header).await?;
                    let len = u32::from_le_bytes(header) as usize;
                    read.read_exact(&mut payload[..len]).await?;
                    sleep(pause).await;
                    write.write_all(&frame(&payload[..len])).await
                };
                if one.await.is_err() {
                    return;
                }
            }
        });
    }
}

#[tokio::test]
async fn drain_delivers_what_an_upstream_owes_that_ends_at_a_half_close() {
    let upstream = Upstream::bind().await;
    let server = TestServer::bridging_to(upstream.addr()).await;
    tokio::spawn(answer_slowly(upstream, Duration::from_millis(400)));
    let mut client = server.open().await;
    client.send("one").await;
    client.send("two").await;
    // Both have reached the upstream when the first is answered.
    assert_eq!(client.receive().await, Message::text("one"));
    server.ask_to_stop();
    assert_eq!(client.receive().await, Message::text("two"));
    assert_eq!(client.closed().await.0, 1001);
}

#[tokio::test]
async fn every_session_gets_its_close_and_its_line_in_a_drain_that_runs_out_of_time() {
    const SESSIONS: usize = 40;
    let upstream = Upstream::bind().await;
    let upstream_option = format!("--upstream={}", upstream.addr());
    let args = [
        "--http=127.0.0.1:0",
        "--tcp=off",
        "--drain-timeout=2s",
        &upstream_option,
    ];
    let mut gateway = GatewayProcess::start(&mut framegate(&args));
    let url = gateway.url("bridge").await;
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        let mut client = crate::harness::Browser::connect(&url).await;
        let mut peer = upstream.accept().await;
        client.send("anyone?").await;
        assert_eq!(peer.receive_text().await, "anyone?");
        sessions.push((client, peer));
    }
    gateway.signal(testkit::Signal::SIGTERM);
    for (client, _) in &mut sessions {
        assert_eq!(client.closed().await.0, 1001);
    }
    let (status, log) = gateway.ended().await;
    assert_eq!(status, Some(0));
    let lines = log.lines().filter(|line| line.contains("session ended"));
    assert_eq!(lines.count(), SESSIONS, "{log}");
    assert!(!log.contains("drain timeout: cut"), "{log}");
    assert_contains(&log, "gateway is shutting down");
}
