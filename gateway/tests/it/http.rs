use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{TestServer, within};

/// An answer as it stood on the wire.
struct Answer(String);

impl Answer {
    fn status(&self) -> u16 {
        self.0.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.0.lines().take_while(|line| !line.is_empty());
        lines
            .filter_map(|line| line.split_once(": "))
            .find_map(|(n, value)| n.eq_ignore_ascii_case(name).then_some(value))
    }

    fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").unwrap().1
    }
}

/// Sends `request` line and `headers` on a connection of its own.
async fn ask(server: &TestServer, request: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let headers: String = headers
        .iter()
        .map(|(n, v)| format!("{n}: {v}\r\n"))
        .collect();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n",
        server.http()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    Answer(answer)
}

#[tokio::test]
async fn the_page_is_revalidated_and_not_sent_twice() {
    let server = TestServer::start().await;
    let first = ask(&server, "GET /", &[]).await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.header("content-type"), Some("text/html"));
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    assert!(first.body().contains("framegate"));

    let etag = first.header("etag").unwrap();
    let second = ask(&server, "GET /", &[("if-none-match", etag)]).await;
    assert_eq!(second.status(), 304);
    assert_eq!(second.body(), "");
}

#[tokio::test]
async fn the_page_learns_what_the_gateway_offers() {
    let server = TestServer::start().await;
    let answer = ask(&server, "GET /api/info", &[]).await;
    let info: serde_json::Value = serde_json::from_str(answer.body()).unwrap();
    assert_eq!(
        info,
        serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "tcp": server.tcp().to_string(),
            "upstreams": [{
                "name": "echo", "path": "ws", "framing": "u32le", "max_frame": 16_777_216,
            }],
        })
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let server = TestServer::start().await;
    for path in [
        "/nothing",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/ws/other",
    ] {
        let answer = ask(&server, &format!("GET {path}"), &[]).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
    assert_eq!(ask(&server, "POST /", &[]).await.status(), 405);
}

#[tokio::test]
async fn a_handshake_is_answered_as_rfc_6455_has_it() {
    // Section 1.3's own example.
    let server = TestServer::start().await;
    let answer = ask(
        &server,
        "GET /ws",
        &handshake("13", "dGhlIHNhbXBsZSBub25jZQ=="),
    )
    .await;
    assert_eq!(answer.status(), 101);
    assert_eq!(
        answer.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
}

#[tokio::test]
async fn a_refused_handshake_says_why() {
    let server = TestServer::start().await;

    let plain = ask(&server, "GET /ws", &[]).await;
    assert_eq!(plain.status(), 426);
    assert_eq!(plain.header("upgrade"), Some("websocket"));
    assert!(plain.body().contains("WebSocket only"));

    let old = ask(
        &server,
        "GET /ws",
        &handshake("8", "dGhlIHNhbXBsZSBub25jZQ=="),
    )
    .await;
    assert_eq!(old.status(), 426);
    assert_eq!(old.header("sec-websocket-version"), Some("13"));

    for key in ["", "short", "dGhlIHNhbXBsZQ==", "!!!!!!!!!!!!!!!!!!!!!!=="] {
        let keyless = ask(&server, "GET /ws", &handshake("13", key)).await;
        assert_eq!(keyless.status(), 400, "{key:?}");
        assert!(keyless.body().contains("Sec-WebSocket-Key"));
    }
}

fn handshake<'a>(version: &'a str, key: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", version),
        ("sec-websocket-key", key),
    ]
}
