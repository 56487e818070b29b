//! `framegate bench`, as a person or a script runs it.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use protocol::Framing;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use crate::command::{output, text};
use crate::harness::{Peer, TestServer, Upstream, frame};
use crate::targets::{Targets, framed};

/// Runs it with `args`, and returns the figures.
async fn figures(args: &[&str]) -> Value {
    let args = [&["bench", "--json", "--warm-up=0"], args].concat();
    let output = output(&args).await;
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs it with `args`, and returns its exit status and what it said.
async fn failure(args: &[&str]) -> (Option<i32>, String) {
    let args = [&["bench", "--timeout=500ms", "--warm-up=0"], args].concat();
    let output = output(&args).await;
    assert_eq!(text(&output.stdout), "", "no figures of a run that failed");
    (output.status.code(), text(&output.stderr))
}

fn tcp(addr: SocketAddr) -> String {
    format!("tcp://{addr}")
}

fn ws(addr: SocketAddr) -> String {
    format!("ws://{addr}/ws")
}

fn number(figures: &Value, pointer: &str) -> f64 {
    let value = figures.pointer(pointer).and_then(Value::as_f64);
    value.unwrap_or_else(|| panic!("no number {pointer} in {figures}"))
}

fn assert_are_those_of_a_run(figures: &Value, target: &str) {
    assert_eq!(figures["target"], target);
    assert_eq!(figures["connections"], 5);
    assert_eq!(figures["payload_bytes"], 100);
    assert_eq!(figures["in_flight"], 7);
    assert_eq!(figures["messages"], 1003);
    let rate = number(figures, "/messages") / number(figures, "/seconds");
    let told = number(figures, "/messages_per_second");
    assert!((rate / told - 1.0).abs() < 1e-6, "{figures}");
    let latency = ["p50", "p90", "p99", "p99.9", "max"];
    let latency = latency.map(|name| number(figures, &format!("/latency_us/{name}")));
    assert!(latency.is_sorted() && latency[0] > 0.0, "{figures}");
    assert!(latency[4] <= number(figures, "/seconds") * 1e6, "{figures}");
    assert!(number(figures, "/open_seconds") > 0.0);
    assert_eq!(figures["server"], Value::Null);
}

const A_RUN: [&str; 4] = ["-c5", "-s100", "-f7", "-n1003"];

#[tokio::test]
async fn a_count_of_messages_is_answered_on_tcp() {
    let server = TestServer::start().await;
    let target = tcp(server.tcp());
    let figures = figures(&[&[&*target], &A_RUN[..]].concat()).await;
    assert_are_those_of_a_run(&figures, &target);
}

#[tokio::test]
async fn a_count_of_messages_is_answered_on_websockets() {
    let server = TestServer::start().await;
    let target = ws(server.http());
    for kind in [&[][..], &["--text"], &["--prefix=echo : "]] {
        let figures = figures(&[&[&*target], &A_RUN[..], kind].concat()).await;
        assert_are_those_of_a_run(&figures, &target);
    }
}

#[tokio::test]
async fn every_kind_of_target_is_reached() {
    let targets = Targets::start().await;
    for (target, options) in targets.all() {
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        let figures = figures(&[&[&*target], &A_RUN[..], &options].concat()).await;
        assert_are_those_of_a_run(&figures, &target);
    }
}

#[tokio::test]
async fn any_framing_is_spoken() {
    for &framing in Framing::ALL {
        let (_server, target) = framed(framing).await;
        // Of several raw messages under way, one answer may be to all.
        let in_flight = if framing == Framing::Raw { "1" } else { "3" };
        let args = [&target, "-s20", "-n40", "-f", in_flight];
        let args = [&args[..], &["--framing", framing.name()]].concat();
        assert_eq!(figures(&args).await["messages"], 40, "{framing}");
    }
}

#[tokio::test]
async fn messages_may_be_longer_than_any_buffer_and_empty() {
    let server = TestServer::start().await;
    for target in [tcp(server.tcp()), ws(server.http())] {
        for size in ["0", "1", "5MiB"] {
            let figures = figures(&[&*target, "-s", size, "-c2", "-f3", "-n20"]).await;
            assert_eq!(figures["messages"], 20, "{size} at {target}");
        }
    }
}

#[tokio::test]
async fn a_duration_is_kept_to_after_the_warm_up() {
    let server = TestServer::start().await;
    let target = tcp(server.tcp());
    let output = output(&["bench", &target, "-d300ms", "-w200ms", "--json"]).await;
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(number(&figures, "/messages") > 0.0);
    assert!(number(&figures, "/seconds") >= 0.3, "{figures}");
}

#[tokio::test]
async fn a_websocket_may_carry_frames_as_a_stream() {
    let server = TestServer::start().await;
    let bridge = Upstream::bind().await;
    let (addr, upstream) = (bridge.addr(), server.tcp());
    tokio::spawn(async move {
        loop {
            tokio::spawn(carry(bridge.accept().await, upstream));
        }
    });
    let target = ws(addr);
    let figures = figures(&[&[&*target, "--stream"], &A_RUN[..]].concat()).await;
    assert_are_those_of_a_run(&figures, &target);
}

/// Does as websockify does: what comes goes on, wherever it is cut.
async fn carry(client: Peer, upstream: SocketAddr) {
    const PIECE: usize = 77;
    let (mut to_client, mut from_client) = accept_async(client.0).await.unwrap().split();
    let mut upstream = TcpStream::connect(upstream).await.unwrap();
    let mut piece = [0; PIECE];
    loop {
        tokio::select! {
            message = from_client.next() => match message {
                Some(Ok(Message::Binary(bytes))) => upstream.write_all(&bytes).await.unwrap(),
                _ => return,
            },
            count = upstream.read(&mut piece) => {
                let bytes = piece[..count.unwrap()].to_vec();
                to_client.send(Message::binary(bytes)).await.unwrap();
            }
        }
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_servers_processor_time_and_memory_are_measured() {
    use crate::command::{ANY_PORTS, Running, framegate};
    let mut running = Running::start(&mut framegate(&ANY_PORTS));
    let target = running.url("echo").await;
    let pid = running.pid().to_string();
    let figures = figures(&[&target, "-n5000", "-f10", "--server-pid", &pid]).await;
    let cpu = number(&figures, "/server/cpu_seconds");
    assert!(cpu > 0.0, "{figures}");
    let rate = number(&figures, "/server/messages_per_cpu_second");
    assert!((rate * cpu - 5000.0).abs() < 0.01, "{figures}");
    for name in ["before", "open", "after"] {
        let memory = number(&figures, &format!("/server/memory_{name}_bytes"));
        assert!(memory > 1e6, "{figures}");
    }
}

/// An echo server that answers as `reply` says, given a message's number and payload.
async fn liar(reply: fn(usize, &[u8]) -> Vec<u8>) -> SocketAddr {
    let listener = Upstream::bind().await;
    let addr = listener.addr();
    tokio::spawn(async move {
        let mut number = 0;
        loop {
            let mut peer = listener.accept().await;
            while let Some(payload) = peer.receive().await {
                peer.write(reply(number, &payload)).await;
                number += 1;
            }
        }
    });
    addr
}

/// The first message only asks for the prefix: the fourth is the third of the load.
const FOURTH: usize = 3;

#[tokio::test]
async fn a_wrong_byte_is_an_error_that_says_what_was_expected() {
    let liar = liar(|number, payload| {
        let mut payload = payload.to_vec();
        if number == FOURTH {
            payload[30] = b'!';
        }
        frame(payload)
    });
    let (status, said) = failure(&[&tcp(liar.await), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("connection 1, after 2 replies"), "{said}");
    let (expected, got) = said.split_once("got").unwrap();
    assert!(
        expected.contains(r#"expected 36 bytes, " \x00\x00\x00"#),
        "{said}"
    );
    assert!(!expected.contains('!') && got.contains('!'), "{said}");
}

#[tokio::test]
async fn a_wrong_length_is_an_error() {
    let liar = liar(|number, payload| match number {
        FOURTH => frame(&payload[1..]),
        _ => frame(payload),
    });
    let addr = liar.await;
    let (status, said) = failure(&[&tcp(addr), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains(r#"got "\x1f\x00\x00\x00"#), "{said}");
}

#[tokio::test]
async fn a_wrong_length_is_an_error_on_websockets_too() {
    let liar = liar(|number, payload| match number {
        FOURTH => frame([payload, b"!"].concat()),
        _ => frame(payload),
    });
    let gateway = TestServer::bridging_to(liar.await).await;
    let (status, said) = failure(&[&ws(gateway.http()), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert!(
        said.contains("expected 32 bytes") && said.contains("got 33 bytes"),
        "{said}"
    );
}

#[tokio::test]
async fn replies_in_the_wrong_order_are_an_error() {
    let listener = Upstream::bind().await;
    let addr = listener.addr();
    tokio::spawn(async move {
        // The first message comes alone, on a connection of its own.
        let mut first = listener.accept().await;
        let payload = first.receive().await.unwrap();
        first.send(payload).await;
        let mut peer = listener.accept().await;
        let (one, two) = (peer.receive().await.unwrap(), peer.receive().await.unwrap());
        peer.write([frame(two), frame(one)].concat()).await;
        peer.receive().await;
    });
    let (status, said) = failure(&[&tcp(addr), "-n2", "-f2"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("after 0 replies"), "{said}");
}

#[tokio::test]
async fn a_reply_too_many_is_an_error() {
    let liar = liar(|number, payload| match number {
        0 => frame(payload),
        // Twice the right one would be the wrong one: all that can be right is the next.
        _ => [frame(payload), frame(payload)].concat(),
    });
    let (status, said) = failure(&[&tcp(liar.await), "-s0", "-n10"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("unexpected reply"), "{said}");
}

#[tokio::test]
async fn what_does_not_end_with_the_message_is_no_reply_to_it() {
    let liar = liar(|_, _| frame("no")).await;
    let (status, said) = failure(&[&tcp(liar)]).await;
    assert_eq!(status, Some(1));
    assert!(
        said.contains("the first message") && said.contains("\"no\""),
        "{said}"
    );

    let server = TestServer::start().await;
    let (status, said) = failure(&[&tcp(server.tcp()), "--prefix=oche : "]).await;
    assert_eq!(status, Some(1));
    assert!(
        said.contains("\"oche : ") && said.contains("\"echo : "),
        "{said}"
    );
}

#[tokio::test]
async fn a_server_that_falls_silent_is_an_error() {
    let liar = liar(|number, payload| match number {
        FOURTH => Vec::new(),
        _ => frame(payload),
    });
    let (status, said) = failure(&[&tcp(liar.await), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert!(
        said.contains("no reply for 500ms after 2 replies"),
        "{said}"
    );
}

#[tokio::test]
async fn a_close_is_told_with_its_code_and_reason() {
    let upstream = Upstream::bind().await;
    let gateway = TestServer::bridging_to(upstream.addr()).await;
    tokio::spawn(async move {
        let mut first = upstream.accept().await;
        let payload = first.receive().await.unwrap();
        first.send(payload).await;
        // The connection of the load, which is dropped once it has been read from.
        let mut second = upstream.accept().await;
        second.receive().await;
    });
    let (status, said) = failure(&[&ws(gateway.http()), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("closed by the server with 1011: "), "{said}");
}

#[tokio::test]
async fn who_is_not_there_is_named_with_the_cause() {
    let nobody = Upstream::bind().await.addr();
    for target in [tcp(nobody), ws(nobody)] {
        let (status, said) = failure(&[&target]).await;
        assert_eq!(status, Some(1));
        assert!(
            said.contains(&format!("cannot connect to {target}")),
            "{said}"
        );
        assert!(said.contains("refused"), "{said}");
    }
}

#[tokio::test]
async fn a_refused_handshake_is_told_with_its_status() {
    let server = TestServer::start().await;
    let target = format!("ws://{}/nowhere", server.http());
    let (status, said) = failure(&[&target]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("404"), "{said}");
}

#[tokio::test]
async fn other_hosts_are_not_loaded_unasked() {
    for target in ["tcp://192.0.2.1:9999", "ws://[2001:db8::1]:3000/ws"] {
        let (status, said) = failure(&[target]).await;
        assert_eq!(status, Some(2));
        assert!(said.contains("--i-own-this-host"), "{said}");
    }
}

#[tokio::test]
async fn wrong_options_are_usage_errors() {
    let check = async |args: &[&str], expected: &str| {
        let (status, said) = failure(args).await;
        assert_eq!(status, Some(2), "{args:?}");
        assert!(said.contains(expected), "{said}");
    };
    check(&[], "<TARGET>").await;
    check(&["localhost:9999"], "expected tcp://HOST:PORT, tls://").await;
    check(&["tcp://localhost"], "expected HOST:PORT").await;
    check(&["tcp://localhost:1", "-c0"], "0 is not in 1..").await;
    check(&["tcp://localhost:1", "-f0"], "0 is not in 1..").await;
    check(&["tcp://localhost:1", "-d0"], "expected a duration").await;
    check(&["tcp://localhost:1", "-slots"], "expected a size").await;
    check(
        &["tcp://localhost:1", "-s9GiB"],
        "over the limit of 4294967295 bytes",
    )
    .await;
    check(&["tcp://localhost:1", "-n1", "-d1s"], "cannot be used with").await;
    check(&["tcp://localhost:1", "--framing=u33"], "expected a length").await;
    check(
        &["tcp://localhost:1", "--framing=u8", "-s256"],
        "of 255 bytes",
    )
    .await;
    check(
        &["tcp://localhost:1", "--framing=raw", "-s0"],
        "sent with framing raw",
    )
    .await;
    check(&["wss://localhost:1", "--fingerprint=12"], "64 hexadecimal").await;
    check(
        &["wss://localhost:1", "--ca=/nowhere"],
        "cannot read /nowhere",
    )
    .await;
}

#[tokio::test]
async fn a_reply_may_begin_before_its_message_has_ended() {
    // More than the buffers between two sockets hold.
    const LEN: &str = "48MiB";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut input, mut output) = stream.split();
                let _ = tokio::io::copy(&mut input, &mut output).await;
            });
        }
    });
    let figures = figures(&[&tcp(addr), "--framing=raw", "-s", LEN, "-n1"]).await;
    assert_eq!(figures["messages"], 1);
}

#[tokio::test]
async fn pings_are_answered_between_messages() {
    let listener = Upstream::bind().await;
    let addr = listener.addr();
    tokio::spawn(async move {
        loop {
            tokio::spawn(echo_after_pong(listener.accept().await));
        }
    });
    for size in ["10", "200KiB"] {
        let figures = figures(&[&ws(addr), "-s", size, "-c2", "-f3", "-n50"]).await;
        assert_eq!(figures["messages"], 50);
    }
}

/// Answers each message once its ping is answered.
async fn echo_after_pong(client: Peer) {
    let mut socket = accept_async(client.0).await.unwrap();
    let mut owed = VecDeque::new();
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Binary(payload) => {
                let mark = payload.slice(..4);
                owed.push_back(payload);
                socket.send(Message::Ping(mark)).await.unwrap();
            }
            Message::Pong(mark) => {
                let payload = owed.pop_front().expect("a pong for each ping");
                assert_eq!(mark, payload[..4]);
                socket.send(Message::Binary(payload)).await.unwrap();
            }
            _ => return,
        }
    }
}

#[tokio::test]
async fn its_figures_are_told_in_words() {
    let server = TestServer::start().await;
    let target = tcp(server.tcp());
    let output = output(&["bench", &target, "-c2", "-n100", "-w0"]).await;
    let said = text(&output.stdout);
    let expected = [
        &format!("{target}: 2 connections, 32 B, 1 in flight each"),
        "opened    2 in ",
        "answered  100 in ",
        "latency   p50 ",
    ];
    for expected in expected {
        assert!(said.contains(expected), "{said}");
    }
    assert!(!said.contains("\n  server"), "{said}");
    assert_eq!(text(&output.stderr), "", "progress is for terminals");
}
