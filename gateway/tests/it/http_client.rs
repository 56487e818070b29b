//! Requests and answers as they stand on the wire.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{TestServer, within};

/// RFC 6455's own example, section 1.3.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// An answer as it stood on the wire.
pub(crate) struct Answer(String);

impl Answer {
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

/// Sends `request`, a method and a path, and `headers` on a connection of its own.
pub(crate) async fn ask(server: &TestServer, request: &str, headers: &[(&str, &str)]) -> Answer {
    let host = server.http().to_string();
    let headers = [&[("host", host.as_str())], headers].concat();
    ask_exactly(server, request, &headers).await
}

/// The same, with no headers but `headers`.
pub(crate) async fn ask_exactly(
    server: &TestServer,
    request: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let stream = TcpStream::connect(server.http()).await.unwrap();
    ask_on(stream, request, headers, "").await
}

/// The same, on `stream`, and with a `body`.
pub(crate) async fn ask_on(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let headers: String = headers
        .iter()
        .map(|(n, v)| format!("{n}: {v}\r\n"))
        .collect();
    let text = format!("{request} HTTP/1.1\r\n{headers}\r\n{body}");
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // The end may be a reset, or TLS that is cut short.
    let _ = within(stream.read_to_end(&mut answer)).await;
    Answer(String::from_utf8(answer).unwrap())
}

/// The headers of a WebSocket handshake.
pub(crate) fn handshake<'a>(version: &'a str, key: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", version),
        ("sec-websocket-key", key),
    ]
}
