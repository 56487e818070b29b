//! Recordings: what `--record` writes.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use data_encoding::BASE64;
use futures_util::StreamExt;
use gateway::{RecordingOptions, Server, StartError};
use serde_json::Value;
use testkit::{FREE_PORTS, Signal};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

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
    assert_eq!(mode(&path), 0o600);
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
    let expected = "cannot record to /nowhere/messages.ndjson: there is no such file or folder";
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
    wait_for_metric(
        &server,
        "framegate_not_recorded_messages_total{cause=\"write_failed\"} 4",
    )
    .await;
    let metrics = fetch(&server, "GET /metrics", &[]).await;
    let recorded = "framegate_recorded_messages_total 0\n";
    assert_contains(metrics.body(), recorded);
}

/// Makes a named pipe.
pub(crate) fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

/// Returns the value of the metric whose line begins with `name`.
async fn metric(server: &TestServer, name: &str) -> f64 {
    let metrics = fetch(server, "GET /metrics", &[]).await;
    let mut lines = metrics.body().lines();
    lines
        .find_map(|it| it.strip_prefix(name))
        .unwrap()
        .parse()
        .unwrap()
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn existing_file_is_restricted_to_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let record = ["--record", path.to_str().unwrap()];
    let mut gateway = GatewayProcess::start(framegate(&FREE_PORTS).args(record));
    gateway.url("page").await;
    gateway.logged("its mode was 644").await;
    assert_eq!(mode(&path), 0o600);
    let pipe = folder.path().join("pipe");
    make_pipe(&pipe);
    let before = mode(&pipe);
    start_recording(recording_to(&pipe)).await.stop().await;
    assert_eq!(mode(&pipe), before);
}

#[tokio::test]
async fn pipe_is_recorded_to_before_it_has_a_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    make_pipe(&path);
    let server = start_recording(recording_to(&path)).await;
    let mut browser = server.open().await;
    browser.check_echo("before").await;
    let mut pipe = std::fs::File::open(&path).unwrap();
    drop(browser);
    let reader = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    });
    server.stop().await;
    let records = parse(&within(reader).await.unwrap());
    assert_eq!(messages(&records)[0].2, b"before");
}

#[tokio::test]
async fn limit_on_file_sizes_drops_records_and_ends_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let mut limited = tokio::process::Command::new("sh");
    limited
        .args(["-c", "ulimit -f 8; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_framegate"))
        .args(FREE_PORTS)
        .args(["--record", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut gateway = GatewayProcess::start(&mut limited);
    let url = gateway.url("bridge").await;
    let mut browser = crate::harness::Browser::connect(&url).await;
    browser.check_echo("fits").await;
    let long = "x".repeat(20_000);
    browser.send(long.clone()).await;
    browser.receive().await;
    gateway.logged("file too large").await;
    browser.send("fits again").await;
    browser.receive().await;
    drop(browser);
    gateway.signal(Signal::SIGTERM);
    let (status, log) = gateway.ended().await;
    assert_eq!(status, Some(0));
    assert_contains(&log, "recording again");
    let records = records(&path);
    let messages = messages(&records);
    assert_eq!(messages.last().unwrap().2, b"echo : fits again");
    let dropped = records.iter().filter_map(|it| it["messages"].as_u64());
    assert_eq!(messages.len() + dropped.sum::<u64>() as usize, 6);
}

#[tokio::test]
async fn rotation_is_tried_again_after_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    // A folder in the way of the rotated file.
    let rotated = folder.path().join("messages.ndjson.1");
    std::fs::create_dir_all(rotated.join("full")).unwrap();
    let server = start_recording(RecordingOptions {
        max_size: Some(1000),
        keep: 1,
        ..recording_to(&path)
    })
    .await;
    let mut browser = server.open().await;
    while path.metadata().unwrap().len() < 1500 {
        browser.check_echo("grows").await;
    }
    std::fs::remove_dir_all(&rotated).unwrap();
    while !rotated.is_file() {
        browser.check_echo("grows").await;
    }
    drop(browser);
    server.stop().await;
    assert!(path.metadata().unwrap().len() <= 1000);
}

/// A lease that its holder does not give up, which makes the kernel hold back whoever opens the
/// file, stands for the disk.
#[tokio::test]
async fn file_that_cannot_be_opened_again_in_time_is_given_up() {
    const LEASE: &str = "import fcntl, signal, sys\n\
        signal.signal(signal.SIGIO, signal.SIG_IGN)\n\
        file = open(sys.argv[1], 'w')\n\
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)\n\
        print('leased', flush=True)\n\
        sys.stdin.read()";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.ndjson");
    let moved = folder.path().join("moved.ndjson");
    let record = ["--record", path.to_str().unwrap()];
    let mut gateway = GatewayProcess::start(framegate(&FREE_PORTS).args(record));
    let url = gateway.url("bridge").await;
    let mut browser = crate::harness::Browser::connect(&url).await;
    std::fs::rename(&path, &moved).unwrap();
    let mut holder = Command::new("python3")
        .args(["-c", LEASE])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut leased = [0; 7];
    let stdout = holder.stdout.as_mut().unwrap();
    stdout.read_exact(&mut leased).unwrap();

    gateway.signal(Signal::SIGHUP);
    gateway.logged("recording goes on in the open file").await;
    browser.check_echo("goes on").await;
    drop(holder.stdin.take());
    holder.wait().unwrap();
    gateway.signal(Signal::SIGHUP);
    gateway.logged("reopened the recording").await;
    browser.check_echo("again").await;
    drop(browser);
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
    for (path, payload) in [(&moved, "goes on"), (&path, "again")] {
        let records = records(path);
        assert_eq!(messages(&records)[0].2, payload.as_bytes());
    }
}

/// A pipe without a reader stands for the disk.
#[tokio::test]
async fn hanging_disk_blocks_no_session_and_drops_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    make_pipe(&path);
    let server = start_recording(RecordingOptions {
        queue_bytes: 64 << 10,
        ..recording_to(&path)
    })
    .await;
    let mut pipe = std::fs::File::open(&path).unwrap();

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
    // Counted while the disk still hangs.
    let lost = "framegate_not_recorded_messages_total{cause=\"queue_full\"} ";
    assert!(metric(&server, lost).await > 0.0);
    within(async { while metric(&server, "framegate_recording_write_seconds ").await == 0.0 {} })
        .await;

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
