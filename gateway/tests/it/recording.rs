//! Recordings: the records that `--record` writes, and helpers to read them.

use std::path::Path;
use std::process::Command;

use data_encoding::BASE64;
use futures_util::StreamExt;
use gateway::RecordingOptions;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::harness::{TestServer, Upstream, open_session_with, within};

/// The default options of a recording to `path`.
pub(crate) fn recording_to(path: &Path) -> RecordingOptions {
    RecordingOptions {
        path: path.into(),
        max_size: None,
        keep: 9,
        queue_bytes: RecordingOptions::DEFAULT_QUEUE_BYTES,
    }
}

pub(crate) async fn start_recording(recording: RecordingOptions) -> TestServer {
    TestServer::with(|config| config.recording = Some(recording)).await
}

/// Reads the records in a file.
pub(crate) fn records(path: &Path) -> Vec<Value> {
    parse(&std::fs::read_to_string(path).unwrap())
}

/// Parses records in NDJSON.
pub(crate) fn parse(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

/// The messages among `records`: direction, kind and payload.
pub(crate) fn messages(records: &[Value]) -> Vec<(&str, &str, Vec<u8>)> {
    fn message(record: &Value) -> (&str, &str, Vec<u8>) {
        let text = |key: &str| record[key].as_str().unwrap();
        let payload = BASE64.decode(text("base64").as_bytes()).unwrap();
        (text("direction"), text("kind"), payload)
    }
    let messages = records.iter().filter(|it| it["event"] == "message");
    messages.map(message).collect()
}

/// Makes a named pipe.
pub(crate) fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[tokio::test]
async fn session_is_recorded_byte_for_byte_from_open_to_close() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let (server, mut browser, mut peer) =
        open_session_with(|config| config.recording = Some(recording_to(&path))).await;
    browser.send("hello").await;
    peer.send(b"\xff\0").await;
    assert_eq!(browser.receive().await, Message::binary(&b"\xff\0"[..]));
    let long: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
    browser.send(long.clone()).await;
    while peer.receive().await.unwrap() != long {}
    peer.send("bye").await;
    // The type of the client's latest message.
    assert_eq!(browser.receive().await, Message::binary("bye"));
    drop(peer);
    assert_eq!(browser.closed().await.0, 1011);
    drop(browser);
    server.stop().await;

    let records = records(&path);
    let expected = [
        ("sent", "text", b"hello".to_vec()),
        ("received", "binary", b"\xff\0".to_vec()),
        ("sent", "binary", long),
        ("received", "binary", b"bye".to_vec()),
    ];
    assert!(messages(&records) == expected);
    let (open, close) = (&records[0], records.last().unwrap());
    assert_eq!(open["event"], "open");
    assert_eq!(open["framing"], "u32le");
    assert!(open["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert!(open["upstream"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(close["event"], "close");
    assert_eq!(close["code"], 1011);
    assert_eq!(close["reason"], "upstream closed the connection");
    assert!(records.iter().all(|it| it["session"] == open["session"]));
    let times: Vec<_> = records.iter().map(|it| it["time"].as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn close_reasons_are_escaped_and_bounded_for_the_client_and_in_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let server = start_recording(recording_to(&path)).await;
    let name = format!("ws/%1B[2J%0D%0A%E2%80%AE{}", "x".repeat(300));
    let (code, unknown) = server.open_at(&name).await.closed().await;
    assert_eq!((code, unknown.len()), (1008, 123));
    assert!(
        unknown.starts_with(r#"there is no upstream called "\x1b[2J\x0d\x0a\u{202e}xxx"#),
        "{unknown}"
    );
    assert!(unknown.ends_with("x…"), "{unknown}");

    let mut browser = server.open().await;
    let close = CloseFrame {
        code: CloseCode::Normal,
        reason: "bye\r\n\x1b[2J \u{202e}日本".into(),
    };
    within(browser.0.close(Some(close))).await.unwrap();
    let echoed = r"bye\x0d\x0a\x1b[2J \u{202e}日本";
    assert_eq!(browser.closed().await, (1000, echoed.into()));
    server.stop().await;
    let records = records(&path);
    let closes = records.iter().filter(|it| it["event"] == "close");
    let reasons: Vec<_> = closes.map(|it| it["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, [echoed]);
}

#[tokio::test]
async fn messages_during_a_drain_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let (server, mut browser, mut peer) =
        open_session_with(|config| config.recording = Some(recording_to(&path))).await;
    browser.send("asked").await;
    assert_eq!(peer.receive_text().await, "asked");
    server.ask_to_stop();
    assert_eq!(peer.receive().await, None);
    peer.send("late").await;
    assert_eq!(browser.receive().await, Message::text("late"));
    assert_eq!(browser.closed().await.0, 1001);
    drop((browser, peer));
    server.stopped().await;
    let records = records(&path);
    assert_eq!(messages(&records)[1].2, b"late");
    assert_eq!(records.last().unwrap()["code"], 1001);
}

#[tokio::test]
async fn close_record_names_the_side_that_ended_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        config.recording = Some(recording_to(&path));
        config.upstreams = vec![upstream.addr().to_string().parse().unwrap()];
        config.limits.max_frame = 9;
    })
    .await;
    let mut by_client = server.open().await;
    let _peer = upstream.accept().await;
    by_client.0.close(None).await.unwrap();
    while within(by_client.0.next()).await.is_some() {}
    let mut by_gateway = server.open().await;
    let _peer = upstream.accept().await;
    by_gateway.send("more than nine").await;
    assert_eq!(by_gateway.closed().await.0, 1009);
    let mut by_upstream = server.open().await;
    drop(upstream.accept().await);
    assert_eq!(by_upstream.closed().await.0, 1011);
    server.ask_to_stop();
    drop((by_gateway, by_upstream));
    server.stopped().await;
    let records = records(&path);
    let closes = records.iter().filter(|it| it["event"] == "close");
    let mut by: Vec<_> = closes
        .map(|it| it["by"].as_str().unwrap().to_owned())
        .collect();
    by.sort_unstable();
    assert_eq!(by, ["client", "gateway", "upstream"]);
}
