//! Resumable sessions of the clients: `framegate send` and `bench` with `--resume`, and the library.

use std::process::Stdio;

use client::resumable::{ConnectionError, MessageKind, Notice, Session};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::task::JoinSet;

use crate::cutting_proxy::{CuttingProxy, UNLIMITED};
use crate::echo_targets::{tcp_url, ws_url};
use crate::harness::{TestServer, Upstream, within};
use crate::process::{assert_contains, framegate, output, text};

/// Seeds of the run with random cuts, and messages of each.
const SEEDS: u64 = 100;
const MESSAGES: usize = 60;

/// Starts a gateway with the echo service, and a proxy before it.
async fn gateway_and_proxy() -> (TestServer, CuttingProxy) {
    let server = TestServer::start().await;
    let proxy = CuttingProxy::start(server.http(), || UNLIMITED).await;
    (server, proxy)
}

/// Pseudo-random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// Opens a session; the first connection may be cut, too, and fails then.
async fn open(url: &str) -> Session {
    loop {
        if let Ok(session) = Session::connect(url).await {
            return session;
        }
    }
}

/// Exchanges messages over connections that are cut at any byte; returns their number.
async fn run(seed: u64) -> u64 {
    let mut random = Random(seed);
    let server = TestServer::start().await;
    let mut budgets = Random(seed ^ 1);
    let proxy = CuttingProxy::start(server.http(), move || 400 + budgets.below(4000) as i64).await;
    let (mut sender, mut receiver) = open(&ws_url(proxy.addr())).await.split();
    let sent: Vec<_> = (0..MESSAGES)
        .map(|index| {
            let long = if random.below(10) == 0 { 1500 } else { 0 };
            format!("{index} {}", "x".repeat(long + random.below(40) as usize))
        })
        .collect();
    let sending = async {
        for message in &sent {
            sender
                .send(MessageKind::Text, message.clone())
                .await
                .unwrap();
        }
    };
    let receiving = async {
        let mut replies = Vec::new();
        while replies.len() < MESSAGES {
            replies.push(receiver.receive().await.unwrap().payload);
        }
        replies
    };
    let ((), replies) = tokio::join!(sending, receiving);
    for (sent, reply) in sent.iter().zip(replies) {
        assert_eq!(reply, format!("echo : {sent}"), "seed {seed}");
    }
    sender.close().await;
    // The Close may be lost, and the session with it.
    let end = receiver.receive().await.unwrap_err();
    let is_end = matches!(
        end,
        ConnectionError::Closed(_) | ConnectionError::Lost { .. }
    );
    assert!(is_end, "seed {seed}: {end}");
    proxy.accepted()
}

#[tokio::test]
async fn no_message_is_lost_or_doubled_over_cut_connections() {
    let mut connections = 0;
    for first in (0..SEEDS).step_by(20) {
        let runs: JoinSet<_> = (first..first + 20).map(run).collect();
        connections += runs.join_all().await.iter().sum::<u64>();
    }
    println!("{} messages each way", SEEDS * MESSAGES as u64);
    println!("{connections} connections");
    assert!(connections > 2 * SEEDS, "the connections are cut");
}

#[tokio::test]
async fn session_tells_of_detach_and_resume() {
    let (_server, proxy) = gateway_and_proxy().await;
    let session = Session::connect(&ws_url(proxy.addr())).await.unwrap();
    let (mut sender, mut receiver) = session.split();
    let mut notices = receiver.take_notices().unwrap();
    sender.send(MessageKind::Binary, "one").await.unwrap();
    let reply = within(receiver.receive()).await.unwrap();
    assert_eq!(reply.payload, "echo : one");
    assert_eq!(reply.kind, MessageKind::Binary);
    assert!(reply.service_time.is_some());
    proxy.cut();
    let notice = within(notices.next()).await;
    assert!(
        matches!(notice, Some(Notice::Detached { .. })),
        "{notice:?}"
    );
    let notice = within(notices.next()).await;
    assert!(matches!(notice, Some(Notice::Resumed { .. })), "{notice:?}");
    sender.send(MessageKind::Text, "two").await.unwrap();
    let reply = within(receiver.receive()).await.unwrap();
    assert_eq!(
        (reply.kind, &reply.payload[..]),
        (MessageKind::Text, &b"echo : two"[..])
    );
}

#[tokio::test]
async fn program_that_receives_nothing_holds_the_service_back() {
    let upstream = Upstream::bind().await;
    let server = TestServer::bridging_to(upstream.addr()).await;
    let mut session = Session::connect(&ws_url(server.http())).await.unwrap();
    let mut peer = upstream.accept().await;
    let written = tokio::spawn(async move {
        for number in 0..2000_u32 {
            peer.send([&number.to_le_bytes()[..], &[7; 10_000]].concat())
                .await;
        }
        peer
    });
    for number in 0..2000_u32 {
        let message = within(session.receive()).await.unwrap();
        assert_eq!(message.payload[..4], number.to_le_bytes());
        if number == 0 {
            assert!(!written.is_finished(), "20 MB are more than the buffers");
        }
    }
    let _peer = within(written).await.unwrap();
    within(session.close()).await.unwrap();
}

/// Runs `send` with a line of standard input for each of its messages.
struct Sending {
    child: tokio::process::Child,
    stdin: tokio::process::ChildStdin,
    stdout: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
    stderr: tokio::io::Lines<BufReader<tokio::process::ChildStderr>>,
}

