//! Resumable sessions: memory of 1,000 plain, attached and detached ones, and the latency of a
//! thousand resumes at once, from the beginning of the TCP connection to the hello.
//!
//! The sessions are with the echo service, whose connections are part of the memory. The clients
//! share the processors with the gateway. Needs Linux's /proc.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use testkit::ServerProcess;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

const SESSIONS: usize = 1000;

/// Length of the message that each detached session keeps.
const KEPT_LEN: usize = 4096;

#[tokio::main]
async fn main() {
    rlimit::increase_nofile_limit(SESSIONS as u64 * 4).expect("open files for the sessions");
    let gateway = Gateway::start().await;
    let start = gateway.rss_kib();
    let mut plain = Vec::new();
    for _ in 0..SESSIONS {
        let mut socket = gateway.open("", None).await;
        socket.send(Message::text("hello")).await.unwrap();
        socket.next().await.unwrap().unwrap();
        plain.push(socket);
    }
    report("plain", start, gateway.rss_kib());
    drop((plain, gateway));

    let gateway = Gateway::start().await;
    let start = gateway.rss_kib();
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        let (mut socket, token) = gateway.open_resumable("").await;
        socket
            .send(Message::binary(b"\x01hello".to_vec()))
            .await
            .unwrap();
        next_binary(&mut socket).await;
        socket.send(Message::text(r#"{"ack":1}"#)).await.unwrap();
        sessions.push((socket, token));
    }
    report("resumable", start, gateway.rss_kib());
    let tokens = gateway.lose(sessions).await;
    report("detached", start, gateway.rss_kib());
    let sessions = gateway.resume_all(tokens, 1).await;
    let mut with_message = Vec::new();
    for (mut socket, token) in sessions {
        let message = [&[1][..], &[b'x'; KEPT_LEN]].concat();
        socket.send(Message::binary(message)).await.unwrap();
        next_binary(&mut socket).await;
        with_message.push((socket, token));
    }
    let tokens = gateway.lose(with_message).await;
    report(
        "detached, with a message of 4 KiB",
        start,
        gateway.rss_kib(),
    );
    gateway.resume_all(tokens, 1).await;
}

fn report(kind: &str, start_kib: u64, rss_kib: u64) {
    let each = (rss_kib - start_kib) as f64 / SESSIONS as f64;
    println!("{SESSIONS} {kind}: {rss_kib} KiB resident, {each:.2} KiB a session");
}

async fn next_binary(socket: &mut WebSocketStream<TcpStream>) {
    while !socket.next().await.unwrap().unwrap().is_binary() {}
}

/// A gateway in a process of its own, which is killed on drop.
struct Gateway {
    process: ServerProcess,
    http: SocketAddr,
}

/// A client's connection, and the token for the next.
type Resumable = (WebSocketStream<TcpStream>, String);

impl Gateway {
    async fn start() -> Self {
        let process = ServerProcess::gateway(env!("CARGO_BIN_EXE_framegate"));
        let mut process = process.expect("the binary starts");
        let http = process.addr("page").await.unwrap();
        Self { process, http }
    }

    async fn open(&self, query: &str, offer: Option<&str>) -> WebSocketStream<TcpStream> {
        connect(self.http, query, offer).await
    }

    async fn open_resumable(&self, query: &str) -> Resumable {
        connect_resumable(self.http, query).await
    }

    /// Loses all connections, and waits until the gateway has noticed; returns the tokens.
    async fn lose(&self, sessions: Vec<Resumable>) -> Vec<String> {
        let tokens = sessions.into_iter().map(|(_, token)| token).collect();
        let all = format!("\nframegate_sessions_detached {SESSIONS}\n");
        while !self.metrics().await.contains(&all) {}
        tokens
    }

    /// Resumes all sessions at once, and prints the latencies.
    async fn resume_all(&self, tokens: Vec<String>, received: u64) -> Vec<Resumable> {
        let mut resumes = JoinSet::new();
        for token in tokens {
            let http = self.http;
            resumes.spawn(async move {
                let start = Instant::now();
                let query = format!("?resume={token}&received={received}");
                let mut session = connect_resumable(http, &query).await;
                let latency = start.elapsed();
                let ack = format!("{{\"ack\":{received}}}");
                session.0.send(Message::text(ack)).await.unwrap();
                (latency, session)
            });
        }
        let (mut latencies, sessions): (Vec<Duration>, Vec<_>) =
            resumes.join_all().await.into_iter().unzip();
        latencies.sort();
        let at = |part: usize| latencies[(latencies.len() * part / 100).min(SESSIONS - 1)];
        println!(
            "{SESSIONS} resumes at once: p50 {:.1?}, p99 {:.1?}, max {:.1?}",
            at(50),
            at(99),
            at(100)
        );
        sessions
    }

    async fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(self.http).await.unwrap();
        let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        let _ = stream.read_to_string(&mut response).await;
        response
    }

    fn rss_kib(&self) -> u64 {
        let pid = self.process.pid().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let words = line.unwrap().split_whitespace().nth(1);
        words.unwrap().parse().unwrap()
    }
}

async fn connect(http: SocketAddr, query: &str, offer: Option<&str>) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(http).await.unwrap();
    let url = format!("ws://{http}/ws{query}");
    let mut request = url.into_client_request().unwrap();
    if let Some(offer) = offer {
        let name = "sec-websocket-protocol";
        request.headers_mut().insert(name, offer.parse().unwrap());
    }
    client_async(request, stream).await.expect("a session").0
}

async fn connect_resumable(http: SocketAddr, query: &str) -> Resumable {
    let mut socket = connect(http, query, Some("framegate.1")).await;
    let hello = socket.next().await.unwrap().unwrap().into_text().unwrap();
    let hello: serde_json::Value = serde_json::from_str(&hello).expect("a hello");
    let token = hello["session"].as_str().expect("a token").into();
    (socket, token)
}
