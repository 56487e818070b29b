//! `framegate send`: headers of the WebSocket handshake, a server's Close and pings while it
//! waits, and hostile text.

use std::process::Stdio;

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::harness::{Upstream, within};
use crate::process::{assert_contains, file, framegate, output, text};

/// Runs `args` against a server that answers the handshake with `response`; returns the head of
/// the request, the exit status and standard error.
async fn refused(args: &[&str], response: &'static str) -> (String, Option<i32>, String) {
    let upstream = Upstream::bind().await;
    let target = format!("ws://{}/", upstream.addr());
    let server = tokio::spawn(async move {
        let mut peer = upstream.accept().await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within(peer.0.read_u8()).await.unwrap());
        }
        peer.write(response).await;
        text(&head).to_lowercase()
    });
    let output = output(&[&[args[0], "-t", &target], &args[1..]].concat()).await;
    let stderr = text(&output.stderr);
    (within(server).await.unwrap(), output.status.code(), stderr)
}

#[tokio::test]
async fn headers_origin_and_subprotocols_are_sent() {
    let secret = file("\u{feff}X-Api-Key: top secret\r\n\r\nCookie: a=b\r\n");
    let from_file = format!("@{}", secret.path().display());
    let args = [
        "send",
        "--header=X-Team: red: blue",
        "--header",
        &from_file,
        "--header=host: app.example",
        "--origin=https://app.example",
        "--subprotocol=mqtt",
        "--subprotocol=binary",
        "--token=some-bearer-token",
        "x",
    ];
    let (head, status, _) = refused(&args, "HTTP/1.1 403 Forbidden\r\n\r\n").await;
    assert_eq!(status, Some(1));
    for expected in [
        "x-team: red: blue\r\n",
        "x-api-key: top secret\r\n",
        "cookie: a=b\r\n",
        "host: app.example\r\n",
        "origin: https://app.example\r\n",
        "sec-websocket-protocol: mqtt, binary\r\n",
        "authorization: bearer some-bearer-token\r\n",
    ] {
        assert_contains(&head, expected);
    }
    assert_eq!(head.matches("host:").count(), 1, "{head}");
}

#[tokio::test]
async fn invalid_header_is_a_usage_error_without_its_value() {
    let secret = file("X-Api-Key secret\n");
    let from_file = format!("--header=@{}", secret.path().display());
    let check = async |target: &str, arg: &str, expected: &str| {
        let output = output(&["send", "-t", target, arg, "x"]).await;
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert_contains(&stderr, expected);
        assert!(!stderr.contains("secret\n"), "{stderr}");
    };
    let target = "ws://127.0.0.1:1/";
    check(
        target,
        "--header=secret",
        "--header number 1: expected NAME: VALUE",
    )
    .await;
    check(target, &from_file, ":1: expected NAME: VALUE").await;
    check(
        target,
        "--header=@/nowhere",
        "--header: cannot read /nowhere",
    )
    .await;
    check(
        target,
        "--header=Upgrade: x",
        "the handshake itself sets upgrade",
    )
    .await;
    let use_option = "sets sec-websocket-protocol; use --subprotocol";
    check(target, "--header=Sec-WebSocket-Protocol: x", use_option).await;
    check(
        target,
        "--subprotocol=a b",
        "\"a b\" is not the name of a subprotocol",
    )
    .await;
    let tcp = "tcp://127.0.0.1:1";
    check(
        tcp,
        "--origin=https://a",
        "--origin is for ws:// and wss:// targets",
    )
    .await;
}

#[tokio::test]
async fn refusal_is_a_bounded_line_without_control_characters() {
    let body = "HTTP/1.1 403 Forbidden\r\nContent-Length: 32\r\n\r\n\x1b[2J\u{9b}no\r\nnews \u{202e}today\u{200b}end...........";
    let (_, status, stderr) = refused(&["send", "x"], body).await;
    assert_eq!(status, Some(1));
    assert_contains(
        &stderr,
        r"403 Forbidden: \x1b[2J\u{9b}no news \u{202e}today\u{200b}end",
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr:?}");
}

#[tokio::test]
async fn close_reason_is_escaped_and_the_close_is_answered_while_input_is_open() {
    let upstream = Upstream::bind().await;
    let target = format!("ws://{}/", upstream.addr());
    let server = tokio::spawn(async move {
        let mut socket = accept_async(upstream.accept().await.0).await.unwrap();
        socket.send(Message::Ping("beat".into())).await.unwrap();
        assert_eq!(
            socket.next().await.unwrap().unwrap(),
            Message::Pong("beat".into())
        );
        let close = CloseFrame {
            code: 4001.into(),
            reason: "a\x1b[31m\r\nframegate: all is well\u{202e}".into(),
        };
        socket.close(Some(close)).await.unwrap();
        socket.next().await.unwrap().unwrap()
    });
    let mut command = framegate(&["send", "-t", &target, "--file=-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    let answer = within(server).await.unwrap();
    assert!(matches!(answer, Message::Close(Some(_))), "{answer:?}");
    let output = within(child.wait_with_output()).await.unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        format!(
            "framegate: {target}: closed by the server with 4001: \
             a\\x1b[31m\\x0d\\x0aframegate: all is well\\u{{202e}}\n"
        )
    );
}

#[tokio::test]
async fn piped_payload_is_kept_byte_for_byte() {
    let upstream = Upstream::bind().await;
    let target = crate::echo_targets::tcp_url(upstream.addr());
    let payload = "\x1b[31m\r\n\u{202e}\u{9b}";
    tokio::spawn(async move {
        let mut peer = upstream.accept().await;
        peer.receive().await;
        peer.send(payload).await;
    });
    let output = output(&["send", "-t", &target, "x"]).await;
    assert_eq!(text(&output.stdout), format!("{payload}\n"));
}

#[tokio::test]
async fn input_without_an_end_is_refused_at_its_limit() {
    let upstream = Upstream::bind().await;
    let target = crate::echo_targets::tcp_url(upstream.addr());
    let limit = "--max-frame=1MiB";
    let args = ["send", "-t", &target, limit];
    let from_file = output(&[&args[..], &["-f", "/dev/zero"]].concat()).await;
    assert_eq!(from_file.status.code(), Some(1));
    assert_contains(
        &text(&from_file.stderr),
        "cannot read /dev/zero: longer than 1.0 MiB",
    );
    let mut command = framegate(&args);
    command.stdin(std::fs::File::open("/dev/zero").unwrap());
    let lines = within(command.output()).await.unwrap();
    assert_eq!(lines.status.code(), Some(1));
    assert_contains(
        &text(&lines.stderr),
        "cannot read standard input: longer than 1.0 MiB",
    );
}

#[tokio::test]
async fn recording_without_a_line_break_is_refused_with_its_line() {
    let output = output(&["replay", "/dev/zero", "--max-frame=1MiB"]).await;
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert_contains(&stderr, "framegate: /dev/zero:1: a line is longer than ");
    assert_contains(&stderr, "; --max-frame accepts longer messages");
}
