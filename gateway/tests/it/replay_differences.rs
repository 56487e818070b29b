//! What `framegate replay` finds other than recorded.

use serde_json::json;

use crate::echo_targets::{Targets, framed};
use crate::harness::{Peer, TestServer, Upstream};
use crate::replay::{close, line, message, open, replay, session};

/// A line that says who ended session 1, and how.
fn ended(by: &str, code: u16, reason: &str) -> String {
    let rest = json!({"code": code, "reason": reason, "by": by});
    line(0.0, 1, "close", &rest)
}

#[tokio::test]
async fn different_replies_are_reported_with_line_and_byte() {
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
async fn missing_reply_is_a_difference() {
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
async fn other_message_type_is_a_difference_over_websockets() {
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
async fn other_session_end_is_a_difference() {
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
async fn raw_replies_may_be_split_differently() {
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
