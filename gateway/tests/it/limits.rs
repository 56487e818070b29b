//! How much a peer may ask for.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, within};
use crate::http_client::ask;

#[tokio::test]
async fn connection_over_the_limit_is_refused_with_a_reason() {
    let server = TestServer::with(|config| config.limits.max_connections = Some(2)).await;
    let mut first = server.connect().await;
    first.send("one").await;
    assert_eq!(first.receive_text().await, "echo : one");
    let mut browser = server.open().await;

    // A session with the own echo service counts once.
    browser.send("two").await;
    assert_eq!(browser.receive().await, Message::text("echo : two"));

    let mut third = server.connect().await;
    assert_eq!(third.rest_or_reset().await, b"");
    let refused = ask(&server, "GET /", &[]).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.header("retry-after").is_some());
    assert!(
        refused.body().contains("all 2 connections"),
        "{}",
        refused.body()
    );
}

#[tokio::test]
async fn closed_connection_frees_its_permit() {
    let server = TestServer::with(|config| config.limits.max_connections = Some(1)).await;
    let mut first = server.connect().await;
    first.send("one").await;
    assert_eq!(first.receive_text().await, "echo : one");
    first.half_close().await;
    assert_eq!(first.receive().await, None);
    drop(first);
    // The gateway learns of it a moment later.
    within(async {
        loop {
            let mut next = server.connect().await;
            next.0.write_all(b"\x03\0\0\0two").await.unwrap();
            let mut reply = Vec::new();
            let _ = next.0.shutdown().await;
            if next.0.read_to_end(&mut reply).await.is_ok() && !reply.is_empty() {
                return assert_eq!(reply, b"\x0a\0\0\0echo : two");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn connections_per_ip_are_limited() {
    let server = TestServer::with(|config| config.limits.max_connections_per_ip = Some(1)).await;
    let mut first = server.connect().await;
    first.send("one").await;
    assert_eq!(first.receive_text().await, "echo : one");
    let refused = ask(&server, "GET /", &[]).await;
    assert_eq!(refused.status(), 503);
    assert!(
        refused.body().contains("from one address"),
        "{}",
        refused.body()
    );
}

#[tokio::test]
async fn idle_tcp_client_inside_a_frame_is_disconnected() {
    let idle = Duration::from_millis(200);
    let server = TestServer::with(|config| config.limits.idle_timeout = Some(idle)).await;
    let mut client = server.connect().await;
    client.send("whole").await;
    client.write(b"\x05\0\0\0he").await;
    assert_eq!(client.receive_text().await, "echo : whole");
    assert_eq!(client.receive().await, None);
}

#[tokio::test]
async fn slow_request_head_times_out() {
    let header = Duration::from_millis(200);
    let server = TestServer::with(|config| config.limits.header_timeout = header).await;
    let mut slow = TcpStream::connect(server.http()).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    let mut answer = Vec::new();
    // Cut, with or without an answer.
    within(slow.read_to_end(&mut answer)).await.unwrap();
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn oversized_request_head_is_431() {
    let server = TestServer::start().await;
    let long = "x".repeat(64 * 1024);
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx-long: {long}\r\n\r\n");
    // It may be refused before it is read to its end.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = [0; 12];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431");
}

#[tokio::test]
async fn upstream_connect_timeout_closes_with_1011() {
    // A listener that never accepts, its backlog full: connections to it hang.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(0).unwrap();
    let addr = full.local_addr().unwrap();
    let mut held = Vec::new();
    let moment = Duration::from_millis(200);
    while let Ok(stream) = tokio::time::timeout(moment, TcpStream::connect(addr)).await {
        held.push(stream.unwrap());
    }

    let server = TestServer::with(|config| {
        config.upstreams = vec![addr.to_string().parse().unwrap()];
        config.limits.connect_timeout = Some(moment);
    })
    .await;
    let mut browser = server.open().await;
    assert_eq!(
        browser.closed().await,
        (1011, format!("cannot reach {addr}: timed out"))
    );
}

#[tokio::test]
async fn keep_alive_pings_keep_an_idle_echo_session_open() {
    let server = TestServer::with(|config| {
        config.limits.idle_timeout = Some(Duration::from_millis(200));
        config.limits.ping_interval = Some(Duration::from_millis(50));
    })
    .await;
    let mut browser = server.open().await;
    // Several times as long; reading answers the pings.
    for _ in 0..20 {
        assert_eq!(browser.receive().await, Message::Ping("".into()));
    }
    browser.send("still here").await;
    while browser.receive().await != Message::text("echo : still here") {}
}

#[tokio::test]
async fn unread_http_response_times_out() {
    let server = TestServer::with(|config| {
        config.limits.idle_timeout = Some(Duration::from_millis(200));
        config.limits.max_connections = Some(1);
    })
    .await;
    let mut deaf = TcpStream::connect(server.http()).await.unwrap();
    let host = server.http().to_string();
    let request = format!("GET /api/info HTTP/1.1\r\nhost: {host}\r\n\r\n");
    // More answers than the sockets hold, none of them read; then there is room again.
    let deaf = async { while deaf.write_all(request.as_bytes()).await.is_ok() {} };
    within(deaf).await;
    within(async { while ask(&server, "GET /", &[]).await.status() != 200 {} }).await;
}