impl Sending {
    fn start(args: &[&str]) -> Self {
        let mut command = framegate(&[&["send", "--resume"], args].concat());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        Self {
            stdin: child.stdin.take().unwrap(),
            stdout: BufReader::new(child.stdout.take().unwrap()).lines(),
            stderr: BufReader::new(child.stderr.take().unwrap()).lines(),
            child,
        }
    }

    async fn send(&mut self, line: &str) {
        let line = format!("{line}\n");
        within(self.stdin.write_all(line.as_bytes())).await.unwrap();
    }

    async fn reply(&mut self) -> String {
        within(self.stdout.next_line()).await.unwrap().unwrap()
    }

    /// Waits for a line of standard error.
    async fn noted(&mut self) -> String {
        within(self.stderr.next_line()).await.unwrap().unwrap()
    }

    /// Ends the input; returns the exit status.
    async fn end(mut self) -> Option<i32> {
        drop(self.stdin);
        within(self.child.wait()).await.unwrap().code()
    }
}

#[tokio::test]
async fn send_goes_on_after_a_loss_and_tells_it_with_verbose() {
    let (_server, proxy) = gateway_and_proxy().await;
    let mut sending = Sending::start(&["--verbose", "-t", &ws_url(proxy.addr())]);
    sending.send("one").await;
    assert_eq!(sending.reply().await, "echo : one");
    let time = sending.noted().await;
    assert!(
        time.starts_with("service ") && time.ends_with(" ms"),
        "{time}"
    );
    proxy.cut();
    assert_contains(&sending.noted().await, "detached: connection lost");
    assert_contains(&sending.noted().await, "resumed after ");
    sending.send("two").await;
    assert_eq!(sending.reply().await, "echo : two");
    assert_eq!(sending.end().await, Some(0));
}

#[tokio::test]
async fn send_fails_with_the_count_of_a_lost_session() {
    let upstream = Upstream::bind().await;
    let server = TestServer::bridging_to(upstream.addr()).await;
    let other = TestServer::start().await;
    let mut proxy = CuttingProxy::start(server.http(), || UNLIMITED).await;
    let args = ["send", "--resume", "-t", &ws_url(proxy.addr()), "hello"];
    let sending = tokio::spawn(framegate(&args).output());
    proxy.has_accepted(1).await;
    let mut peer = upstream.accept().await;
    peer.receive().await;
    // Another gateway does not know the session.
    proxy.lead_to(other.http());
    proxy.cut();
    let output = within(sending).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_contains(
        &text(&output.stderr),
        "session lost: closed by the server with 4404",
    );
    assert_contains(&text(&output.stderr), "arrived");
}

#[tokio::test]
async fn resume_without_resumable_sessions_is_an_error_with_the_cause() {
    let plain = TestServer::with(|config| config.resume.timeout = None).await;
    let (websocket, stream) = (ws_url(plain.http()), tcp_url(plain.tcp()));
    for command in [
        &["send", "hello", "--resume", "-t"][..],
        &["bench", "-n1", "--warm-up=0", "--resume"],
    ] {
        let check = async |target: &str, status: i32, error: &str| {
            let output = output(&[command, &[target]].concat()).await;
            assert_eq!(output.status.code(), Some(status));
            assert_contains(&text(&output.stderr), error);
        };
        check(&websocket, 1, "offers no resumable sessions").await;
        check(&stream, 2, "--resume is for ws:// and wss:// targets").await;
    }
}

#[tokio::test]
async fn stream_of_frames_is_resumed_at_its_byte() {
    let upstream = Upstream::bind().await;
    let server = TestServer::in_front_of(&upstream, "framing=raw").await;
    let proxy = CuttingProxy::start(server.http(), || UNLIMITED).await;
    let mut sending = Sending::start(&["--stream", "-t", &ws_url(proxy.addr())]);
    sending.send("one").await;
    let mut peer = upstream.accept().await;
    assert_eq!(peer.receive_text().await, "one");
    peer.write([9, 0, 0, 0, b'h', b'a', b'l', b'f']).await;
    proxy.cut();
    peer.write(" each").await;
    assert_eq!(sending.reply().await, "half each");
    assert_eq!(sending.end().await, Some(0));
}

#[tokio::test]
async fn benchmark_of_resumable_sessions_reports_the_service_time() {
    let server = TestServer::start().await;
    let target = ws_url(server.http());
    for kind in [&[][..], &["--text"], &["-s100000", "-n50"]] {
        let run = [
            "bench",
            "--json",
            "--warm-up=0",
            "--resume",
            &target,
            "-c3",
            "-f5",
        ];
        let count = if kind.contains(&"-n50") {
            &[][..]
        } else {
            &["-n3000"]
        };
        let output = output(&[&run, kind, count].concat()).await;
        assert_eq!(text(&output.stderr), "");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let p50 = |name: &str| report[name]["p50"].as_f64().unwrap();
        assert!(p50("service_us") > 0.0, "{report}");
        assert!(p50("service_us") <= p50("latency_us"), "{report}");
    }
}

#[tokio::test]
async fn messages_far_ahead_of_their_replies_all_arrive() {
    const AHEAD: usize = 4000;
    let server = TestServer::start().await;
    let url = ws_url(server.http());
    let (mut sender, mut receiver) = open(&url).await.split();
    let message = "x".repeat(1024);
    let sending = async {
        for _ in 0..AHEAD {
            let sent = sender.send(MessageKind::Text, message.clone());
            within(sent).await.unwrap();
        }
        // The receiving half keeps the session.
        drop(sender);
    };
    let receiving = async {
        for _ in 0..AHEAD {
            let reply = within(receiver.receive()).await.unwrap();
            assert_eq!(reply.payload.len(), "echo : ".len() + message.len());
        }
    };
    tokio::join!(sending, receiving);
}
