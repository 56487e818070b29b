//! Deadlines of requests: heads and bodies that stall or trickle.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{TestServer, within};
use crate::http_client::{fetch, wait_for_metric};
use crate::process::file;

const TOKEN: &str = "correct-horse-battery";

/// Starts a gateway with a token, for whose login form bodies are read.
async fn server(header_timeout: Duration) -> TestServer {
    let token_file = file(TOKEN);
    TestServer::with(|config| {
        config.token_file = Some(token_file.path().into());
        config.limits.header_timeout = header_timeout;
        config.limits.max_connections = Some(1);
        config.limits.drain_timeout = None;
    })
    .await
}

/// Sends the beginning of a login: `headers` and `body`.
async fn begin_login(server: &TestServer, headers: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let head = "POST /login HTTP/1.1\r\nhost: localhost\r\n\
        content-type: application/x-www-form-urlencoded";
    let request = format!("{head}\r\n{headers}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    within(stream.read_to_end(&mut rest)).await.unwrap();
    String::from_utf8(rest).unwrap()
}

#[tokio::test]
async fn stalled_body_is_answered_408_and_its_connection_is_closed() {
    let server = server(Duration::from_millis(200)).await;
    for (headers, body) in [
        ("content-length: 100", "token="),
        ("content-length: 100", ""),
        ("transfer-encoding: chunked", "5\r\ntok"),
    ] {
        let mut stream = begin_login(&server, headers, body).await;
        let response = rest(&mut stream).await;
        assert!(response.starts_with("HTTP/1.1 408"), "{response}");
        drop(stream);
        // The only place is free again.
        within(async { while fetch(&server, "GET /login", &[]).await.status() != 200 {} }).await;
    }
}

#[tokio::test]
async fn trickling_body_has_a_deadline_for_the_whole() {
    let server = server(Duration::from_millis(300)).await;
    let stream = begin_login(&server, "content-length: 100000", "token=").await;
    let (mut responses, mut body) = stream.into_split();
    let trickle = async {
        loop {
            let _ = body.write_all(b"x").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut status = [0; 12];
    tokio::select! {
        read = within(responses.read_exact(&mut status)) => drop(read.unwrap()),
        () = trickle => {}
    }
    assert_eq!(&status, b"HTTP/1.1 408");
}

#[tokio::test]
async fn body_that_no_handler_reads_is_not_waited_for() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let request = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\nbegin";
    stream.write_all(request.as_bytes()).await.unwrap();
    let response = rest(&mut stream).await;
    assert!(response.starts_with("HTTP/1.1 405"), "{response}");
    wait_for_metric(&server, "framegate_refused_total{limit=\"method\"} 1").await;
}

#[tokio::test]
async fn body_over_the_limit_is_413() {
    let server = server(Duration::from_secs(10)).await;
    let body = format!("token={}", "x".repeat(20_000));
    let headers = format!("connection: close\r\ncontent-length: {}", body.len());
    let mut stream = begin_login(&server, &headers, &body).await;
    let response = rest(&mut stream).await;
    assert!(response.starts_with("HTTP/1.1 413"), "{response}");
}

#[tokio::test]
async fn stop_does_not_wait_for_the_rest_of_a_body_or_of_a_head() {
    let token_file = file(TOKEN);
    let server = TestServer::with(|config| {
        config.token_file = Some(token_file.path().into());
        config.limits.header_timeout = Duration::from_secs(60);
        config.limits.drain_timeout = None;
    })
    .await;
    let _silent = TcpStream::connect(server.http()).await.unwrap();
    let mut head = TcpStream::connect(server.http()).await.unwrap();
    head.write_all(b"GET / HTTP/1.1\r\nhost: local")
        .await
        .unwrap();
    let mut body = begin_login(&server, "content-length: 100", "token=").await;
    server.ask_to_stop();
    let response = rest(&mut body).await;
    assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    server.stopped().await;
}
