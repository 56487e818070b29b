//! Recordings: what `--record` writes.

use std::io::Read;
use std::path::Path;
use std::process::Command;

use data_encoding::BASE64;
use futures_util::StreamExt;
use gateway::{RecordingOptions, Server, StartError};
use serde_json::Value;
use testkit::{FREE_PORTS, Signal};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, Upstream, config, open_session_with, within};
use crate::http_client::{fetch, wait_for_metric};
use crate::process::{GatewayProcess, assert_contains, framegate};

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
fn parse(text: &str) -> Vec<Value> {
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
async fn recording_is_appended_to_a_file_with_mode_0600() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    for times in 1..=2 {
        let server = start_recording(recording_to(&path)).await;
        let mut client = server.connect().await;
        client.check_echo("not a session").await;
        let mut browser = server.open().await;
        browser.check_echo("hello").await;
        drop((browser, client));
        server.stop().await;
        assert_eq!(messages(&records(&path)).len(), 2 * times);
    }
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn full_file_is_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let server = start_recording(RecordingOptions {
        max_size: Some(2000),
        keep: 2,
        ..recording_to(&path)
    })
    .await;
    let mut browser = server.open().await;
    for number in 0..40 {
        browser.send(format!("message {number}")).await;
        browser.receive().await;
    }
    drop(browser);
    server.stop().await;

    let mut kept = Vec::new();
    for name in ["messages.ndjson.2", "messages.ndjson.1", "messages.ndjson"] {
        let path = folder.path().join(name);
        assert!(path.metadata().unwrap().len() <= 2000, "{name}");
        let records = records(&path);
        kept.extend(
            messages(&records)
                .into_iter()
                .map(|(_, _, payload)| payload),
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    let all = (0..40).flat_map(|n| [format!("message {n}"), format!("echo : message {n}")]);
    let all: Vec<_> = all.map(String::into_bytes).collect();
    assert!(kept.len() > 20 && all.ends_with(&kept), "{}", kept.len());
}

#[tokio::test]
async fn unwritable_path_fails_at_startup() {
    let mut config = config();
    config.recording = Some(recording_to(Path::new("/nowhere/messages.ndjson")));
    let error = Server::bind(config).await.unwrap_err();
    assert!(matches!(error, StartError::Record(_)));
    let expected = "cannot record to /nowhere/messages.ndjson: entity not found";
    assert_eq!(error.to_string(), expected);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn full_disk_drops_records_and_keeps_sessions_open() {
    let server = start_recording(recording_to(Path::new("/dev/full"))).await;
    let mut browser = server.open().await;
    for _ in 0..2 {
        browser.check_echo("hello").await;
    }
    wait_for_metric(&server, "framegate_not_recorded_messages_total 4").await;
    let metrics = fetch(&server, "GET /metrics", &[]).await;
    let recorded = "framegate_recorded_messages_total 0\n";
    assert_contains(metrics.body(), recorded);
}

/// A pipe without a reader stands for the disk.
#[tokio::test]
async fn hanging_disk_blocks_no_session_and_drops_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    // Opening it for writing waits for a reader.
    let reader = std::thread::spawn({
        let path = path.clone();
        move || std::fs::File::open(path).unwrap()
    });
    let server = start_recording(RecordingOptions {
        queue_bytes: 64 << 10,
        ..recording_to(&path)
    })
    .await;
    let mut pipe = reader.join().unwrap();

    // More than the recorder's 64 KiB and the 64 KiB of the pipe.
    const ROUNDS: usize = 50;
    let mut browser = server.open().await;
    for _ in 0..ROUNDS {
        let message = Message::text("x".repeat(5000));
        browser.send(message.clone()).await;
        assert_eq!(
            browser.receive().await.len(),
            message.len() + "echo : ".len()
        );
    }
    drop(browser);

    let reader = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    });
    server.stop().await;
    let text = within(reader).await.unwrap();
    let records = parse(&text);
    let dropped = records.iter().filter_map(|it| it["messages"].as_u64());
    let dropped: u64 = dropped.sum();
    assert!(dropped > 0);
    assert_eq!(messages(&records).len() + dropped as usize, 2 * ROUNDS);
    assert_eq!(records[0]["event"], "open");
    assert_eq!(records.last().unwrap()["event"], "close");
}

#[tokio::test]
async fn sighup_reopens_a_moved_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("new"), folder.path().join("moved"));
    let record = ["--record", path.to_str().unwrap()];
    let mut gateway = GatewayProcess::start(framegate(&FREE_PORTS).args(record));
    let url = gateway.url("bridge").await;
    let mut browser = crate::harness::Browser::connect(&url).await;
    browser.send("one").await;
    browser.receive().await;
    std::fs::rename(&path, &moved).unwrap();
    gateway.signal(Signal::SIGHUP);
    within(async {
        while !path.exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    browser.send("two").await;
    browser.receive().await;
    drop(browser);
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
    let payloads = |path: &Path| -> Vec<Vec<u8>> {
        let records = records(path);
        let messages = messages(&records).into_iter();
        messages.map(|(_, _, payload)| payload).collect()
    };
    assert_eq!(payloads(&moved), [&b"one"[..], b"echo : one"]);
    assert_eq!(payloads(&path), [&b"two"[..], b"echo : two"]);
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
