//! `framegate replay`, as a person or a script runs it.

use std::path::Path;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use gateway::Recording;
use serde_json::{Value, json};
use testkit::ReservedPort;

use crate::echo_targets::{Targets, framed};
use crate::harness::{TestServer, Upstream, within};
use crate::process::{file, output, text};

/// A line of a recording: `seconds` after noon, in `session`.
pub(crate) fn line(seconds: f64, session: u64, event: &str, rest: &Value) -> String {
    let time = format!("2026-11-22T12:00:{seconds:09.6}Z");
    let mut line = json!({"time": time, "session": session, "event": event});
    let rest = rest.as_object().unwrap().clone();
    line.as_object_mut().unwrap().extend(rest);
    format!("{line}\n")
}

pub(crate) fn open(seconds: f64, session: u64) -> String {
    let rest = json!({"peer": "[::1]:1", "upstream": "echo", "framing": "u32le"});
    line(seconds, session, "open", &rest)
}

pub(crate) fn message(
    seconds: f64,
    session: u64,
    direction: &str,
    payload: impl AsRef<[u8]>,
) -> String {
    let payload = BASE64.encode(payload.as_ref());
    let rest = json!({"direction": direction, "kind": "text", "base64": payload});
    line(seconds, session, "message", &rest)
}

pub(crate) fn close(seconds: f64, session: u64) -> String {
    line(
        seconds,
        session,
        "close",
        &json!({"code": 1000, "reason": ""}),
    )
}

/// Replays `recording` to `target`, and returns the exit status, what it printed, and what
/// it said, in which the file is called FILE.
pub(crate) async fn replay(
    recording: &str,
    target: &str,
    args: &[&str],
) -> (Option<i32>, String, String) {
    let file = file(recording);
    let path = file.path().to_str().unwrap();
    let output = output(&[&["replay", path, "--to", target], args].concat()).await;
    let said = text(&output.stderr).replace(path, "FILE");
    (output.status.code(), text(&output.stdout), said)
}

/// A session in which the echo service was asked `n` things.
pub(crate) fn session(id: u64, n: usize) -> String {
    let exchange = |n| {
        let asked = format!("message {n}");
        message(0.0, id, "sent", &asked) + &message(0.0, id, "received", format!("echo : {asked}"))
    };
    let exchanges: String = (0..n).map(exchange).collect();
    open(0.0, id) + &exchanges + &close(0.0, id)
}

async fn recording_to(path: &Path) -> TestServer {
    let recording = Recording {
        path: path.into(),
        max_size: None,
        keep: 1,
        room: Recording::ROOM,
    };
    TestServer::with(|config| config.recording = Some(recording)).await
}

/// The messages in a recording: direction, kind and payload.
fn messages(recording: &str) -> Vec<[String; 3]> {
    let lines = recording
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let messages = lines.filter(|line: &Value| line["event"] == "message");
    let keys = ["direction", "kind", "base64"];
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    messages
        .map(|line| keys.map(|key| text(&line, key)))
        .collect()
}

#[tokio::test]
async fn recording_is_replayed_byte_for_byte_over_every_transport() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let server = recording_to(&path("first")).await;
    let mut browser = server.open().await;
    browser.send("hello").await;
    browser.receive().await;
    let bytes: Vec<u8> = (0..=255).collect();
    for payload in [&bytes[..], b"", b"\xff"] {
        browser.send(payload.to_vec()).await;
        browser.receive().await;
    }
    browser.send("日本").await;
    browser.receive().await;
    drop(browser);
    server.ask_to_stop();
    server.stopped().await;
    let first = std::fs::read_to_string(path("first")).unwrap();

    let server = recording_to(&path("second")).await;
    let target = format!("ws://{}/ws", server.http());
    let (status, printed, said) = replay(&first, &target, &[]).await;
    assert_eq!((status, &*said), (Some(0), ""), "{printed}");
    assert_eq!(
        printed,
        "sessions 1, messages sent 5, replies as recorded 5 of 5\n"
    );
    server.ask_to_stop();
    server.stopped().await;
    let second = std::fs::read_to_string(path("second")).unwrap();
    assert_eq!(messages(&first), messages(&second));

    let targets = Targets::start().await;
    for (target, options) in targets.all() {
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        let (status, printed, _) = replay(&first, &target, &options).await;
        assert_eq!(status, Some(0), "{target}: {printed}");
    }
}

