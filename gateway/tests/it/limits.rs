//! Limits: connections, sizes and timeouts.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, within};
use crate::http_client::{fetch, wait_for_metric};
use crate::process::assert_contains;

const MOMENT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn connection_over_the_limit_is_refused_with_a_reason() {
    let server = TestServer::with(|config| config.limits.max_connections = Some(2)).await;
    let mut first = server.connect().await;
    first.check_echo("one").await;
    let mut browser = server.open().await;

    // A session with the built-in echo service counts as one connection.
    browser.check_echo("two").await;

    let mut third = server.connect().await;
    assert_eq!(third.rest_or_reset().await, b"");
    let refused = fetch(&server, "GET /", &[]).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.header("retry-after").is_some());
    assert_contains(refused.body(), "all 2 connections");
}

#[tokio::test]
async fn closed_connection_frees_its_permit() {
    let server = TestServer::with(|config| config.limits.max_connections = Some(1)).await;
    let mut first = server.connect().await;
    first.check_echo("one").await;
    first.half_close().await;
    assert_eq!(first.receive().await, None);
    drop(first);
    // The gateway notices the EOF later.
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
    first.check_echo("one").await;
    let refused = fetch(&server, "GET /", &[]).await;
    assert_eq!(refused.status(), 503);
    assert_contains(refused.body(), "from one address");
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
    let mut response = String::new();
    within(slow.read_to_string(&mut response)).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    assert!(response.ends_with("\r\n\r\nthe request's head took too long to arrive\n"));
    wait_for_metric(&server, "framegate_refused_total{limit=\"timeout\"} 1").await;
}

#[tokio::test]
async fn request_head_over_32_kib_is_431() {
    let server = TestServer::start().await;
    let status = async |len: usize| {
        let mut stream = TcpStream::connect(server.http()).await.unwrap();
        let fixed = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-long: \r\n\r\n".len();
        let long = "x".repeat(len - fixed);
        let head = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-long: {long}\r\n\r\n");
        // The gateway may refuse it before it has read all of it.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut response = [0; 12];
        within(stream.read_exact(&mut response)).await.unwrap();
        String::from_utf8(response.to_vec()).unwrap()
    };
    assert_eq!(status(32 * 1024).await, "HTTP/1.1 200");
    for len in [32 * 1024 + 1, 40 * 1024, 64 * 1024, 1024 * 1024] {
        assert_eq!(status(len).await, "HTTP/1.1 431");
    }
}

#[tokio::test]
async fn request_with_more_than_100_headers_is_431() {
    let server = TestServer::start().await;
    for (count, status) in [(99, 200), (100, 431)] {
        // The Host is one more.
        let headers = vec![("x-many", "y"); count];
        let answer = fetch(&server, "GET /healthz", &headers).await;
        assert_eq!(answer.status(), status);
    }
}

/// A listener that does not accept, with a full backlog, and the connections that fill it:
/// further ones hang.
pub(crate) async fn full_listener() -> (TcpListener, Vec<TcpStream>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(0).unwrap();
    let addr = full.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = tokio::time::timeout(MOMENT, TcpStream::connect(addr)).await {
        queued.push(stream.unwrap());
    }
    (full, queued)
}

#[tokio::test]
async fn upstream_connect_timeout_closes_with_1011() {
    let (full, _queued) = full_listener().await;
    let addr = full.local_addr().unwrap();
    let server = TestServer::with(|config| {
        config.upstreams = vec![addr.to_string().parse().unwrap()];
        config.limits.connect_timeout = Some(MOMENT);
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
    // 20 pings take five times the idle timeout; reading answers them.
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
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let host = server.http().to_string();
    let request = format!("GET /api/info HTTP/1.1\r\nhost: {host}\r\n\r\n");
    // Fills the socket buffers with unread responses until the gateway disconnects.
    within(async { while stream.write_all(request.as_bytes()).await.is_ok() {} }).await;
    within(async { while fetch(&server, "GET /", &[]).await.status() != 200 {} }).await;
}
