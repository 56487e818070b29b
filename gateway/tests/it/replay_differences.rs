//! `framegate replay`: differences between recorded and replayed sessions.

use serde_json::json;

use crate::echo_targets::{EchoTargets, echo_target, tcp_url, ws_url};
use crate::harness::{Peer, TestServer, Upstream, frame};
use crate::process::assert_contains;
use crate::replay::{close, message, open, record, replay, session};

/// The `close` record of session 1, ended by `by`.
fn closed_by(by: &str, code: u16, reason: &str) -> String {
    let rest = json!({"code": code, "reason": reason, "by": by});
    record(0.0, 1, "close", &rest)
}

#[tokio::test]
async fn different_replies_are_reported_with_line_and_byte() {
    let (_server, target) = echo_target(protocol::Framing::U32LE).await;
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
    let (status, stdout, stderr) = replay(&recording.concat(), &target, &[]).await;
    assert_eq!(
        (status, &*stderr),
        (Some(1), "framegate: not as recorded: 4 differences\n")
    );
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(
        lines[0],
        r#"session 7, message 2 (line 3): expected 12 bytes, "echo : hallo"; got 12 bytes, "echo : hello"; different from byte 8 on"#
    );
    assert_eq!(
        lines[1],
        r#"session 7, message 4 (line 5): expected 9 bytes, "echo : \xff\x0a"; got 8 bytes, "echo : \xff"; different from byte 8 on"#
    );
    let excerpt = format!("…\"{}!{}\"…", &long[..16], &long[..47]);
    assert_contains(lines[2], &excerpt);
    let place = "different from byte 207 on";
    assert!(lines[2].ends_with(place), "{}", lines[2]);
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
async fn missing_reply_is_a_difference() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    tokio::spawn(async move {
        upstream.accept().await.receive().await;
        let mut silent: Peer = upstream.accept().await;
        while silent.receive().await.is_some() {}
    });
    let recording = session(1, 2);
    let lost = r#"session 1, message 2 (line 3): expected 16 bytes, "echo : message 0", and 1 after it; got nothing: "#;
    let (status, stdout, _) = replay(&recording, &target, &[]).await;
    assert_eq!(status, Some(1));
    assert!(
        stdout.starts_with(&format!("{lost}closed by the server\n")),
        "{stdout}"
    );
    let (status, stdout, _) = replay(&recording, &target, &["--timeout=300ms"]).await;
    assert_eq!(status, Some(1));
    assert!(
        stdout.starts_with(&format!("{lost}timed out after 300ms\n")),
        "{stdout}"
    );
}

#[tokio::test]
async fn other_message_type_is_a_difference_over_websockets() {
    let recording = |reply: &str| {
        let reply = message(0.0, 1, "received", reply).replace("\"text\"", "\"binary\"");
        open(0.0, 1) + &message(0.0, 1, "sent", "hello") + &reply + &close(0.0, 1)
    };
    let other = recording("echo : hello");
    let check = async |target: &str, options: &[&str]| {
        let (status, stdout, _) = replay(&other, target, options).await;
        if !target.starts_with("ws") {
            return assert_eq!(status, Some(0), "{target}: {stdout}");
        }
        assert_eq!(status, Some(1), "{target}: {stdout}");
        let difference =
            "session 1, message 2 (line 3): expected a binary message, got a text one\n";
        assert!(stdout.starts_with(difference), "{stdout}");
        let options = [options, &["--bytes-only"]].concat();
        assert_eq!(replay(&other, target, &options).await.0, Some(0));
    };
    EchoTargets::start().await.for_each(check).await;
    let (server, _) = echo_target(protocol::Framing::U32LE).await;
    let target = ws_url(server.http());
    let (_, stdout, _) = replay(&recording("echo ; hello"), &target, &[]).await;
    assert_contains(
        &stdout,
        "different from byte 5 on; expected a binary message, got a text one\n",
    );
}