#[tokio::test]
async fn messages_keep_their_timing_unless_fast() {
    let upstream = Upstream::bind().await;
    let target = format!("tcp://{}", upstream.addr());
    let times = tokio::spawn(async move {
        let mut gaps = Vec::new();
        for _ in 0..2 {
            let mut peer = upstream.accept().await;
            let mut gap = Vec::new();
            while peer.receive().await.is_some() {
                gap.push(Instant::now());
            }
            gaps.push(gap[1] - gap[0]);
        }
        gaps
    });
    let sent = |seconds| message(seconds, 1, "sent", "x");
    let recording = [open(0.0, 1), sent(0.0), sent(1.5), close(1.5, 1)].concat();
    for args in [&[][..], &["--fast"]] {
        let (status, printed, _) = replay(&recording, &target, args).await;
        assert_eq!(status, Some(0), "{printed}");
    }
    let gaps = within(times).await.unwrap();
    // What comes early was delayed before, by whatever else there was to do.
    assert!(gaps[0] > Duration::from_millis(1200), "{gaps:?}");
    assert!(gaps[1] < gaps[0] / 2, "{gaps:?}");
}

#[tokio::test]
async fn recorded_order_of_replies_and_sessions_is_kept() {
    let upstream = Upstream::bind().await;
    let target = format!("tcp://{}", upstream.addr());
    let service = tokio::spawn(async move {
        let mut first = upstream.accept().await;
        assert_eq!(first.receive_text().await, "message 0");
        first.send("echo : message 0").await;
        assert_eq!(first.receive_text().await, "message 1");
        first.send("echo : message 1").await;
        assert_eq!(first.receive().await, None);
        let mut second = upstream.accept().await;
        assert_eq!(second.receive_text().await, "message 0");
        second.send("echo : message 0").await;
        second.receive().await
    });
    let recording = session(1, 2) + &session(2, 1);
    let (status, printed, _) = replay(&recording, &target, &["--fast"]).await;
    assert_eq!(status, Some(0), "{printed}");
    assert_eq!(
        printed,
        "sessions 2, messages sent 3, replies as recorded 3 of 3\n"
    );
    assert_eq!(within(service).await.unwrap(), None);
}

#[tokio::test]
async fn one_session_can_be_selected() {
    let (_server, target) = framed(protocol::Framing::U32LE).await;
    // A gateway that started again: two sessions of one number.
    let recording = session(1, 1) + &session(2, 4) + &session(1, 2);
    let check = async |args: &[&str], expected: &str| {
        let (status, printed, said) = replay(&recording, &target, args).await;
        assert_eq!((status, said), (Some(0), String::new()));
        assert_eq!(printed, format!("{expected}\n"));
    };
    check(
        &[],
        "sessions 3, messages sent 7, replies as recorded 7 of 7",
    )
    .await;
    check(
        &["--session=2"],
        "sessions 1, messages sent 4, replies as recorded 4 of 4",
    )
    .await;
    check(
        &["-s1", "--fast"],
        "sessions 2, messages sent 3, replies as recorded 3 of 3",
    )
    .await;
}

#[tokio::test]
async fn gaps_in_a_recording_are_reported() {
    let (_server, target) = framed(protocol::Framing::U32LE).await;
    let dropped = r#"{"time":"2026-11-22T12:00:00Z","event":"dropped","messages":12}"#;
    let recording = [
        message(0.0, 3, "received", "echo : before"),
        message(0.0, 4, "sent", "hello"),
        message(0.0, 4, "received", "echo : hello"),
        close(0.0, 4),
        format!("{dropped}\n"),
        open(0.0, 5),
    ];
    let (_, _, said) = replay(&recording.concat(), &target, &["--fast", "--timeout=300ms"]).await;
    let expected = [
        "framegate: FILE:5: 12 messages are missing before this line",
        "framegate: FILE:1: session 3 begins in an earlier file",
        "framegate: FILE:1: session 3 does not end in this file",
        "framegate: FILE:2: session 4 begins in an earlier file",
        "framegate: FILE:6: session 5 does not end in this file",
        "framegate: not as recorded: 1 difference",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn invalid_recording_is_reported_with_its_line() {
    let closed = ReservedPort::new().unwrap();
    let target = format!("tcp://{}", closed.addr());
    let check = async |recording: &str, args: &[&str], status: i32, expected: &str| {
        let (found, printed, said) = replay(recording, &target, args).await;
        assert_eq!((found, &*printed), (Some(status), ""), "{said}");
        assert!(said.ends_with(&format!("{expected}\n")), "{said}");
    };
    let good = session(1, 1);
    let cut = good.clone() + &good[..20];
    check(
        &cut,
        &[],
        1,
        "framegate: FILE:5: EOF while parsing a string",
    )
    .await;
    let wrong = good.replace("received", "resent");
    let expected = "framegate: FILE:3: unknown variant `resent`, expected `sent` or `received`";
    check(&wrong, &[], 1, expected).await;
    check("\n", &[], 1, "framegate: FILE: there is no session in it").await;
    check(
        &good,
        &["-s2"],
        2,
        "framegate: FILE: there is no session 2 in it",
    )
    .await;
    let refused = format!("cannot connect to {target}: connection refused");
    check(&good, &[], 1, &refused).await;

    let output = output(&["replay", "/nowhere"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "framegate: cannot read /nowhere: entity not found\n"
    );
    let output = crate::process::output(&["replay"]).await;
    assert_eq!(output.status.code(), Some(2));
}
