//! `framegate send` from a script: messages, replies and errors.

use std::process::{Output, Stdio};

use futures_util::{SinkExt, StreamExt};
use protocol::Framing;
use testkit::ReservedPort;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::echo_targets::{EchoTargets, echo_target, tcp_url, ws_url};
use crate::framings::text_message;
use crate::harness::{TestServer, Upstream, within};
use crate::process::{assert_contains, file, framegate, output, text};

/// Runs `send` with `args`; returns standard output, with standard error empty.
async fn replies(args: &[&str]) -> String {
    let output = output(&[&["send"], args].concat()).await;
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    text(&output.stdout)
}

/// Runs `send` with `args`; returns the exit status, standard output and standard error.
async fn failure(args: &[&str]) -> (Option<i32>, String, String) {
    let output = output(&[&["send", "--timeout=500ms"], args].concat()).await;
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    (output.status.code(), stdout, stderr)
}

/// Runs `send` with `args` and `input` as standard input.
async fn piped(args: &[&str], input: &[u8]) -> Output {
    let mut command = framegate(&[&["send"], args].concat());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).await.unwrap();
    drop(stdin);
    within(child.wait_with_output()).await.unwrap()
}

#[tokio::test]
async fn every_transport_is_supported() {
    let check = async |target: &str, options: &[&str]| {
        let args = [&["-t", target, "hello", "日本語"], options].concat();
        assert_eq!(replies(&args).await, "echo : hello\necho : 日本語\n");
    };
    EchoTargets::start().await.for_each(check).await;
}

#[tokio::test]
async fn every_framing_is_supported() {
    for framing in Framing::named() {
        let (_server, target) = echo_target(framing).await;
        let (notation, message) = (framing.to_string(), text_message(framing));
        let stdout = replies(&["-t", &target, "--framing", &notation, message]).await;
        let prefix = match framing.allows_prefix() {
            true => "echo : ",
            false => "",
        };
        assert_eq!(stdout, format!("{prefix}{message}\n"), "{framing}");
    }
}

#[tokio::test]
async fn stream_option_reads_frames_cut_across_websocket_messages() {
    let upstream = Upstream::bind().await;
    let target = format!("ws://{}/", upstream.addr());
    tokio::spawn(async move {
        let mut socket = accept_async(upstream.accept().await.0).await.unwrap();
        let message = socket.next().await.unwrap().unwrap();
        assert_eq!(message, Message::binary(&b"\0\x05hello"[..]));
        for piece in [&b"\0"[..], b"\x03on", b"e\0\x03two"] {
            socket.send(Message::binary(piece)).await.unwrap();
        }
        while let Some(Ok(_)) = socket.next().await {}
    });
    let args = ["-t", &target, "--stream", "--framing=u16be", "-r2", "hello"];
    assert_eq!(replies(&args).await, "one\ntwo\n");
}

#[tokio::test]
async fn count_repeats_each_message() {
    let (_server, target) = echo_target(Framing::U32LE).await;
    let stdout = replies(&["-t", &target, "--count", "9", "hello"]).await;
    assert_eq!(stdout, "echo : hello\n".repeat(9));
    let stdout = replies(&["-t", &target, "-n2", "a", "--", "-b"]).await;
    assert_eq!(stdout, "echo : a\necho : a\necho : -b\necho : -b\n");
}

#[tokio::test]
async fn messages_are_read_from_lines_or_whole_files() {
    let (_server, target) = echo_target(Framing::U32LE).await;
    let output = piped(&["-t", &target], b"one\ntwo\r\n\nlast").await;
    let expected = "echo : one\necho : two\necho : \necho : last\n";
    assert_eq!(text(&output.stdout), expected);

    let file = file("a\nb\n");
    let path = file.path().to_str().unwrap();
    let output = piped(&["-t", &target, "first", "-f", path, "--file=-"], b"c\nd").await;
    let expected = "echo : first\necho : a\nb\n\necho : c\nd\n";
    assert_eq!(text(&output.stdout), expected);
    assert_eq!(output.status.code(), Some(0));

    let output = piped(&["-t", &target], b"").await;
    assert_eq!(
        (text(&output.stdout), output.status.code()),
        ("".into(), Some(0))
    );
}

