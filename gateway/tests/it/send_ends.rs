//! `framegate send`, `bench` and `replay`: abnormal ends of connections, and half-closes.

use futures_util::{SinkExt, StreamExt};
use testkit::ReservedPort;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::echo_targets::{tcp_url, ws_url};
use crate::harness::{TestServer, Upstream};
use crate::process::{assert_contains, output, text};
use crate::replay::{close, message, open, replay};

/// A WebSocket server that calls `serve` for each client.
async fn websocket_server<F: Future + Send>(
    serve: impl Fn(WebSocketStream<TcpStream>) -> F + Send + 'static,
) -> String {
    let upstream = Upstream::bind().await;
    let target = format!("ws://{}/", upstream.addr());
    tokio::spawn(async move {
        loop {
            let socket = accept_async(upstream.accept().await.0).await.unwrap();
            serve(socket).await;
        }
    });
    target
}

/// Echoes messages; answers a Close with this code and reason.
async fn echo_then_close(mut socket: WebSocketStream<TcpStream>, code: u16, reason: &str) {
    while let Some(Ok(received)) = socket.next().await {
        if received.is_close() {
            // Sends the answer.
            let _ = socket.flush().await;
            return;
        }
        socket.send(received).await.unwrap();
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        if code != 0 {
            socket.close(Some(frame)).await.unwrap();
        }
    }
}

async fn send(args: &[&str]) -> (Option<i32>, String) {
    let output = output(&[&["send", "--timeout=5s"], args].concat()).await;
    (output.status.code(), text(&output.stderr))
}

#[tokio::test]
async fn no_reply_to_a_dead_upstream_fails_with_the_reason() {
    let closed = ReservedPort::new().unwrap();
    let server = TestServer::bridging_to(closed.addr()).await;
    let target = ws_url(server.http());
    let (status, stderr) = send(&["-t", &target, "--no-reply", "hello"]).await;
    assert_eq!(status, Some(1), "{stderr}");
    assert_contains(&stderr, "closed by the server with 101");
}

#[tokio::test]
async fn no_reply_to_a_message_over_the_limit_fails_with_the_reason() {
    let server = TestServer::with(|config| config.limits.max_frame = 4).await;
    let target = ws_url(server.http());
    let (status, stderr) = send(&["-t", &target, "--no-reply", "hello"]).await;
    assert_eq!(status, Some(1), "{stderr}");
    assert_contains(&stderr, "closed by the server with 1009");
    let (status, stderr) = send(&["-t", &target, "--no-reply", "four"]).await;
    assert_eq!((status, &*stderr), (Some(0), ""));
}

#[tokio::test]
async fn reset_after_the_last_message_is_a_failure() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    tokio::spawn(async move {
        loop {
            let mut peer = upstream.accept().await;
            peer.receive().await;
            peer.0.set_zero_linger().unwrap();
        }
    });
    let (status, stderr) = send(&["-t", &target, "--no-reply", "hello"]).await;
    assert_eq!(status, Some(1), "{stderr}");
    assert_contains(&stderr, "connection lost: ");
}

#[tokio::test]
async fn websocket_that_ends_without_a_close_is_a_failure() {
    let target = websocket_server(|mut socket| async move {
        socket.next().await;
    })
    .await;
    let (status, stderr) = send(&["-t", &target, "--no-reply", "hello"]).await;
    assert_eq!(status, Some(1), "{stderr}");
}

#[tokio::test]
async fn close_after_the_last_reply_decides_the_status() {
    for (code, expected) in [(0, 0), (1000, 0), (1001, 0), (1011, 1), (4000, 1)] {
        let serve = move |socket| echo_then_close(socket, code, "over");
        let target = websocket_server(serve).await;
        for more in [&[][..], &["--no-reply"], &["--wait=5s"]] {
            if code == 0 && more == ["--wait=5s"] {
                continue;
            }
            let (status, stderr) = send(&[&["-t", &target, "hello"], more].concat()).await;
            assert_eq!(status, Some(expected), "{code} {more:?}: {stderr}");
            assert_eq!(stderr.is_empty(), expected == 0, "{stderr}");
        }
    }
}

#[tokio::test]
async fn benchmark_with_an_abnormal_end_is_a_failure() {
    let target = websocket_server(|mut socket| async move {
        while let Some(Ok(received)) = socket.next().await {
            match received {
                Message::Close(_) => return,
                Message::Binary(_) => socket.send(received).await.unwrap(),
                _ => {}
            }
            let close = CloseFrame {
                code: 1011.into(),
                reason: "gone".into(),
            };
            socket.close(Some(close)).await.unwrap();
        }
    })
    .await;
    let output = output(&["bench", &target, "-n1", "--warm-up=0"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_contains(&text(&output.stderr), "with 1011: gone");
    assert_eq!(text(&output.stdout), "", "there is no report");
}

#[tokio::test]
async fn replay_with_an_abnormal_end_that_is_not_recorded_is_a_difference() {
    let target = websocket_server(|mut socket| async move {
        socket.next().await;
        // The end comes in answer to that of the client.
        if let Some(Ok(Message::Close(_))) = socket.next().await {
            let _ = socket.flush().await;
        }
    })
    .await;
    let recording = [open(0.0, 1), message(0.0, 1, "sent", "x"), close(0.0, 1)].concat();
    let (status, stdout, _) = replay(&recording, &target, &["--fast"]).await;
    assert_eq!(status, Some(0), "{stdout}");

    let closed = ReservedPort::new().unwrap();
    let server = TestServer::bridging_to(closed.addr()).await;
    let target = ws_url(server.http());
    for more in [&["--fast"][..], &["--fast", "--bytes-only"]] {
        let (status, stdout, _) = replay(&recording, &target, more).await;
        assert_eq!(status, Some(1), "{stdout}");
        assert_contains(&stdout, "closed by the server with 101");
    }
}

#[tokio::test]
async fn half_close_gets_the_answer_that_follows_the_end_of_the_input() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    tokio::spawn(async move {
        let mut peer = upstream.accept().await;
        let mut all = Vec::new();
        peer.0.read_to_end(&mut all).await.unwrap();
        peer.0.write_all(&all).await.unwrap();
    });
    let args = ["send", "-t", &target, "--half-close", "one", "two"];
    let output = output(&args).await;
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), "one\ntwo\n");
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn half_close_of_a_websocket_is_refused_with_words() {
    let (status, stderr) = send(&["-t", "ws://127.0.0.1:1/", "--half-close", "x"]).await;
    assert_eq!(status, Some(2));
    assert_contains(
        &stderr,
        "--half-close is for tcp://, tls:// and unix: targets",
    );
}
