//! The live feed: `--monitor` and its server-sent events.

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Browser, TestServer, Upstream, within};
use crate::http_client::{fetch, has_metric, wait_for_metric};
use crate::tutorial::python;

async fn server() -> TestServer {
    TestServer::with(|config| config.monitor = true).await
}

/// A watcher: a client of the live feed.
struct Watcher(Lines<BufReader<TcpStream>>);

impl Watcher {
    async fn new(server: &TestServer) -> Self {
        let mut this = Self::request(server).await;
        // It receives events from now on.
        assert_eq!(this.line().await.unwrap(), "HTTP/1.1 200 OK");
        this
    }

    /// Sends the request, and reads nothing.
    async fn request(server: &TestServer) -> Self {
        let http = server.http();
        let mut stream = TcpStream::connect(http).await.unwrap();
        let request = format!("GET /api/monitor HTTP/1.1\r\nhost: {http}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        Self(BufReader::new(stream).lines())
    }

    async fn line(&mut self) -> Option<String> {
        within(self.0.next_line()).await.unwrap()
    }

    /// Receives an event; `None` at the end of the stream.
    async fn receive(&mut self) -> Option<Value> {
        loop {
            // Between the events are chunk lengths; the last chunk has length 0.
            let line = self.line().await.filter(|line| line != "0")?;
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    async fn expect(&mut self, event: &str) -> Value {
        let received = self.receive().await.unwrap();
        assert_eq!(received["event"], event, "{received}");
        received
    }
}

fn payload(event: &Value) -> Vec<u8> {
    BASE64
        .decode(event["base64"].as_str().unwrap().as_bytes())
        .unwrap()
}

#[tokio::test]
async fn tutorial_client_is_shown_from_open_to_close() {
    let server = server().await;
    let mut watcher = Watcher::new(&server).await;
    let addr = server.tcp();
    let mut client = python("client.py");
    client.args([addr.ip().to_string(), addr.port().to_string()]);
    assert!(within(client.output()).await.unwrap().status.success());

    let open = watcher.expect("open").await;
    assert_eq!(open["transport"], "tcp");
    assert_eq!(open["upstream"], "echo");
    for number in 1..=9 {
        let sent = watcher.expect("message").await;
        assert_eq!(
            (&sent["direction"], &sent["sent"]),
            (&"sent".into(), &number.into())
        );
        assert_eq!(payload(&sent), b"hello");
        let received = watcher.expect("message").await;
        assert_eq!(received["direction"], "received");
        assert_eq!(received["session"], open["session"]);
        assert_eq!(payload(&received), b"echo : hello");
    }
    let close = watcher.expect("close").await;
    assert_eq!((&close["sent"], &close["received"]), (&9.into(), &9.into()));
}

#[tokio::test]
async fn new_watcher_receives_the_connected_clients() {
    let server = server().await;
    let client = server.connect().await;
    let peer = client.0.local_addr().unwrap().to_string();
    let mut first = Watcher::new(&server).await;
    assert_eq!(first.expect("open").await["peer"], peer.as_str());
    // A session's connection to the built-in echo service is no client of its own.
    let mut browser = server.open().await;
    browser.check_echo("hello").await;
    assert_eq!(first.expect("open").await["transport"], "websocket");

    let mut watcher = Watcher::new(&server).await;
    let mut connected = [watcher.expect("open").await, watcher.expect("open").await];
    connected.sort_by_key(|open| open["transport"] == "websocket");
    assert_eq!(connected[0]["peer"], peer.as_str());
    assert_eq!(
        (&connected[1]["sent"], &connected[1]["received"]),
        (&1.into(), &1.into())
    );
    drop(client);
    assert_eq!(
        watcher.expect("close").await["session"],
        connected[0]["session"]
    );
    browser.0.close(None).await.unwrap();
    let close = watcher.expect("close").await;
    assert_eq!(close["session"], connected[1]["session"]);
}

#[tokio::test]
async fn long_payload_is_truncated() {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        config.monitor = true;
        config.upstreams = vec![format!("db={}", upstream.addr()).parse().unwrap()];
    })
    .await;
    let mut watcher = Watcher::new(&server).await;
    let mut browser = server.open_at("ws/db").await;
    let mut peer = upstream.accept().await;
    browser.send("日".repeat(100_000)).await;
    peer.receive().await;
    peer.send(b"\xff\0").await;
    browser.receive().await;
    drop(peer);
    assert_eq!(browser.closed().await.0, 1011);

    assert_eq!(watcher.expect("open").await["upstream"], "db");
    let long = watcher.expect("message").await;
    assert_eq!(long["bytes"], 300_000);
    assert_eq!(payload(&long), "日".repeat(4096 / 3).as_bytes());
    let binary = watcher.expect("message").await;
    assert_eq!(
        (&binary["kind"], &binary["bytes"]),
        (&"binary".into(), &2.into())
    );
    assert_eq!(payload(&binary), b"\xff\0");
    let close = watcher.expect("close").await;
    assert_eq!(close["code"], 1011);
    assert_eq!(close["reason"], "upstream closed the connection");
}

#[tokio::test]
async fn messages_over_the_rate_limit_are_counted_as_dropped() {
    let server = server().await;
    let mut watcher = Watcher::new(&server).await;
    let client = server.connect().await;
    let (mut replies, mut requests) = client.0.into_split();
    const MESSAGES: usize = 3000;
    let batch = crate::harness::frame("hello").repeat(MESSAGES);
    let write = tokio::spawn(async move { requests.write_all(&batch).await });
    tokio::io::copy(&mut replies, &mut tokio::io::sink())
        .await
        .unwrap();
    write.await.unwrap().unwrap();

    watcher.expect("open").await;
    let (mut shown, mut dropped, mut close) = (0, 0, None);
    while close.is_none() || shown + dropped < 2 * MESSAGES as u64 {
        let event = watcher.receive().await.unwrap();
        match event["event"].as_str().unwrap() {
            "message" => shown += 1,
            "dropped" => dropped += event["messages"].as_u64().unwrap(),
            _ => close = Some(event),
        }
    }
    assert!(shown > 0 && dropped > 0, "{shown} shown, {dropped} dropped");
    assert_eq!(close.unwrap()["sent"], MESSAGES);
}

#[tokio::test]
async fn slow_watcher_is_disconnected_and_blocks_no_session() {
    let server = server().await;
    let mut watcher = Watcher::new(&server).await;
    let mut browser = server.open().await;
    let message = Message::text("x".repeat(4096));
    // 2,000 events a second pass the rate limit: 3 s of them overflow the socket buffers and
    // the ring of 1,024.
    let (began, mut exchanges) = (Instant::now(), 0);
    while exchanges < 3000 || began.elapsed() < Duration::from_secs(3) {
        browser.send(message.clone()).await;
        browser.receive().await;
        exchanges += 1;
    }
    let mut last = watcher.receive().await;
    while let Some(event) = watcher.receive().await {
        last = Some(event);
    }
    assert_eq!(last.unwrap()["event"], "dropped");
}

#[tokio::test]
async fn number_of_watchers_is_limited() {
    let server = server().await;
    assert!(has_metric(&server, "framegate_watchers 0").await);
    let mut watchers = Vec::new();
    for _ in 0..8 {
        watchers.push(Watcher::new(&server).await);
    }
    assert!(has_metric(&server, "framegate_watchers 8").await);
    assert_eq!(fetch(&server, "GET /api/monitor", &[]).await.status(), 503);
    let refused = "framegate_refused_total{limit=\"watchers\"} 1";
    assert!(has_metric(&server, refused).await);
    watchers.pop();
    let is_admitted = async || {
        let status = Watcher::request(&server).await.line().await;
        status.unwrap() == "HTTP/1.1 200 OK"
    };
    within(async { while !is_admitted().await {} }).await;
    drop(watchers);
    wait_for_metric(&server, "framegate_watchers 0").await;
}

/// The next event of a watcher's WebSocket.
async fn event(watcher: &mut Browser) -> Value {
    loop {
        match watcher.receive().await {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) => {}
            other => panic!("expected an event, got {other:?}"),
        }
    }
}