#[tokio::test]
async fn replies_are_printed_as_text_hex_or_raw() {
    let (_server, target) = echo_target(Framing::U32LE).await;
    let check = async |args: &[&str], expected: &[u8]| {
        let args = [&["-t", &target], args].concat();
        assert_eq!(piped(&args, b"\xff\n\xe3\x81\x82").await.stdout, expected);
    };
    check(&[], "echo : \\xff\necho : あ\n".as_bytes()).await;
    check(&["-ohex"], b"6563686f203a20ff\n6563686f203a20e38182\n").await;
    check(&["--output=raw"], b"echo : \xffecho : \xe3\x81\x82").await;
}

#[tokio::test]
async fn websocket_messages_are_text_if_valid_utf8_unless_binary() {
    let upstream = Upstream::bind().await;
    let target = format!("ws://{}/", upstream.addr());
    let kinds = tokio::spawn(async move {
        let mut kinds = String::new();
        for _ in 0..3 {
            let mut socket = accept_async(upstream.accept().await.0).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                match message {
                    Message::Text(_) => kinds += "t",
                    Message::Binary(_) => kinds += "b",
                    _ => continue,
                }
                socket.send("reply".into()).await.unwrap();
            }
        }
        kinds
    });
    for option in [&[][..], &["--text"], &["--binary"]] {
        let output = piped(&[&["-t", &target], option].concat(), b"x\n\xff\n").await;
        assert_eq!(text(&output.stdout), "reply\nreply\n");
    }
    assert_eq!(within(kinds).await.unwrap(), "tbtbbb");
}

#[tokio::test]
async fn replies_option_sets_the_replies_per_message() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    let (received, mut messages) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let mut peer = upstream.accept().await;
            while let Some(payload) = peer.receive().await {
                let word = text(&payload);
                if word != "hush" {
                    peer.send("one").await;
                    peer.send("two").await;
                }
                received.send(word.clone()).unwrap();
                if word == "last" {
                    break;
                }
            }
        }
    });
    let args = ["-t", &target, "--replies", "2", "a", "b"];
    assert_eq!(replies(&args).await, "one\ntwo\none\ntwo\n");
    // --wait prints further messages for that long.
    let args = ["-t", &target, "--wait=1s", "c"];
    assert_eq!(replies(&args).await, "one\ntwo\n");
    assert_eq!(replies(&["-t", &target, "--no-reply", "hush"]).await, "");
    let args = ["-t", &target, "--no-reply", "--wait=0", "d", "last"];
    assert_eq!(replies(&args).await, "one\ntwo\none\ntwo\n");
    for word in ["a", "b", "c", "hush", "d", "last"] {
        assert_eq!(within(messages.recv()).await.unwrap(), word);
    }
}

#[tokio::test]
async fn unsolicited_messages_are_printed_at_once() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    let mut command = framegate(&["send", "-t", &target]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line = async || within(lines.next_line()).await.unwrap().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut peer = upstream.accept().await;
    peer.send("welcome").await;
    assert_eq!(line().await, "welcome");
    stdin.write_all(b"hello\n").await.unwrap();
    assert_eq!(peer.receive_text().await, "hello");
    peer.send("hello yourself").await;
    assert_eq!(line().await, "hello yourself");
    peer.send("news").await;
    assert_eq!(line().await, "news");
    drop(peer);
    let output = within(child.wait_with_output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1), "its input had not ended");
    let stderr = text(&output.stderr);
    assert_eq!(
        stderr,
        format!("framegate: {target}: closed by the server\n")
    );
}

#[tokio::test]
async fn long_message_is_sent_while_its_reply_is_received() {
    let (_server, target) = echo_target(Framing::Raw).await;
    let long = vec![b'x'; 20 << 20];
    let args = [
        "-t",
        &target,
        "--framing=raw",
        "-oraw",
        "--file=-",
        "--wait=1s",
    ];
    let output = piped(&args, &long).await;
    assert_eq!(text(&output.stderr), "");
    assert!(output.stdout == long, "{} bytes", output.stdout.len());
}

