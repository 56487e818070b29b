//! `framegate bench`: load, results and errors.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::process::Output;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use protocol::Framing;
use serde_json::Value;
use testkit::ReservedPort;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use crate::echo_targets::{EchoTargets, echo_target, tcp_url, ws_url};
use crate::harness::{Peer, TestServer, Upstream, frame};
use crate::process::{assert_contains, framegate, output, text};

/// Runs a benchmark with `args`; returns its results.
async fn results(args: &[&str]) -> Value {
    let args = [&["bench", "--json", "--warm-up=0"], args].concat();
    parse_results(&output(&args).await)
}

fn parse_results(output: &Output) -> Value {
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs a benchmark that fails; returns its exit status and standard error.
async fn failure(args: &[&str]) -> (Option<i32>, String) {
    let args = [&["bench", "--timeout=500ms", "--warm-up=0"], args].concat();
    let output = output(&args).await;
    assert_eq!(text(&output.stdout), "", "no results of a failed run");
    (output.status.code(), text(&output.stderr))
}

fn number(results: &Value, pointer: &str) -> f64 {
    let value = results.pointer(pointer).and_then(Value::as_f64);
    value.unwrap_or_else(|| panic!("no number {pointer} in {results}"))
}

/// Checks the results of a run against `target` with the options [`RUN`].
fn check_results(results: &Value, target: &str) {
    assert_eq!(results["target"], target);
    assert_eq!(results["connections"], 5);
    assert_eq!(results["payload_bytes"], 100);
    assert_eq!(results["in_flight"], 7);
    assert_eq!(results["messages"], 1003);
    let rate = number(results, "/messages") / number(results, "/seconds");
    let reported = number(results, "/messages_per_second");
    assert!((rate / reported - 1.0).abs() < 1e-6, "{results}");
    let latency = ["p50", "p90", "p99", "p99.9", "max"];
    let latency = latency.map(|name| number(results, &format!("/latency_us/{name}")));
    assert!(latency.is_sorted() && latency[0] > 0.0, "{results}");
    assert!(latency[4] <= number(results, "/seconds") * 1e6, "{results}");
    assert!(number(results, "/open_seconds") > 0.0);
    assert_eq!(results["server"], Value::Null);
}

const RUN: [&str; 4] = ["-c5", "-s100", "-f7", "-n1003"];

#[tokio::test]
async fn message_count_is_sent_over_tcp() {
    let server = TestServer::start().await;
    let target = tcp_url(server.tcp());
    let results = results(&[&[&*target], &RUN[..]].concat()).await;
    check_results(&results, &target);
}

#[tokio::test]
async fn message_count_is_sent_over_websockets() {
    let server = TestServer::start().await;
    let target = ws_url(server.http());
    for kind in [&[][..], &["--text"], &["--prefix=echo : "]] {
        let results = results(&[&[&*target], &RUN[..], kind].concat()).await;
        check_results(&results, &target);
    }
}

#[tokio::test]
async fn every_transport_is_supported() {
    let check = async |target: &str, options: &[&str]| {
        let results = results(&[&[target], &RUN[..], options].concat()).await;
        check_results(&results, target);
    };
    EchoTargets::start().await.for_each(check).await;
}

#[tokio::test]
async fn every_framing_is_supported() {
    let framings = Framing::named();
    for framing in framings.filter(|it| it.allows_prefix() || *it == Framing::Raw) {
        let (_server, target) = echo_target(framing).await;
        // Without frames, several messages in flight may be answered by one read.
        let in_flight = if framing == Framing::Raw { "1" } else { "3" };
        let args = [&target, "-s20", "-n40", "-f", in_flight];
        let notation = framing.to_string();
        let args = [&args[..], &["--framing", &notation]].concat();
        assert_eq!(results(&args).await["messages"], 40, "{framing}");
    }
}

#[tokio::test]
async fn messages_may_be_empty_or_longer_than_any_buffer() {
    let server = TestServer::start().await;
    for target in [tcp_url(server.tcp()), ws_url(server.http())] {
        for size in ["0", "1", "5MiB"] {
            let results = results(&[&*target, "-s", size, "-c2", "-f3", "-n20"]).await;
            assert_eq!(results["messages"], 20, "{size} at {target}");
        }
    }
}

#[tokio::test]
async fn duration_excludes_the_warm_up() {
    let server = TestServer::start().await;
    let target = tcp_url(server.tcp());
    let output = output(&["bench", &target, "-d300ms", "-w200ms", "--json"]).await;
    let results: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(number(&results, "/messages") > 0.0);
    assert!(number(&results, "/seconds") >= 0.3, "{results}");
}

#[tokio::test]
async fn stream_option_reads_frames_cut_across_websocket_messages() {
    let server = TestServer::start().await;
    let proxy = Upstream::bind().await;
    let (addr, upstream) = (proxy.addr(), server.tcp());
    tokio::spawn(async move {
        loop {
            tokio::spawn(proxy_stream(proxy.accept().await, upstream));
        }
    });
    let target = ws_url(addr);
    let results = results(&[&[&*target, "--stream"], &RUN[..]].concat()).await;
    check_results(&results, &target);
}

/// Proxies a WebSocket to TCP as websockify does: as a byte stream without frames.
async fn proxy_stream(client: Peer, upstream: SocketAddr) {
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
async fn cpu_time_and_memory_of_the_server_are_measured() {
    use testkit::FREE_PORTS;

    use crate::process::GatewayProcess;
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let target = gateway.url("echo").await;
    let pid = gateway.pid().to_string();
    let args = [
        &target,
        "-n5000",
        "-f10",
        "--server-pid",
        &pid,
        "--idle=10ms",
    ];
    let results = results(&args).await;
    let cpu = number(&results, "/server/cpu_seconds");
    assert!(cpu > 0.0, "{results}");
    let rate = number(&results, "/server/messages_per_cpu_second");
    assert!((rate * cpu - 5000.0).abs() < 0.01, "{results}");
    for name in ["before", "open", "after"] {
        let memory = number(&results, &format!("/server/memory_{name}_bytes"));
        assert!(memory > 1e6, "{results}");
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn idle_connections_answer_keep_alive_pings() {
    let server = TestServer::with(|config| {
        config.limits.ping_interval = Some(Duration::from_millis(50));
        config.limits.ping_timeout = Some(Duration::from_secs(1));
    })
    .await;
    let (target, pid) = (ws_url(server.http()), std::process::id().to_string());
    let results = results(&[&target, "-n10", "--server-pid", &pid, "--idle=2s"]).await;
    assert_eq!(results["messages"], 10);
}

/// Starts a faulty echo server that sends `reply` of each message's number and payload.
async fn faulty_server(reply: fn(usize, &[u8]) -> Vec<u8>) -> SocketAddr {
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

/// The third message of the load: the first message of all asks for the prefix.
const THIRD_OF_LOAD: usize = 3;

#[tokio::test]
async fn reply_with_a_wrong_byte_is_an_error_with_expected_and_received_bytes() {
    let server = faulty_server(|number, payload| {
        let mut payload = payload.to_vec();
        if number == THIRD_OF_LOAD {
            payload[30] = b'!';
        }
        frame(payload)
    });
    let (status, stderr) = failure(&[&tcp_url(server.await), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "connection 1, after 2 replies");
    let (expected, got) = stderr.split_once("got").unwrap();
    assert_contains(expected, r#"expected 36 bytes, " \x00\x00\x00"#);
    assert!(!expected.contains('!') && got.contains('!'), "{stderr}");
}

#[tokio::test]
async fn reply_with_a_wrong_length_is_an_error_over_tcp() {
    let server = faulty_server(|number, payload| match number {
        THIRD_OF_LOAD => frame(&payload[1..]),
        _ => frame(payload),
    });
    let addr = server.await;
    let (status, stderr) = failure(&[&tcp_url(addr), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, r#"got "\x1f\x00\x00\x00"#);
}

#[tokio::test]
async fn reply_with_a_wrong_length_is_an_error_over_websockets() {
    let server = faulty_server(|number, payload| match number {
        THIRD_OF_LOAD => frame([payload, b"!"].concat()),
        _ => frame(payload),
    });
    let gateway = TestServer::bridging_to(server.await).await;
    let (status, stderr) = failure(&[&ws_url(gateway.http()), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "expected 32 bytes");
    assert_contains(&stderr, "got 33 bytes");
}

#[tokio::test]
async fn replies_out_of_order_are_an_error() {
    let listener = Upstream::bind().await;
    let addr = listener.addr();
    tokio::spawn(async move {
        // The first message, which asks for the prefix, has its own connection.
        let mut first = listener.accept().await;
        let payload = first.receive().await.unwrap();
        first.send(payload).await;
        let mut peer = listener.accept().await;
        let (one, two) = (peer.receive().await.unwrap(), peer.receive().await.unwrap());
        peer.write([frame(two), frame(one)].concat()).await;
        peer.receive().await;
    });
    let (status, stderr) = failure(&[&tcp_url(addr), "-n2", "-f2"]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "after 0 replies");
}

#[tokio::test]
async fn extra_reply_is_an_error() {
    let server = faulty_server(|number, payload| match number {
        0 => frame(payload),
        // Empty messages: any other extra reply would be a wrong reply to the next message.
        _ => [frame(payload), frame(payload)].concat(),
    });
    let (status, stderr) = failure(&[&tcp_url(server.await), "-s0", "-n10"]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "unexpected reply");
}

#[tokio::test]
async fn reply_that_does_not_end_with_the_message_is_an_error() {
    let server = faulty_server(|_, _| frame("no")).await;
    let (status, stderr) = failure(&[&tcp_url(server)]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "the first message");
    assert_contains(&stderr, "\"no\"");

    let server = TestServer::start().await;
    let (status, stderr) = failure(&[&tcp_url(server.tcp()), "--prefix=oche : "]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "\"oche : ");
    assert_contains(&stderr, "\"echo : ");
}

#[tokio::test]
async fn missing_reply_times_out() {
    let server = faulty_server(|number, payload| match number {
        THIRD_OF_LOAD => Vec::new(),
        _ => frame(payload),
    });
    let (status, stderr) = failure(&[&tcp_url(server.await), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "no reply for 500ms after 2 replies");
}

#[tokio::test]
async fn close_is_reported_with_its_code_and_reason() {
    let upstream = Upstream::bind().await;
    let gateway = TestServer::bridging_to(upstream.addr()).await;
    tokio::spawn(async move {
        let mut first = upstream.accept().await;
        let payload = first.receive().await.unwrap();
        first.send(payload).await;
        // The connection of the load is closed after its first message.
        let mut second = upstream.accept().await;
        second.receive().await;
    });
    let (status, stderr) = failure(&[&ws_url(gateway.http()), "-n10"]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "closed by the server with 1011: ");
}

#[tokio::test]
async fn failed_connection_is_reported_with_target_and_cause() {
    let closed = ReservedPort::new().unwrap();
    for target in [tcp_url(closed.addr()), ws_url(closed.addr())] {
        let (status, stderr) = failure(&[&target]).await;
        assert_eq!(status, Some(1));
        assert_contains(&stderr, &format!("cannot connect to {target}"));
        assert_contains(&stderr, "refused");
    }
}

#[tokio::test]
async fn refused_handshake_is_reported_with_its_http_status() {
    let server = TestServer::start().await;
    let target = format!("ws://{}/nowhere", server.http());
    let (status, stderr) = failure(&[&target]).await;
    assert_eq!(status, Some(1));
    assert_contains(&stderr, "404");
}

#[tokio::test]
async fn remote_host_needs_an_explicit_option() {
    for target in ["tcp://192.0.2.1:9999", "ws://[2001:db8::1]:3000/ws"] {
        let (status, stderr) = failure(&[target]).await;
        assert_eq!(status, Some(2));
        assert_contains(&stderr, "--i-own-this-host");
    }
}

#[tokio::test]
async fn invalid_options_are_usage_errors() {
    let check = async |args: &[&str], expected: &str| {
        let (status, stderr) = failure(args).await;
        assert_eq!(status, Some(2), "{args:?}");
        assert_contains(&stderr, expected);
    };
    check(&[], "<TARGET>").await;
    check(&["localhost:9999"], "expected tcp://HOST:PORT, tls://").await;
    check(&["tcp://localhost"], "expected HOST:PORT").await;
    check(&["tcp://localhost:1", "-c0"], "expected a number from 1 on").await;
    check(&["tcp://localhost:1", "-f0"], "expected a number from 1 on").await;
    check(&["tcp://localhost:1", "-d0"], "expected a duration").await;
    check(&["tcp://localhost:1", "-slots"], "expected a size").await;
    check(
        &["tcp://localhost:1", "-s9GiB"],
        "over the limit of 4294967295 bytes",
    )
    .await;
    check(
        &["tcp://localhost:1", "--framing=u64le", "-s8EiB"],
        "over the limit of 1073741824 bytes",
    )
    .await;
    check(&["tcp://localhost:1", "-n1", "-d1s"], "cannot be used with").await;
    check(
        &["tcp://localhost:1", "--framing=u33"],
        "expected 8 to 64 in steps of 8",
    )
    .await;
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
        "/nowhere: cannot read it",
    )
    .await;
}

#[tokio::test]
async fn reply_may_begin_before_its_message_is_fully_sent() {
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
    let args = [&tcp_url(addr), "-s", LEN, "--framing=raw", "--timeout=3m"];
    let args = [&["bench", "--json", "-w0", "-n1"], &args[..]].concat();
    // An unoptimized binary needs eight seconds of a processor, a busy machine many more.
    let output = tokio::time::timeout(Duration::from_secs(200), framegate(&args).output());
    let results = parse_results(&output.await.unwrap().unwrap());
    assert_eq!(results["messages"], 1);
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
        let results = results(&[&ws_url(addr), "-s", size, "-c2", "-f3", "-n50"]).await;
        assert_eq!(results["messages"], 50);
    }
}

/// Sends a ping for each message, and echoes the message after the pong.
async fn echo_after_pong(client: Peer) {
    let mut socket = accept_async(client.0).await.unwrap();
    let mut pending = VecDeque::new();
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Binary(payload) => {
                let mark = payload.slice(..4);
                pending.push_back(payload);
                socket.send(Message::Ping(mark)).await.unwrap();
            }
            Message::Pong(mark) => {
                let payload = pending.pop_front().expect("a pong for each ping");
                assert_eq!(mark, payload[..4]);
                socket.send(Message::Binary(payload)).await.unwrap();
            }
            _ => return,
        }
    }
}

#[tokio::test]
async fn results_are_printed_as_text() {
    let server = TestServer::start().await;
    let target = tcp_url(server.tcp());
    let output = output(&["bench", &target, "-c2", "-n100", "-w0"]).await;
    let stderr = text(&output.stdout);
    let expected = [
        &format!("{target}: 2 connections, 32 B, 1 in flight each"),
        "opened    2 in ",
        "answered  100 in ",
        "latency   p50 ",
    ];
    for expected in expected {
        assert_contains(&stderr, expected);
    }
    assert!(!stderr.contains("\n  server"), "{stderr}");
    assert_eq!(text(&output.stderr), "", "progress is for terminals");
}
