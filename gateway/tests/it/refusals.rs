//! Refused requests: each is logged and counted.

use testkit::{FREE_PORTS, Signal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Peer, TestServer, within};
use crate::http_client::{HANDSHAKE, fetch, fetch_on, handshake, wait_for_metric};
use crate::process::{GatewayProcess, assert_contains, framegate};

#[tokio::test]
async fn refused_request_leaves_a_line_with_what_it_asked_for_and_the_remedy() {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let addr = gateway.addr("page").await;
    let refuse = async |request: &str, headers: &[(&str, &str)]| {
        let stream = TcpStream::connect(addr).await.unwrap();
        fetch_on(stream, request, headers, "").await.status()
    };
    let local = ("host", "localhost");
    let mut foreign = vec![local, ("origin", "http://evil.example")];
    foreign.extend(HANDSHAKE);
    assert_eq!(refuse("GET /ws", &foreign).await, 403);
    assert_eq!(refuse("GET /", &[("host", "rebound.example")]).await, 421);
    assert_eq!(refuse("GET /nothing?code=hidden", &[local]).await, 404);
    assert_eq!(refuse("GET /ws", &[local]).await, 426);
    assert_eq!(refuse("GET /", &[]).await, 400);
    gateway.signal(Signal::SIGTERM);
    let (_, log) = gateway.ended().await;
    for parts in [
        ["path=/ws", "origin=http://evil.example", "--allow-origin"],
        ["host=rebound.example", "method=GET", "--allow-host"],
        ["path=/nothing ", "peer=127.0.0.1:", "no such path"],
        ["path=/ws", "host=localhost", "WebSocket only"],
        ["path=/", "method=GET", "Host header"],
    ] {
        let line = log
            .lines()
            .find(|line| parts.iter().all(|part| line.contains(part)));
        assert!(line.is_some(), "{parts:?} is missing in:\n{log}");
    }
    assert!(!log.contains("hidden"), "{log}");
}

#[tokio::test]
async fn text_of_a_peer_is_bounded_and_escaped_in_the_line() {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let addr = gateway.addr("page").await;
    let long = format!("evil.example/{}", "x".repeat(20_000));
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let origin = "http://evil\x1b[2J\u{202e}";
    let request =
        format!("GET /{long} HTTP/1.1\r\nhost: {long}\r\norigin: \u{85}\u{202e}{long}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    fetch_on(stream, "x: y", &[("connection", "close")], "").await;
    let stream = TcpStream::connect(addr).await.unwrap();
    fetch_on(
        stream,
        "GET /ws",
        &[("host", "localhost"), ("x", origin)],
        "",
    )
    .await;
    gateway.signal(Signal::SIGTERM);
    let (_, log) = gateway.ended().await;
    assert!(log.lines().all(|line| line.len() < 1500), "{log}");
    assert!(!log.contains(['\u{202e}', '\u{85}', '\x1b']), "{log}");
}

#[tokio::test]
async fn text_of_a_peer_forges_no_field_of_the_line() {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let addr = gateway.addr("page").await;
    let forged = [
        r#""x" peer="192.0.2.1:1""#,
        r#"x" peer="192.0.2.1:1"#,
        r#"x\" peer="192.0.2.1:1"#,
        r#"x peer=192.0.2.1:1"#,
    ];
    for origin in forged {
        let stream = TcpStream::connect(addr).await.unwrap();
        let headers = [("host", "localhost"), ("origin", origin)];
        let refused = fetch_on(stream, "GET /nothing", &headers, "").await;
        assert_eq!(refused.status(), 404);
    }
    gateway.signal(Signal::SIGTERM);
    let (_, log) = gateway.ended().await;
    let lines = log.lines().filter(|line| line.contains("/nothing"));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), forged.len(), "{log}");
    for line in lines {
        let fields = fields(line);
        let peers: Vec<_> = fields.iter().filter(|(name, _)| name == "peer").collect();
        assert!(
            matches!(&peers[..], [(_, peer)] if peer.starts_with("127.0.0.1:")),
            "{line}"
        );
        assert!(fields.iter().any(|(name, _)| name == "origin"), "{line}");
    }
}

