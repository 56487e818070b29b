//! HTTP client: requests and responses byte by byte, one connection each.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{TestServer, within};

/// The example Sec-WebSocket-Key of RFC 6455, section 1.3.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The headers of a valid WebSocket handshake.
pub(crate) const HANDSHAKE: [(&str, &str); 4] = handshake("13", KEY);

/// The headers of a WebSocket handshake with this version and key.
pub(crate) const fn handshake<'a>(version: &'a str, key: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", version),
        ("sec-websocket-key", key),
    ]
}

/// An HTTP/1.1 response: status line, headers and body.
pub(crate) struct Response(String);

impl Response {
    pub(crate) fn status(&self) -> u16 {
        self.0.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.0.lines().take_while(|line| !line.is_empty());
        lines
            .filter_map(|line| line.split_once(": "))
            .find_map(|(n, value)| n.eq_ignore_ascii_case(name).then_some(value))
    }

    pub(crate) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").unwrap().1
    }
}

/// Sends `request`, a method and a path, with a Host header and `headers`.
pub(crate) async fn fetch(
    server: &TestServer,
    request: &str,
    headers: &[(&str, &str)],
) -> Response {
    let host = server.http().to_string();
    let headers = [&[("host", host.as_str())], headers].concat();
    fetch_exactly(server, request, &headers).await
}

/// Sends `request` with `headers` and no others.
pub(crate) async fn fetch_exactly(
    server: &TestServer,
    request: &str,
    headers: &[(&str, &str)],
) -> Response {
    let stream = TcpStream::connect(server.http()).await.unwrap();
    fetch_on(stream, request, headers, "").await
}

/// Sends `request` with `headers` and `body` on `stream`.
pub(crate) async fn fetch_on(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let headers: String = headers
        .iter()
        .map(|(n, v)| format!("{n}: {v}\r\n"))
        .collect();
    let text = format!("{request} HTTP/1.1\r\n{headers}\r\n{body}");
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut response = Vec::new();
    // The stream may end with a reset, or without TLS's close_notify.
    let _ = within(stream.read_to_end(&mut response)).await;
    // After a 101, frames may follow.
    Response(String::from_utf8_lossy(&response).into_owned())
}

/// Returns true if `/metrics` has `line`.
pub(crate) async fn has_metric(server: &TestServer, line: &str) -> bool {
    let metrics = fetch(server, "GET /metrics", &[]).await;
    metrics.body().lines().any(|it| it == line)
}

/// Polls `/metrics` until it has `line`.
pub(crate) async fn wait_for_metric(server: &TestServer, line: &str) {
    within(async { while !has_metric(server, line).await {} }).await;
}
