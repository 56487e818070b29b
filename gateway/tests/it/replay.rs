//! `framegate replay`: timing, order, selection and errors.

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use serde_json::{Value, json};
use testkit::ReservedPort;

use crate::echo_targets::{EchoTargets, echo_target, tcp_url, ws_url};
use crate::harness::{Upstream, within};
use crate::process::{file, output, text};
use crate::recording::{messages, recording_to, records, start_recording};

/// A record of `session`, `seconds` after noon, with the further fields `rest`.
pub(crate) fn record(seconds: f64, session: u64, event: &str, rest: &Value) -> String {
    let time = format!("2026-11-22T12:00:{seconds:09.6}Z");
    let mut record = json!({"time": time, "session": session, "event": event});
    let rest = rest.as_object().unwrap().clone();
    record.as_object_mut().unwrap().extend(rest);
    format!("{record}\n")
}

pub(crate) fn open(seconds: f64, session: u64) -> String {
    let rest = json!({"peer": "[::1]:1", "upstream": "echo", "framing": "u32le"});
    record(seconds, session, "open", &rest)
}

pub(crate) fn message(
    seconds: f64,
    session: u64,
    direction: &str,
    payload: impl AsRef<[u8]>,
) -> String {
    let payload = BASE64.encode(payload.as_ref());
    let rest = json!({"direction": direction, "kind": "text", "base64": payload});
    record(seconds, session, "message", &rest)
}

pub(crate) fn close(seconds: f64, session: u64) -> String {
    let rest = json!({"code": 1000, "reason": ""});
    record(seconds, session, "close", &rest)
}

/// Replays `recording` to `target`; returns the exit status, standard output and standard
/// error, with FILE for the recording's path.
pub(crate) async fn replay(
    recording: &str,
    target: &str,
    args: &[&str],
) -> (Option<i32>, String, String) {
    let file = file(recording);
    let path = file.path().to_str().unwrap();
    let output = output(&[&["replay", path, "--to", target], args].concat()).await;
    let stderr = text(&output.stderr).replace(path, "FILE");
    (output.status.code(), text(&output.stdout), stderr)
}

/// The records of a session with `n` messages to the echo service and their replies.
pub(crate) fn session(id: u64, n: usize) -> String {
    let exchange = |n| {
        let sent = format!("message {n}");
        message(0.0, id, "sent", &sent) + &message(0.0, id, "received", format!("echo : {sent}"))
    };
    let exchanges: String = (0..n).map(exchange).collect();
    open(0.0, id) + &exchanges + &close(0.0, id)
}

#[tokio::test]
async fn recording_is_replayed_byte_for_byte_over_every_transport() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let server = start_recording(recording_to(&path("first"))).await;
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
    server.stop().await;
    let first = std::fs::read_to_string(path("first")).unwrap();

    let server = start_recording(recording_to(&path("second"))).await;
    let target = ws_url(server.http());
    let (status, stdout, stderr) = replay(&first, &target, &[]).await;
    assert_eq!((status, &*stderr), (Some(0), ""), "{stdout}");
    assert_eq!(
        stdout,
        "sessions 1, messages sent 5, replies as recorded 5 of 5\n"
    );
    server.stop().await;
    let (recorded, replayed) = (records(&path("first")), records(&path("second")));
    assert_eq!(messages(&recorded), messages(&replayed));

    let check = async |target: &str, options: &[&str]| {
        let (status, stdout, _) = replay(&first, target, options).await;
        assert_eq!(status, Some(0), "{target}: {stdout}");
    };
    EchoTargets::start().await.for_each(check).await;
}

#[tokio::test]
async fn messages_keep_their_timing_unless_fast() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
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
        let (status, stdout, _) = replay(&recording, &target, args).await;
        assert_eq!(status, Some(0), "{stdout}");
    }
    let gaps = within(times).await.unwrap();
    // The first message may be delayed on a busy machine, which shortens the gap.
    assert!(gaps[0] > Duration::from_millis(1200), "{gaps:?}");
    assert!(gaps[1] < gaps[0] / 2, "{gaps:?}");
}

#[tokio::test]
async fn recorded_order_of_replies_and_sessions_is_kept() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
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
    let (status, stdout, _) = replay(&recording, &target, &["--fast"]).await;
    assert_eq!(status, Some(0), "{stdout}");
    assert_eq!(
        stdout,
        "sessions 2, messages sent 3, replies as recorded 3 of 3\n"
    );
    assert_eq!(within(service).await.unwrap(), None);
}

#[tokio::test]
async fn one_session_can_be_selected() {
    let (_server, target) = echo_target(protocol::Framing::U32LE).await;
    // After a restart of the gateway, session numbers start at 1 again.
    let recording = session(1, 1) + &session(2, 4) + &session(1, 2);
    let check = async |args: &[&str], expected: &str| {
        let (status, stdout, stderr) = replay(&recording, &target, args).await;
        assert_eq!((status, stderr), (Some(0), String::new()));
        assert_eq!(stdout, format!("{expected}\n"));
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
    let (_server, target) = echo_target(protocol::Framing::U32LE).await;
    let dropped = r#"{"time":"2026-11-22T12:00:00Z","event":"dropped","messages":12}"#;
    let recording = [
        message(0.0, 3, "received", "echo : before"),
        message(0.0, 4, "sent", "hello"),
        message(0.0, 4, "received", "echo : hello"),
        close(0.0, 4),
        format!("{dropped}\n"),
        open(0.0, 5),
        // Cut by a crash, and by another at the end.
        message(0.0, 5, "sent", "hello")[..60].to_owned() + "\n",
        message(0.0, 5, "sent", "hello")[..70].to_owned(),
    ];
    let (_, _, stderr) = replay(&recording.concat(), &target, &["--fast", "--timeout=300ms"]).await;
    let expected = [
        "framegate: FILE:5: 12 messages are missing before this line",
        "framegate: FILE:7: the record is cut, and left out",
        "framegate: FILE:8: the record is cut, and left out",
        "framegate: FILE:1: session 3 begins in an earlier file",
        "framegate: FILE:1: session 3 does not end in this file",
        "framegate: FILE:2: session 4 begins in an earlier file",
        "framegate: FILE:6: session 5 does not end in this file",
        "framegate: not as recorded: 1 difference",
    ];
    assert_eq!(stderr.lines().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn invalid_recording_is_reported_with_its_line() {
    let closed = ReservedPort::new().unwrap();
    let target = tcp_url(closed.addr());
    let check = async |recording: &str, args: &[&str], status: i32, expected: &str| {
        let (found, stdout, stderr) = replay(recording, &target, args).await;
        assert_eq!((found, &*stdout), (Some(status), ""), "{stderr}");
        assert!(stderr.ends_with(&format!("{expected}\n")), "{stderr}");
    };
    let good = session(1, 1);
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
        "framegate: cannot read /nowhere: there is no such file or folder\n"
    );
    let output = crate::process::output(&["replay"]).await;
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn any_limit_on_messages_is_taken() {
    let (_server, target) = echo_target(protocol::Framing::U32LE).await;
    let args = ["--fast", "--max-frame=17179869183GiB"];
    let (status, _, stderr) = replay(&session(1, 1), &target, &args).await;
    assert_eq!((status, &*stderr), (Some(0), ""));
}
