//! Many sessions for a long time, and many that come and go beside them; then the same
//! again. The gateway's memory and descriptors should be as after the first time.
//!
//! `make soak` takes half a minute for each; `make soak SECONDS=600` longer. Every reply is
//! compared with what it should be. Needs Linux's /proc.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

const SESSIONS: usize = 2000;
const VISITORS: usize = 5000;
/// How many visitors are there at once.
const AT_ONCE: usize = 50;

#[tokio::main]
async fn main() -> ExitCode {
    let seconds = std::env::args().filter_map(|arg| arg.parse().ok()).next();
    let length = Duration::from_secs(seconds.unwrap_or(30));
    rlimit::increase_nofile_limit(SESSIONS as u64 * 3).expect("room for the sessions");
    let gateway = Gateway::start();

    println!("at start      {}", gateway.usage());
    gateway.load(length, VISITORS).await;
    // What an allocator keeps for the next time is kept by now.
    let first = gateway.settled().await;
    println!("after the 1st {first}");
    let messages = gateway.load(length, VISITORS).await;
    let second = gateway.settled().await;
    println!("after the 2nd {second}");
    println!(
        "each {SESSIONS} sessions and {VISITORS} visits in {} s; {messages} messages the 2nd time",
        length.as_secs()
    );
    let returned = second.files == first.files && second.rss_kib < first.rss_kib * 5 / 4;
    println!(
        "{}",
        if returned {
            "all returned"
        } else {
            "NOT RETURNED"
        }
    );
    ExitCode::from(u8::from(!returned))
}

/// The gateway's process, ended when it is dropped.
struct Gateway {
    child: Child,
    tcp: SocketAddr,
    http: SocketAddr,
}

/// What the gateway takes of the machine.
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
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_framegate"))
            .args(["--http", "127.0.0.1:0", "--tcp", "127.0.0.1:0"])
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let lines: Vec<_> = stdout.lines().take(4).map_while(Result::ok).collect();
        let addr = |name: &str| {
            let line = lines
                .iter()
                .find(|line| line.trim_start().starts_with(name));
            let authority = line.and_then(|line| line.split('/').nth(2));
            authority.and_then(|a| a.parse().ok()).expect("an address")
        };
        Self {
            tcp: addr("echo"),
            http: addr("page"),
            child,
        }
    }

    /// Works the sessions for `length` while `visitors` come and go; returns how many
    /// messages were answered.
    async fn load(&self, length: Duration, visitors: usize) -> u64 {
        let end = Instant::now() + length;
        let mut sessions = JoinSet::new();
        for seed in 0..SESSIONS as u64 {
            let socket = self.open().await;
            sessions.spawn(work(socket, seed, end));
        }
        let (http, tcp) = (self.http, self.tcp);
        let pause = (length / visitors as u32) * AT_ONCE as u32;
        let mut visits = JoinSet::new();
        for visitor in 0..AT_ONCE {
            visits.spawn(async move {
                for kind in (visitor..visitors).step_by(AT_ONCE) {
                    visit(kind, http, tcp).await;
                    sleep(pause / 2).await;
                }
            });
        }
        visits.join_all().await;
        sessions.join_all().await.into_iter().sum()
    }

    async fn open(&self) -> WebSocketStream<TcpStream> {
        let stream = TcpStream::connect(self.http).await.unwrap();
        let url = format!("ws://{}/ws", self.http);
        client_async(url, stream).await.expect("a session").0
    }

    /// Its usage once all sessions have ended.
    async fn settled(&self) -> Usage {
        let idle = self.idle_files();
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.usage().files > idle && Instant::now() < deadline {
            sleep(Duration::from_millis(100)).await;
        }
        self.usage()
    }

    /// What the process has open without any connection: measured by those it listens
    /// on, the runtime's and the standard streams.
    fn idle_files(&self) -> usize {
        let links = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap();
        let targets = links.filter_map(|link| std::fs::read_link(link.ok()?.path()).ok());
        let sockets = targets
            .filter(|t| t.to_string_lossy().starts_with("socket:"))
            .count();
        // Two listeners, and the pair that signals come through.
        self.usage().files - sockets + 4
    }

    fn usage(&self) -> Usage {
        let proc = format!("/proc/{}", self.child.id());
        let status = std::fs::read_to_string(format!("{proc}/status")).unwrap();
        let rss = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        Usage {
            rss_kib: rss.split_whitespace().nth(1).unwrap().parse().unwrap(),
            files: std::fs::read_dir(format!("{proc}/fd")).unwrap().count(),
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends messages of all lengths, some of them long, and compares what comes back.
async fn work(mut socket: WebSocketStream<TcpStream>, seed: u64, end: Instant) -> u64 {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut answered = 0;
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
        answered += 1;
        sleep(Duration::from_millis(chance.u64(0..2000))).await;
    }
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    answered
}

/// Comes and goes in one of the ways that clients have.
async fn visit(kind: usize, http: SocketAddr, tcp: SocketAddr) {
    let hello = b"\x05\0\0\0hello";
    let mut reply = [0; 16];
    match kind % 5 {
        // Speaks TCP, and leaves in order.
        0 => {
            let mut stream = TcpStream::connect(tcp).await.unwrap();
            stream.write_all(hello).await.unwrap();
            stream.shutdown().await.unwrap();
            stream.read_exact(&mut reply).await.unwrap();
            assert_eq!(&reply, b"\x0c\0\0\0echo : hello");
        }
        // Leaves in the middle of a frame.
        1 => {
            let mut stream = TcpStream::connect(tcp).await.unwrap();
            stream.write_all(&hello[..6]).await.unwrap();
        }
        // Asks for the page.
        2 => {
            let mut stream = TcpStream::connect(http).await.unwrap();
            let request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
            stream.write_all(request).await.unwrap();
            stream.read_to_end(&mut Vec::new()).await.unwrap();
        }
        // Opens a session and is gone, with a reply on its way.
        3 => {
            let stream = TcpStream::connect(http).await.unwrap();
            let url = format!("ws://{http}/ws");
            let (mut socket, _) = client_async(url, stream).await.unwrap();
            socket.send(Message::text("gone")).await.unwrap();
        }
        // Says nothing at all.
        _ => drop(TcpStream::connect(http).await.unwrap()),
    }
}
