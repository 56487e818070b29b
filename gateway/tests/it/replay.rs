//! `framegate replay`, as a person or a script runs it.

use std::path::Path;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use futures_util::StreamExt;
use gateway::Recording;
use serde_json::{Value, json};

use crate::command::{file, output, text};
use crate::harness::{Peer, TestServer, Upstream, within};
use crate::targets::{Targets, framed};

/// A line of a recording: `seconds` after noon, in `session`.
fn line(seconds: f64, session: u64, event: &str, rest: &Value) -> String {
    let time = format!("2026-11-22T12:00:{seconds:09.6}Z");
    let mut line = json!({"time": time, "session": session, "event": event});
    let rest = rest.as_object().unwrap().clone();
    line.as_object_mut().unwrap().extend(rest);
    format!("{line}\n")
}

fn open(seconds: f64, session: u64) -> String {
    let rest = json!({"peer": "[::1]:1", "upstream": "echo", "framing": "u32le"});
    line(seconds, session, "open", &rest)
}

fn message(seconds: f64, session: u64, direction: &str, payload: impl AsRef<[u8]>) -> String {
    let payload = BASE64.encode(payload.as_ref());
    let rest = json!({"direction": direction, "kind": "text", "base64": payload});
    line(seconds, session, "message", &rest)
}

fn close(seconds: f64, session: u64) -> String {
    line(
        seconds,
        session,
        "close",
        &json!({"code": 1000, "reason": ""}),
    )
}

/// A line that says who ended session 1, and how.
fn ended(by: &str, code: u16, reason: &str) -> String {
    let rest = json!({"code": code, "reason": reason, "by": by});
    line(0.0, 1, "close", &rest)
}

/// Replays `recording` to `target`, and returns the exit status, what it printed, and what
/// it said, in which the file is called FILE.
async fn replay(recording: &str, target: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let file = file(recording);
    let path = file.path().to_str().unwrap();
    let output = output(&[&["replay", path, "--to", target], args].concat()).await;
    let said = text(&output.stderr).replace(path, "FILE");
    (output.status.code(), text(&output.stdout), said)
}