/// Returns the fields of a log line, `NAME=VALUE` or `NAME="VALUE"`, where a backslash escapes a
/// quote.
fn fields(line: &str) -> Vec<(String, String)> {
    let (mut fields, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().chain([' ']);
    while let Some(char) = chars.next() {
        match char {
            '"' => is_quoted = !is_quoted,
            '\\' if is_quoted => word.extend(chars.next()),
            ' ' if !is_quoted => {
                if let Some((name, value)) = word.split_once('=') {
                    fields.push((name.into(), value.into()));
                }
                word.clear();
            }
            char => word.push(char),
        }
    }
    fields
}

#[tokio::test]
async fn lines_of_refusals_are_limited_and_all_are_counted() {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let addr = gateway.addr("page").await;
    for _ in 0..50 {
        let stream = TcpStream::connect(addr).await.unwrap();
        fetch_on(stream, "GET /nothing", &[("host", "localhost")], "").await;
    }
    let stream = TcpStream::connect(addr).await.unwrap();
    let metrics = fetch_on(stream, "GET /metrics", &[("host", "localhost")], "").await;
    assert_contains(
        metrics.body(),
        "framegate_refused_total{limit=\"path\"} 50\n",
    );
    gateway.signal(Signal::SIGTERM);
    let (_, log) = gateway.ended().await;
    let lines = log
        .lines()
        .filter(|line| line.contains("no such path"))
        .count();
    assert!((10..50).contains(&lines), "{lines}");
}

#[tokio::test]
async fn each_refusal_is_counted_by_its_reason() {
    let server = TestServer::start().await;
    fetch(&server, "POST /", &[]).await;
    fetch(&server, "GET /ws", &handshake("13", "short")).await;
    fetch(&server, "GET /nothing", &[]).await;
    let mut foreign = vec![("origin", "null")];
    foreign.extend(HANDSHAKE);
    assert_contains(fetch(&server, "GET /ws", &foreign).await.body(), "by HTTP");
    let stream = TcpStream::connect(server.http()).await.unwrap();
    fetch_on(stream, "(no token) /", &[], "").await;
    for reason in ["method", "handshake", "path", "origin", "head"] {
        let line = format!("framegate_refused_total{{limit=\"{reason}\"}} 1");
        wait_for_metric(&server, &line).await;
    }
}

#[tokio::test]
async fn connection_over_a_limit_leaves_a_line_on_each_listener() {
    let mut command = framegate(&FREE_PORTS);
    let mut gateway = GatewayProcess::start(command.arg("--max-connections=1"));
    let http = gateway.addr("page").await;
    let echo = gateway.addr("echo").await;
    let connect = async || Peer(TcpStream::connect(echo).await.unwrap());
    let mut first = connect().await;
    first.check_echo("the only one").await;
    let full = "all 1 connections that this gateway takes are in use: --max-connections";
    assert_eq!(connect().await.rest_or_reset().await, b"");
    gateway
        .logged(&format!("refused a connection: {full}"))
        .await;
    let stream = TcpStream::connect(http).await.unwrap();
    let refused = fetch_on(stream, "GET /", &[("host", "localhost")], "").await;
    assert_eq!(refused.body(), format!("{full}\n"));
    gateway.logged(&format!("refused a request: {full}")).await;
}

/// Sends `bytes` to a gateway, stops it, and returns its log.
async fn log_after(bytes: &[u8]) -> String {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let addr = gateway.addr("page").await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    // The bytes have been read when a later request has been answered.
    let other = TcpStream::connect(addr).await.unwrap();
    fetch_on(other, "GET /healthz", &[], "").await;
    gateway.signal(Signal::SIGTERM);
    gateway.ended().await.1
}

#[tokio::test]
async fn client_that_begins_with_http_2_is_answered_counted_and_logged() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    let mut response = String::new();
    within(stream.read_to_string(&mut response)).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 505 HTTP Version Not Supported\r\n"));
    let text = "\r\n\r\nHTTP/2 is not supported: this address takes HTTP/1.1\n";
    assert!(response.ends_with(text), "{response}");
    wait_for_metric(&server, "framegate_refused_total{limit=\"head\"} 1").await;
    let log = log_after(PREFACE).await;
    assert_contains(&log, "refused a connection: HTTP/2 is not supported");
}

#[tokio::test]
async fn request_that_is_incomplete_at_a_stop_is_logged() {
    let log = log_after(b"GET / HTTP/1.1\r\nhost: ").await;
    assert_contains(&log, "refused a connection: the gateway is stopping");
}