#[tokio::test]
async fn events_come_as_text_messages_of_a_websocket() {
    let server = server().await;
    let mut watcher = server.open_at("api/monitor").await;
    wait_for_metric(&server, "framegate_watchers 1").await;
    let mut browser = server.open().await;
    browser.check_echo("hello").await;
    assert_eq!(event(&mut watcher).await["event"], "open");
    let sent = event(&mut watcher).await;
    assert_eq!(
        (&sent["direction"], payload(&sent)),
        (&"sent".into(), b"hello".into())
    );
    assert_eq!(event(&mut watcher).await["direction"], "received");
    // Messages of a watcher are ignored, and its pings are answered.
    watcher.send("ignored").await;
    watcher.send(Message::Ping("ping".into())).await;
    assert_eq!(watcher.receive().await, Message::Pong("ping".into()));
    watcher.0.close(None).await.unwrap();
    wait_for_metric(&server, "framegate_watchers 0").await;
}

#[tokio::test]
async fn websocket_of_a_watcher_without_a_seat_is_closed_with_the_reason() {
    let server = server().await;
    let mut watchers = Vec::new();
    for _ in 0..8 {
        watchers.push(server.open_at("api/monitor").await);
    }
    let (code, reason) = server.open_at("api/monitor").await.closed().await;
    assert_eq!(code, 1008);
    assert!(reason.contains("too many watchers"), "{reason}");
    let refused = "framegate_refused_total{limit=\"watchers\"} 1";
    assert!(has_metric(&server, refused).await);
}

