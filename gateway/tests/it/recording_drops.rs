//! Recordings to a disk that is full, limited or hangs: sessions go on, and drops are counted.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use gateway::RecordingOptions;
use testkit::{FREE_PORTS, Signal};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Browser, TestServer, within};
use crate::http_client::{fetch, wait_for_metric};
use crate::process::{GatewayProcess, assert_contains};
use crate::recording::{make_pipe, messages, parse, recording_to, records, start_recording};

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
    let mut browser = Browser::connect(&url).await;
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
async fn pipe_is_recorded_to_before_it_has_a_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    make_pipe(&path);
    let server = start_recording(recording_to(&path)).await;
    let mut browser = server.open().await;
    browser.check_echo("before").await;
    let pipe = File::open(&path).unwrap();
    drop(browser);
    let reader = read_to_end(pipe);
    server.stop().await;
    let records = parse(&within(reader).await.unwrap());
    assert_eq!(messages(&records)[0].2, b"before");
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
    let pipe = File::open(&path).unwrap();

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

    let reader = read_to_end(pipe);
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

/// Reads a pipe until its writer closes it.
fn read_to_end(mut pipe: File) -> JoinHandle<String> {
    tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    })
}