#[tokio::test]
async fn server_may_close_after_its_last_reply() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    tokio::spawn(async move {
        loop {
            let mut peer = upstream.accept().await;
            peer.receive().await;
            peer.send("bye").await;
        }
    });
    assert_eq!(replies(&["-t", &target, "hello"]).await, "bye\n");
    let output = piped(&["-t", &target], b"hello\n").await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[tokio::test]
async fn failure_is_reported_with_its_cause() {
    let check = async |args: &[&str], expected: &str| {
        let (status, stdout, stderr) = failure(&[&["hello"], args].concat()).await;
        assert_eq!((status, stdout), (Some(1), String::new()), "{stderr}");
        assert_contains(&stderr, expected);
    };
    let closed = ReservedPort::new().unwrap();
    let target = tcp_url(closed.addr());
    let refused = format!("cannot connect to {target}: connection refused");
    check(&["-t", &target], &refused).await;
    check(
        &["-t", "unix:/nowhere"],
        "cannot connect to unix:/nowhere: there is no such file or folder",
    )
    .await;
    let unknown = "tcp://nowhere.invalid:1";
    check(&["-t", unknown], "cannot look up nowhere.invalid: ").await;

    let silent = Upstream::bind().await;
    let target = tcp_url(silent.addr());
    let late = format!("{target}: timed out, no reply for 500ms");
    check(&["-t", &target], &late).await;
    let target = format!("ws://{}", silent.addr());
    check(&["-t", &target], "timed out after 500ms").await;

    let (server, target) = echo_target(Framing::U32LE).await;
    let too_long = "frame of 12 bytes is over the limit of 11 bytes";
    check(&["-t", &target, "--max-frame=11"], too_long).await;
    let websocket = ws_url(server.http());
    check(&["-t", &websocket, "--max-frame=11"], too_long).await;
    check(
        &["-t", &format!("{websocket}/nope")],
        "closed by the server with 1008: ",
    )
    .await;
    let refused = "refused the WebSocket handshake: 404 Not Found";
    check(&["-t", &format!("{websocket}s")], refused).await;
    let (status, _, stderr) = failure(&["-t", &target, "-f", "/nowhere"]).await;
    let missing = "framegate: cannot read /nowhere: there is no such file or folder\n";
    assert_eq!((status, &*stderr), (Some(1), missing));
    let (status, _, stderr) = failure(&["-t", &target, "--framing=lines", "a\nb"]).await;
    let line_break = "message has a line break after 1 bytes";
    assert!(status == Some(1) && stderr.contains(line_break), "{stderr}");
}

#[tokio::test]
async fn close_without_a_reply_is_a_failure() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    tokio::spawn(async move {
        upstream.accept().await.receive().await;
        let mut peer = upstream.accept().await;
        peer.receive().await;
        peer.write(b"\x05\0\0\0he").await;
    });
    let (status, _, stderr) = failure(&["-t", &target, "hello"]).await;
    assert_eq!(status, Some(1));
    assert!(stderr.ends_with("closed by the server\n"), "{stderr}");
    let (_, _, stderr) = failure(&["-t", &target, "hello"]).await;
    assert_contains(&stderr, "inside a frame, after 6 of 9 bytes");
}

#[tokio::test]
async fn close_is_reported_with_its_code_and_reason() {
    let upstream = Upstream::bind().await;
    let target = format!("ws://{}/", upstream.addr());
    tokio::spawn(async move {
        let mut socket = accept_async(upstream.accept().await.0).await.unwrap();
        let close = CloseFrame {
            code: 4001.into(),
            reason: "not today".into(),
        };
        socket.close(Some(close)).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    });
    let (status, _, stderr) = failure(&["-t", &target, "hello"]).await;
    assert_eq!(status, Some(1));
    assert!(stderr.ends_with("with 4001: not today\n"), "{stderr}");
}

#[tokio::test]
async fn untrusted_certificate_is_refused() {
    let check = async |target: &str, options: &[&str]| {
        if options.is_empty() {
            return;
        }
        let (status, _, stderr) = failure(&["-t", target, "hello"]).await;
        assert_eq!(status, Some(1));
        // The hint is another on a system without any trusted CAs.
        let hint = stderr.contains("--fingerprint SHA256") || stderr.contains("--ca FILE");
        assert!(hint, "{stderr}");
        let pin = format!("--fingerprint={}", "0".repeat(64));
        let (status, _, stderr) = failure(&["-t", target, "hello", &pin]).await;
        assert_eq!(status, Some(1));
        assert_contains(&stderr, "its certificate has another fingerprint: ");
    };
    EchoTargets::start().await.for_each(check).await;
}