#[tokio::test]
async fn websocket_of_a_watcher_is_refused_to_other_origins() {
    let server = server().await;
    let handshake = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("origin", "http://evil.example"),
    ];
    let response = fetch(&server, "GET /api/monitor", &handshake).await;
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn websockets_of_watchers_are_closed_by_a_drain() {
    let server = server().await;
    let mut watcher = server.open_at("api/monitor").await;
    server.ask_to_stop();
    assert_eq!(watcher.closed().await.0, 1001);
    drop(watcher);
    server.stopped().await;
}

#[tokio::test]
async fn drain_does_not_wait_for_watchers() {
    let server = server().await;
    let mut watcher = Watcher::new(&server).await;
    server.ask_to_stop();
    while watcher.line().await.is_some() {}
    server.stopped().await;
}

#[tokio::test]
async fn live_feed_is_refused_to_other_origins() {
    let server = server().await;
    let check = async |headers: &[(&str, &str)], status| {
        let response = fetch(&server, "GET /api/monitor", headers).await;
        assert_eq!(response.status(), status, "{headers:?}");
    };
    check(&[("origin", "http://evil.example")], 403).await;
    check(&[("sec-fetch-site", "cross-site")], 403).await;
    check(&[("host", "rebound.example")], 400).await;
}

#[tokio::test]
async fn live_feed_is_off_by_default_and_announced_in_info() {
    let info = async |server: &TestServer| {
        let response = fetch(server, "GET /api/info", &[]).await;
        serde_json::from_str::<Value>(response.body()).unwrap()["monitor"].clone()
    };
    assert_eq!(info(&server().await).await, true);
    let off = TestServer::start().await;
    assert_eq!(info(&off).await, false);
    assert_eq!(fetch(&off, "GET /api/monitor", &[]).await.status(), 404);
}

#[tokio::test]
async fn live_feed_is_refused_without_an_origin_if_one_is_required() {
    let server = TestServer::with(|config| {
        config.monitor = true;
        config.access.require_origin = true;
    })
    .await;
    let refused = fetch(&server, "GET /api/monitor", &[]).await;
    assert_eq!(refused.status(), 403);
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let request =
        "GET /api/monitor HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let status = Watcher(BufReader::new(stream).lines()).line().await;
    assert_eq!(status.unwrap(), "HTTP/1.1 200 OK");
}

/// One address may take 8 of the 16 seats.
#[tokio::test]
async fn watchers_of_one_address_leave_seats_to_others() {
    let server = TestServer::with(|config| {
        config.monitor = true;
        config.access.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let mut watchers = Vec::new();
    let mut watch = async |client: &str| {
        let mut stream = TcpStream::connect(server.http()).await.unwrap();
        let headers = format!("host: localhost\r\nx-forwarded-for: {client}");
        let request = format!("GET /api/monitor HTTP/1.1\r\n{headers}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        watchers.push(Watcher(BufReader::new(stream).lines()));
        watchers.last_mut().unwrap().line().await.unwrap()
    };
    for port in 1..=8 {
        let client = format!("192.0.2.1:{port}");
        assert_eq!(watch(&client).await, "HTTP/1.1 200 OK");
    }
    assert!(watch("192.0.2.1:9").await.starts_with("HTTP/1.1 503"));
    assert_eq!(watch("192.0.2.2").await, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn ipv4_client_of_an_ipv6_listener_is_shown_by_its_ipv4_address() {
    let server = TestServer::with(|config| {
        config.monitor = true;
        config.http = vec!["[::]:0".parse().unwrap()];
        config.tcp = vec!["[::]:0".parse().unwrap()];
    })
    .await;
    let loopback = |addr: std::net::SocketAddr| ("127.0.0.1", addr.port());
    let mut stream = TcpStream::connect(loopback(server.http())).await.unwrap();
    let request = "GET /api/monitor HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut watcher = Watcher(BufReader::new(stream).lines());
    assert_eq!(watcher.line().await.unwrap(), "HTTP/1.1 200 OK");
    let client = TcpStream::connect(loopback(server.tcp())).await.unwrap();
    let open = watcher.expect("open").await;
    assert_eq!(open["peer"], client.local_addr().unwrap().to_string());
}
