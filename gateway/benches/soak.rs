//! Soak test: 2,000 long sessions beside 5,000 short connections, twice. The second run may
//! leave no more open files than the first, and hardly more memory: a leak would show. Then
//! bursts of long messages, whose memory is returned to the system within half a minute.
//!
//! `make soak` takes half a minute for each run; `make soak SECONDS=600` longer. Every reply
//! is compared with the expected one. Needs Linux's /proc.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use testkit::ServerProcess;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

const SESSIONS: usize = 2000;
const SHORT_CONNECTIONS: usize = 5000;
/// Tasks that make the short connections, each one after the other.
const CONNECTORS: usize = 50;

/// Clients of a burst, which send each length some times, all at once.
const BURST_CLIENTS: usize = 8;
const BURST_MESSAGES: usize = 6;
const BURST_LENS: [usize; 5] = [15 << 20, 100_000, 1 << 20, 5 << 20, 15 << 20];
/// Memory that stays resident after bursts, in KiB, [`BURST_TIME`] after them: docs/operations.md
/// promises it.
const KEPT_KIB: u64 = 32 << 10;
const BURST_TIME: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    let seconds = std::env::args().filter_map(|arg| arg.parse().ok()).next();
    let length = Duration::from_secs(seconds.unwrap_or(30));
    rlimit::increase_nofile_limit(SESSIONS as u64 * 3).expect("open files for the sessions");
    let gateway = Gateway::start().await;

    println!("at the start      {}", gateway.usage());
    gateway.load(length).await;
    // From now on the allocator reuses the memory that it has kept.
    let first = gateway.usage_when_idle().await;
    println!("after the 1st run {first}");
    let messages = gateway.load(length).await;
    let second = gateway.usage_when_idle().await;
    println!("after the 2nd run {second}");
    println!(
        "each run: {SESSIONS} sessions and {SHORT_CONNECTIONS} short connections in {} s; \
         {messages} messages in the 2nd",
        length.as_secs()
    );
    let leaks = second.files != first.files || second.rss_kib >= first.rss_kib * 5 / 4;
    println!("{}", if leaks { "LEAK" } else { "no leak" });
    let most = second.rss_kib + KEPT_KIB;
    let after = gateway.usage_after_bursts(most).await;
    println!("after bursts      {after}, at most {most} KiB");
    let keeps = after.rss_kib > most;
    ExitCode::from(u8::from(leaks || keeps))
}

/// A gateway in a process of its own, which is killed on drop.
struct Gateway {
    process: ServerProcess,
    tcp: SocketAddr,
    http: SocketAddr,
}

/// The gateway's memory and open files.
struct Usage {
    rss_kib: u64,
    files: usize,
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:>8} KiB of memory, {:>5} files",
            self.rss_kib, self.files
        )
    }
}

impl Gateway {
    async fn start() -> Self {
        let process = ServerProcess::gateway(env!("CARGO_BIN_EXE_framegate"));
        let mut process = process.expect("the binary starts");
        let http = process.addr("page").await.unwrap();
        let tcp = process.addr("echo").await.unwrap();
        Self { process, tcp, http }
    }

    /// Loads the sessions for `length` while short connections come and go; returns the
    /// number of replies.
    async fn load(&self, length: Duration) -> u64 {
        let end = Instant::now() + length;
        let mut sessions = JoinSet::new();
        for seed in 0..SESSIONS as u64 {
            let socket = self.open().await;
            sessions.spawn(echo_until(end, socket, seed));
        }
        let (http, tcp) = (self.http, self.tcp);
        let pause = (length / SHORT_CONNECTIONS as u32) * CONNECTORS as u32;
        let mut connectors = JoinSet::new();
        for connector in 0..CONNECTORS {
            connectors.spawn(async move {
                for number in (connector..SHORT_CONNECTIONS).step_by(CONNECTORS) {
                    connect_briefly(number, http, tcp).await;
                    sleep(pause / 2).await;
                }
            });
        }
        connectors.join_all().await;
        sessions.join_all().await.into_iter().sum()
    }

    async fn open(&self) -> WebSocketStream<TcpStream> {
        let stream = TcpStream::connect(self.http).await.unwrap();
        let url = format!("ws://{}/ws", self.http);
        client_async(url, stream).await.expect("a session").0
    }

