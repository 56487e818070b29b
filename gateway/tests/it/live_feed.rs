//! What `--monitor` tells those who watch.

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, Upstream, within};
use crate::http_client::ask;
use crate::tutorial::python;

async fn server() -> TestServer {
    TestServer::with(|config| config.monitor = true).await
}

/// Someone who watches.
struct Watcher(Lines<BufReader<TcpStream>>);

impl Watcher {
    async fn new(server: &TestServer) -> Self {
        let mut stream = TcpStream::connect(server.http()).await.unwrap();
        let http = server.http();
        let request = format!("GET /api/monitor HTTP/1.1\r\nhost: {http}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut this = Self(BufReader::new(stream).lines());
        // From here on it watches.
        assert_eq!(this.line().await.unwrap(), "HTTP/1.1 200 OK");
        this
    }

    async fn line(&mut self) -> Option<String> {
        within(self.0.next_line()).await.unwrap()
    }

    /// What it is told next; `None` if no more.
    async fn told(&mut self) -> Option<Value> {
        loop {
            // Between the events, there are the lengths of chunks; the last has none.
            let line = self.line().await.filter(|line| line != "0")?;
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    async fn told_of(&mut self, event: &str) -> Value {
        let told = self.told().await.unwrap();
        assert_eq!(told["event"], event, "{told}");
        told
    }
}

fn payload(told: &Value) -> Vec<u8> {
    BASE64
        .decode(told["base64"].as_str().unwrap().as_bytes())
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

    let open = watcher.told_of("open").await;
    assert_eq!(open["transport"], "tcp");
    assert_eq!(open["upstream"], "echo");
    for number in 1..=9 {
        let sent = watcher.told_of("message").await;
        assert_eq!(
            (&sent["direction"], &sent["sent"]),
            (&"sent".into(), &number.into())
        );
        assert_eq!(payload(&sent), b"hello");
        let received = watcher.told_of("message").await;
        assert_eq!(received["direction"], "received");
        assert_eq!(received["session"], open["session"]);
        assert_eq!(payload(&received), b"echo : hello");
    }
    let close = watcher.told_of("close").await;
    assert_eq!((&close["sent"], &close["received"]), (&9.into(), &9.into()));
}

#[tokio::test]
async fn new_watcher_receives_the_connected_clients() {
    let server = server().await;
    let client = server.connect().await;
    let peer = client.0.local_addr().unwrap().to_string();
    let mut before = Watcher::new(&server).await;
    assert_eq!(before.told_of("open").await["peer"], peer.as_str());
    // Its own connection to the echo service is none of those who are there.
    let mut browser = server.open().await;
    browser.send("hello").await;
    assert_eq!(browser.receive().await, Message::text("echo : hello"));
    assert_eq!(before.told_of("open").await["transport"], "websocket");

    let mut watcher = Watcher::new(&server).await;
    let mut there = [watcher.told_of("open").await, watcher.told_of("open").await];
    there.sort_by_key(|open| open["transport"] == "websocket");
    assert_eq!(there[0]["peer"], peer.as_str());
    assert_eq!(
        (&there[1]["sent"], &there[1]["received"]),
        (&1.into(), &1.into())
    );
    drop(client);
    assert_eq!(
        watcher.told_of("close").await["session"],
        there[0]["session"]
    );
    browser.0.close(None).await.unwrap();
    let close = watcher.told_of("close").await;
    assert_eq!(close["session"], there[1]["session"]);
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

    assert_eq!(watcher.told_of("open").await["upstream"], "db");
    let long = watcher.told_of("message").await;
    assert_eq!(long["bytes"], 300_000);
    assert_eq!(payload(&long), "日".repeat(4096 / 3).as_bytes());
    let binary = watcher.told_of("message").await;
    assert_eq!(
        (&binary["kind"], &binary["bytes"]),
        (&"binary".into(), &2.into())
    );
    assert_eq!(payload(&binary), b"\xff\0");
    let close = watcher.told_of("close").await;
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

    watcher.told_of("open").await;
    let (mut shown, mut missed, mut went) = (0, 0, None);
    while went.is_none() || shown + missed < 2 * MESSAGES as u64 {
        let told = watcher.told().await.unwrap();
        match told["event"].as_str().unwrap() {
            "message" => shown += 1,
            "dropped" => missed += told["messages"].as_u64().unwrap(),
            _ => went = Some(told),
        }
    }
    assert!(shown > 0 && missed > 0, "{shown} shown, {missed} missed");
    assert_eq!(went.unwrap()["sent"], MESSAGES);
}

#[tokio::test]
async fn slow_watcher_is_disconnected_and_blocks_no_session() {
    let server = server().await;
    let mut watcher = Watcher::new(&server).await;
    let mut browser = server.open().await;
    let message = Message::text("x".repeat(4096));
    // More than its place in the ring and the buffers of its connection hold together.
    let (began, mut exchanges) = (Instant::now(), 0);
    while exchanges < 3000 || began.elapsed() < Duration::from_secs(3) {
        browser.send(message.clone()).await;
        browser.receive().await;
        exchanges += 1;
    }
    let mut last = watcher.told().await;
    while let Some(told) = watcher.told().await {
        last = Some(told);
    }
    assert_eq!(last.unwrap()["event"], "dropped");
}

#[tokio::test]
async fn number_of_watchers_is_limited() {
    let server = server().await;
    let counted = async |line: &str| {
        let metrics = ask(&server, "GET /metrics", &[]).await;
        metrics.body().lines().any(|it| it == line)
    };
    assert!(counted("framegate_watchers 0").await);
    let mut watchers = Vec::new();
    for _ in 0..8 {
        watchers.push(Watcher::new(&server).await);
    }
    assert!(counted("framegate_watchers 8").await);
    assert_eq!(ask(&server, "GET /api/monitor", &[]).await.status(), 503);
    assert!(counted("framegate_refused_total{limit=\"watchers\"} 1").await);
    watchers.pop();
    within(async { while ask_and_leave(&server).await != 200 {} }).await;
    drop(watchers);
    within(async { while !counted("framegate_watchers 0").await {} }).await;
}

/// The status that one who watches gets.
async fn ask_and_leave(server: &TestServer) -> u16 {
    let mut stream = TcpStream::connect(server.http()).await.unwrap();
    let http = server.http();
    let request = format!("GET /api/monitor HTTP/1.1\r\nhost: {http}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    let line = within(lines.next_line()).await.unwrap().unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
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
        let answer = ask(&server, "GET /api/monitor", headers).await;
        assert_eq!(answer.status(), status, "{headers:?}");
    };
    check(&[("origin", "http://evil.example")], 403).await;
    check(&[("sec-fetch-site", "cross-site")], 403).await;
    check(&[("host", "rebound.example")], 400).await;
}

#[tokio::test]
async fn live_feed_is_off_by_default_and_announced_in_info() {
    let info = async |server: &TestServer| {
        let answer = ask(server, "GET /api/info", &[]).await;
        serde_json::from_str::<Value>(answer.body()).unwrap()["monitor"].clone()
    };
    assert_eq!(info(&server().await).await, true);
    let off = TestServer::start().await;
    assert_eq!(info(&off).await, false);
    assert_eq!(ask(&off, "GET /api/monitor", &[]).await.status(), 404);
}
