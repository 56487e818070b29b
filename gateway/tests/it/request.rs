//! Requests and answers as they stand on the wire.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
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
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let headers: String = headers
        .iter()
        .map(|(n, v)| format!("{n}: {v}\r\n"))
        .collect();
    let head = format!("{request} HTTP/1.1\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    Answer(answer)
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