#[tokio::test]
async fn token_comes_from_three_sources_and_is_never_printed() {
    let secret = file("correct-horse-battery\n");
    let server = TestServer::with(|config| config.token_file = Some(secret.path().into())).await;
    let target = ws_url(server.http());
    let (status, _, stderr) = failure(&["-t", &target, "hello"]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "401 Unauthorized");

    let path = secret.path().to_str().unwrap();
    assert_eq!(
        replies(&["-t", &target, "--token=correct-horse-battery", "a"]).await,
        "echo : a\n"
    );
    assert_eq!(
        replies(&["-t", &target, "--token-file", path, "b"]).await,
        "echo : b\n"
    );
    let mut command = framegate(&["send", "-t", &target, "c"]);
    command.env("FRAMEGATE_TOKEN", "correct-horse-battery");
    let output = within(command.output()).await.unwrap();
    assert_eq!(text(&output.stdout), "echo : c\n");

    // The command line wins over the environment.
    let mut command = framegate(&["send", "-t", &target, "--token-file", path, "d"]);
    command.env("FRAMEGATE_TOKEN", "wrong-horse-battery");
    let output = within(command.output()).await.unwrap();
    assert_eq!(text(&output.stdout), "echo : d\n");

    let mut command = framegate(&["send", "--help"]);
    command.env("FRAMEGATE_TOKEN", "correct-horse-battery");
    let output = within(command.output()).await.unwrap();
    assert!(!text(&output.stdout).contains("horse"));
    let (status, _, stderr) =
        failure(&["-t", &target, "--token=wrong-horse-\u{7}battery", "a"]).await;
    assert_eq!(status, Some(2));
    assert!(!stderr.contains("horse"), "{stderr}");
}

#[tokio::test]
async fn invalid_options_are_usage_errors() {
    let check = async |args: &[&str], expected: &str| {
        let (status, _, stderr) = failure(args).await;
        assert_eq!(status, Some(2), "{args:?}");
        assert_contains(&stderr, expected);
    };
    check(
        &["-t", "localhost:9999", "x"],
        "expected tcp://HOST:PORT, tls://",
    )
    .await;
    check(&["--framing=u33", "x"], "expected 8 to 64 in steps of 8").await;
    check(&["-n0", "x"], "expected a number from 1 on").await;
    check(&["--replies=2", "--no-reply", "x"], "cannot be used with").await;
    check(&["--text", "--binary", "x"], "cannot be used with").await;
    check(&["-otxt", "x"], "[possible values: text, hex, raw]").await;
    check(
        &["-t", "wss://localhost:1", "--ca=/nowhere.pem", "x"],
        "/nowhere.pem: cannot read it",
    )
    .await;
    check(&["--token-file=/nowhere", "x"], "cannot read /nowhere").await;
}

#[tokio::test]
async fn closed_stdout_pipe_is_a_quiet_success() {
    let (_server, target) = echo_target(Framing::U32LE).await;
    let mut child = framegate(&["send", "-t", &target, "-n1000000", "hello"])
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    within(stdout.read_exact(&mut [0; 100])).await.unwrap();
    drop(stdout);
    let output = within(child.wait_with_output()).await.unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new())
    );
}

#[tokio::test]
async fn reply_in_the_other_byte_order_is_told() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    let service = tokio::spawn(async move {
        let mut peer = upstream.accept().await;
        peer.write(b"\0\0\0\x05hello").await;
        peer.rest_or_reset().await
    });
    let output = output(&["send", "-t", &target, "hello"]).await;
    assert_eq!(output.status.code(), Some(1));
    let expected = format!(
        "framegate: {target}: frame of 83886080 bytes is over the limit of 67108864 bytes: \
         as u32be it has 5 bytes\n"
    );
    assert_eq!(text(&output.stderr), expected);
    service.await.unwrap();
}