/// A session in which the echo service was asked `n` things.
fn session(id: u64, n: usize) -> String {
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
async fn what_was_recorded_comes_again_byte_for_byte() {
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
async fn messages_keep_their_time_or_come_as_fast_as_replies_allow() {
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
async fn a_message_waits_for_the_replies_before_it_and_a_session_for_those_that_were_over() {
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
async fn one_session_may_be_chosen() {
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
async fn differences_are_told_with_their_place() {
    let (_server, target) = framed(protocol::Framing::U32LE).await;
    let long = "x".repeat(300);
    let expected = format!("echo : {}!{}", &long[..200], &long[201..]);
    let recording = [
        open(0.0, 7),
        message(0.0, 7, "sent", "hello"),
        message(0.0, 7, "received", "echo : hallo"),
        message(0.0, 7, "sent", b"\xff"),
        message(0.0, 7, "received", b"echo : \xff\n"),
        message(0.0, 7, "sent", &long),
        message(0.0, 7, "received", expected),
        message(0.0, 7, "sent", "more"),
        close(0.0, 7),
    ];
    let (status, printed, said) = replay(&recording.concat(), &target, &[]).await;
    assert_eq!(
        (status, &*said),
        (Some(1), "framegate: not as recorded: 4 differences\n")
    );
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(
        lines[0],
        r#"session 7, message 2 (line 3): expected 12 bytes, "echo : hallo"; got 12 bytes, "echo : hello"; different from byte 8 on"#
    );
    assert_eq!(
        lines[1],
        r#"session 7, message 4 (line 5): expected 9 bytes, "echo : \xff\x0a"; got 8 bytes, "echo : \xff"; different from byte 8 on"#
    );
    assert!(
        lines[2].contains(&format!("…\"{}!{}\"…", &long[..16], &long[..47])),
        "{}",
        lines[2]
    );
    assert!(
        lines[2].ends_with("different from byte 207 on"),
        "{}",
        lines[2]
    );
    assert_eq!(
        lines[3],
        r#"session 7, at its end: expected nothing more; got 11 bytes, "echo : more""#
    );
    assert_eq!(
        lines[4],
        "sessions 1, messages sent 4, replies as recorded 0 of 3"
    );
}

#[tokio::test]
async fn a_reply_that_does_not_come_is_a_difference() {
    let upstream = Upstream::bind().await;
    let target = format!("tcp://{}", upstream.addr());
    tokio::spawn(async move {
        upstream.accept().await.receive().await;
        let mut silent: Peer = upstream.accept().await;
        while silent.receive().await.is_some() {}
    });
    let recording = session(1, 2);
    let lost = r#"session 1, message 2 (line 3): expected 16 bytes, "echo : message 0", and 1 after it; got nothing: "#;
    let (status, printed, _) = replay(&recording, &target, &[]).await;
    assert_eq!(status, Some(1));
    assert!(
        printed.starts_with(&format!("{lost}closed by the server\n")),
        "{printed}"
    );
    let (status, printed, _) = replay(&recording, &target, &["--timeout=300ms"]).await;
    assert_eq!(status, Some(1));
    assert!(
        printed.starts_with(&format!("{lost}timed out after 300ms\n")),
        "{printed}"
    );
}

#[tokio::test]
async fn another_kind_of_message_is_a_difference_over_websockets() {
    let targets = Targets::start().await;
    let recording = |reply: &str| {
        let reply = message(0.0, 1, "received", reply).replace("\"text\"", "\"binary\"");
        open(0.0, 1) + &message(0.0, 1, "sent", "hello") + &reply + &close(0.0, 1)
    };
    let other = recording("echo : hello");
    for (target, options) in targets.all() {
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        let (status, printed, _) = replay(&other, &target, &options).await;
        if !target.starts_with("ws") {
            assert_eq!(status, Some(0), "{target}: {printed}");
            continue;
        }
        assert_eq!(status, Some(1), "{target}: {printed}");
        let difference =
            "session 1, message 2 (line 3): expected a binary message, got a text one\n";
        assert!(printed.starts_with(difference), "{printed}");
        let options = [&options[..], &["--bytes-only"]].concat();
        assert_eq!(replay(&other, &target, &options).await.0, Some(0));
    }
    let (server, _) = framed(protocol::Framing::U32LE).await;
    let target = format!("ws://{}/ws", server.http());
    let (_, printed, _) = replay(&recording("echo ; hello"), &target, &[]).await;
    assert!(
        printed.contains("different from byte 5 on; expected a binary message, got a text one\n"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_session_that_ends_otherwise_is_a_difference() {
    let upstream = Upstream::bind().await;
    let direct = format!("tcp://{}", upstream.addr());
    let gateway = TestServer::with(|config| {
        config.upstreams = vec![upstream.addr().to_string().parse().unwrap()];
    })
    .await;
    let bridged = format!("ws://{}/ws", gateway.http());
    let asks = open(0.0, 1) + &message(0.0, 1, "sent", "bye");
    // Whether the service goes when it is asked to.
    let run = async |target: &str, goes: bool, end: &str, args: &[&str]| {
        let recording = asks.clone() + end;
        let args = [&["--timeout=500ms"], args].concat();
        let replaying = replay(&recording, target, &args);
        let serving = async {
            let mut peer = upstream.accept().await;
            assert_eq!(peer.receive_text().await, "bye");
            if !goes {
                assert_eq!(peer.receive().await, None);
            }
        };
        let ((status, printed, _), ()) = tokio::join!(replaying, serving);
        (status, printed)
    };
    let check = async |target: &str, goes: bool, end: &str, difference: &str| {
        let (status, printed) = run(target, goes, end, &[]).await;
        let lines: Vec<_> = printed.lines().rev().skip(1).collect();
        match difference {
            "" => assert_eq!((status, lines), (Some(0), vec![])),
            told => assert_eq!(
                (status, lines),
                (Some(1), vec![&*format!("session 1, at its end: {told}")])
            ),
        }
        assert_eq!(run(target, goes, end, &["--bytes-only"]).await.0, Some(0));
    };
    let closed = "upstream closed the connection";
    let by_upstream = ended("upstream", 1011, closed);
    check(&bridged, true, &by_upstream, "").await;
    check(&direct, true, &by_upstream, "").await;
    let goes_on = format!("expected the service to end it with 1011: {closed}; got: it goes on");
    check(&bridged, false, &by_upstream, &goes_on).await;
    check(&direct, false, &by_upstream, &goes_on).await;
    let other = "expected the service to end it with 4000: done; \
                 got: closed by the server with 1011: upstream closed the connection";
    check(&bridged, true, &ended("upstream", 4000, "done"), other).await;

    let by_client = ended("client", 1000, "");
    check(&bridged, false, &by_client, "").await;
    check(&direct, false, &by_client, "").await;
    let ends = "expected the client to end it with 1000; \
                got: closed by the server with 1011: upstream closed the connection";
    check(&bridged, true, &by_client, ends).await;
    let ends = "expected the client to end it with 1000; got: closed by the server";
    check(&direct, true, &by_client, ends).await;

    // The message for which it did that is not in the recording.
    let too_long = "message of 2 bytes is over the limit of 1 bytes";
    check(&bridged, false, &ended("gateway", 1009, too_long), "").await;
}

#[tokio::test]
async fn who_ended_a_session_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let recording = Recording {
        path: path.clone(),
        max_size: None,
        keep: 1,
        room: Recording::ROOM,
    };
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        config.recording = Some(recording);
        config.upstreams = vec![upstream.addr().to_string().parse().unwrap()];
        config.limits.max_frame = 9;
    })
    .await;
    let mut left = server.open().await;
    let _peer = upstream.accept().await;
    left.0.close(None).await.unwrap();
    while within(left.0.next()).await.is_some() {}
    let mut refused = server.open().await;
    let _peer = upstream.accept().await;
    refused.send("more than nine").await;
    assert_eq!(refused.closed().await.0, 1009);
    let mut ended = server.open().await;
    drop(upstream.accept().await);
    assert_eq!(ended.closed().await.0, 1011);
    server.ask_to_stop();
    drop((refused, ended));
    server.stopped().await;
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let closes = lines.filter(|line: &Value| line["event"] == "close");
    let mut by: Vec<_> = closes
        .map(|line| line["by"].as_str().unwrap().to_owned())
        .collect();
    by.sort_unstable();
    assert_eq!(by, ["client", "gateway", "upstream"]);
}

#[tokio::test]
async fn what_is_raw_may_be_cut_otherwise() {
    let (_server, target) = framed(protocol::Framing::Raw).await;
    let recording = [
        open(0.0, 1).replace("u32le", "raw"),
        message(0.0, 1, "sent", "one"),
        message(0.0, 1, "sent", "two"),
        message(0.0, 1, "received", "on"),
        message(0.0, 1, "received", "etwo"),
        close(0.0, 1),
    ];
    let (status, printed, _) = replay(&recording.concat(), &target, &[]).await;
    assert_eq!(status, Some(0), "{printed}");
}

#[tokio::test]
async fn what_is_missing_in_a_recording_is_said() {
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
async fn what_cannot_be_replayed_is_told_with_its_line() {
    let nobody = Upstream::bind().await.addr();
    let target = format!("tcp://{nobody}");
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
    let output = crate::command::output(&["replay"]).await;
    assert_eq!(output.status.code(), Some(2));
}