    /// Sends bursts of long messages; returns the usage once it is `most` KiB, or at the end of
    /// [`BURST_TIME`].
    async fn usage_after_bursts(&self, most: u64) -> Usage {
        for len in BURST_LENS {
            let mut clients = JoinSet::new();
            for _ in 0..BURST_CLIENTS {
                clients.spawn(echo_long(self.open().await, len));
            }
            clients.join_all().await;
            println!("{len:>10} bytes  {}", self.usage());
        }
        let deadline = Instant::now() + BURST_TIME;
        while self.usage().rss_kib > most && Instant::now() < deadline {
            sleep(Duration::from_millis(100)).await;
        }
        self.usage()
    }

    /// Waits until all connections are closed, and returns the usage.
    async fn usage_when_idle(&self) -> Usage {
        let idle = self.idle_files();
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.usage().files > idle && Instant::now() < deadline {
            sleep(Duration::from_millis(100)).await;
        }
        self.usage()
    }

    /// The number of open files without connections: listeners, the runtime's and the
    /// standard streams.
    fn idle_files(&self) -> usize {
        let links = std::fs::read_dir(self.proc() + "/fd").unwrap();
        let targets = links.filter_map(|link| std::fs::read_link(link.ok()?.path()).ok());
        let sockets = targets
            .filter(|t| t.to_string_lossy().starts_with("socket:"))
            .count();
        // Two listeners, and the socket pair for signals.
        self.usage().files - sockets + 4
    }

    fn usage(&self) -> Usage {
        let status = std::fs::read_to_string(self.proc() + "/status").unwrap();
        let rss = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        Usage {
            rss_kib: rss.split_whitespace().nth(1).unwrap().parse().unwrap(),
            files: std::fs::read_dir(self.proc() + "/fd").unwrap().count(),
        }
    }

    /// The process's folder.
    fn proc(&self) -> String {
        format!("/proc/{}", self.process.pid().expect("the gateway runs"))
    }
}

/// Sends messages of random lengths, some of them long, and compares each reply; returns
/// their number.
async fn echo_until(end: Instant, mut socket: WebSocketStream<TcpStream>, seed: u64) -> u64 {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut replies = 0;
    while Instant::now() < end {
        let len = match chance.u8(0..50) {
            0 => chance.usize(0..100_000),
            _ => chance.usize(0..200),
        };
        let text: String = std::iter::repeat_with(|| chance.alphanumeric())
            .take(len)
            .collect();
        socket.send(Message::text(text.clone())).await.unwrap();
        let reply = loop {
            match socket.next().await.expect("a reply").unwrap() {
                Message::Ping(_) => {}
                reply => break reply,
            }
        };
        assert_eq!(reply, Message::text(format!("echo : {text}")));
        replies += 1;
        sleep(Duration::from_millis(chance.u64(0..2000))).await;
    }
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    replies
}

/// Sends messages of `len` bytes, and checks the length of each reply.
async fn echo_long(mut socket: WebSocketStream<TcpStream>, len: usize) {
    let message = Bytes::from(vec![b'x'; len]);
    for _ in 0..BURST_MESSAGES {
        socket.send(Message::Binary(message.clone())).await.unwrap();
        let reply = loop {
            match socket.next().await.expect("a reply").unwrap() {
                Message::Ping(_) => {}
                reply => break reply,
            }
        };
        assert_eq!(reply.len(), "echo : ".len() + len);
    }
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
}

/// Connects and disconnects as a client does: in one of five ways, by `number`.
async fn connect_briefly(number: usize, http: SocketAddr, tcp: SocketAddr) {
    let hello = b"\x05\0\0\0hello";
    let mut reply = [0; 16];
    match number % 5 {
        // A message over TCP, and an orderly end.
        0 => {
            let mut stream = TcpStream::connect(tcp).await.unwrap();
            stream.write_all(hello).await.unwrap();
            stream.shutdown().await.unwrap();
            stream.read_exact(&mut reply).await.unwrap();
            assert_eq!(&reply, b"\x0c\0\0\0echo : hello");
        }
        // The end inside a frame.
        1 => {
            let mut stream = TcpStream::connect(tcp).await.unwrap();
            stream.write_all(&hello[..6]).await.unwrap();
        }
        // A request for the page.
        2 => {
            let mut stream = TcpStream::connect(http).await.unwrap();
            let request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
            stream.write_all(request).await.unwrap();
            stream.read_to_end(&mut Vec::new()).await.unwrap();
        }
        // A session that ends without a Close, before its reply.
        3 => {
            let stream = TcpStream::connect(http).await.unwrap();
            let url = format!("ws://{http}/ws");
            let (mut socket, _) = client_async(url, stream).await.unwrap();
            socket.send(Message::text("gone")).await.unwrap();
        }
        // No bytes at all.
        _ => drop(TcpStream::connect(http).await.unwrap()),
    }
}