#[tokio::test]
async fn other_session_end_is_a_difference() {
    let upstream = Upstream::bind().await;
    let direct = tcp_url(upstream.addr());
    let gateway = TestServer::bridging_to(upstream.addr()).await;
    let bridged = ws_url(gateway.http());
    let sent = open(0.0, 1) + &message(0.0, 1, "sent", "bye");
    // `closes`: the upstream closes the connection when it has received the message.
    let run = async |target: &str, closes: bool, end: &str, args: &[&str]| {
        let recording = sent.clone() + end;
        let args = [&["--timeout=2s"], args].concat();
        let replaying = replay(&recording, target, &args);
        let upstream = async {
            let mut peer = upstream.accept().await;
            assert_eq!(peer.receive_text().await, "bye");
            if !closes {
                assert_eq!(peer.receive().await, None);
            }
        };
        let ((status, stdout, _), ()) = tokio::join!(replaying, upstream);
        (status, stdout)
    };
    let check = async |target: &str, closes: bool, end: &str, difference: &str| {
        let (status, stdout) = run(target, closes, end, &[]).await;
        let lines: Vec<_> = stdout.lines().rev().skip(1).collect();
        match difference {
            "" => assert_eq!((status, lines), (Some(0), vec![])),
            difference => {
                let line = format!("session 1, at its end: {difference}");
                assert_eq!((status, lines), (Some(1), vec![&*line]));
            }
        }
        assert_eq!(run(target, closes, end, &["--bytes-only"]).await.0, Some(0));
    };
    let closed = "upstream closed the connection";
    let by_upstream = closed_by("upstream", 1011, closed);
    check(&bridged, true, &by_upstream, "").await;
    check(&direct, true, &by_upstream, "").await;
    let still_open = format!("expected the service to end it with 1011: {closed}; got: it goes on");
    check(&bridged, false, &by_upstream, &still_open).await;
    check(&direct, false, &by_upstream, &still_open).await;
    let other = "expected the service to end it with 4000: done; \
                 got: closed by the server with 1011: upstream closed the connection";
    check(&bridged, true, &closed_by("upstream", 4000, "done"), other).await;

    let by_client = closed_by("client", 1000, "");
    check(&bridged, false, &by_client, "").await;
    check(&direct, false, &by_client, "").await;
    // A bridged client may close first: the session stays half-open for a moment.
    let ends = "expected the client to end it with 1000; got: closed by the server";
    check(&direct, true, &by_client, ends).await;

    // A refused message is not recorded, so that a replay cannot repeat the refusal.
    let too_long = "message of 2 bytes is over the limit of 1 bytes";
    check(&bridged, false, &closed_by("gateway", 1009, too_long), "").await;
}

#[tokio::test]
async fn raw_replies_may_be_split_differently() {
    let (_server, target) = echo_target(protocol::Framing::Raw).await;
    let recording = [
        open(0.0, 1).replace("u32le", "raw"),
        message(0.0, 1, "sent", "one"),
        message(0.0, 1, "sent", "two"),
        message(0.0, 1, "received", "on"),
        message(0.0, 1, "received", "etwo"),
        close(0.0, 1),
    ];
    let (status, stdout, _) = replay(&recording.concat(), &target, &[]).await;
    assert_eq!(status, Some(0), "{stdout}");
}

#[tokio::test]
async fn service_that_sends_without_end_is_reported_and_left() {
    let upstream = Upstream::bind().await;
    let target = format!("tcp://{}", upstream.addr());
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let mut peer = upstream.accept().await;
        let frames = frame("more").repeat(1000);
        while peer.0.write_all(&frames).await.is_ok() {}
    });
    let recording = [open(0.0, 1), closed_by("upstream", 1011, "")].concat();
    let (status, stdout, _) = replay(&recording, &target, &["--timeout=0"]).await;
    assert_eq!(status, Some(1));
    let unexpected = stdout.matches("expected nothing more; got 4 bytes");
    assert_eq!(unexpected.count(), 100);
    assert_contains(&stdout, "expected the service to end it");
}
