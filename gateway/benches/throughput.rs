//! Messages per second, and per second of the server's CPU, of the echo service and of
//! the bridge, beside a plain tokio `Framed` echo in the same run.
//!
//! `make bench` runs it. Every reply is compared with what it should be. The servers are
//! processes of their own and take turns, so that a machine that slows down slows all of
//! them; what to quote is the ratio. The bridge's CPU is its own: its upstream is the echo
//! service's process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const WARM_UP: Duration = Duration::from_millis(300);

struct Workload {
    name: &'static str,
    connections: usize,
    in_flight: usize,
    payload_len: usize,
}

const WORKLOADS: [Workload; 2] = [
    Workload {
        name: "1 connection, 5 B, in lock-step",
        connections: 1,
        in_flight: 1,
        payload_len: 5,
    },
    Workload {
        name: "16 connections, 32 B, 64 in flight each",
        connections: 16,
        in_flight: 64,
        payload_len: 32,
    },
];

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    if std::env::args().any(|arg| arg == FRAMED_ECHO) {
        return runtime.block_on(framed_echo());
    }
    let contenders = Contender::start_all();
    for workload in &WORKLOADS {
        let mut figures = vec![Vec::new(); contenders.len()];
        for _ in 0..ROUNDS {
            for (contender, figures) in contenders.iter().zip(&mut figures) {
                figures.push(runtime.block_on(contender.measure(workload)));
            }
        }
        report(workload, &contenders, figures);
    }
}

/// A server under test.
struct Contender {
    name: &'static str,
    speaks: Speaks,
    addr: SocketAddr,
    process: Process,
}

#[derive(Clone, Copy)]
enum Speaks {
    Tcp,
    WebSocket,
}

/// What one round came to, per second.
#[derive(Clone, Copy)]
struct Figure {
    rate: f64,
    per_cpu_second: f64,
}

impl Contender {
    fn start_all() -> Vec<Self> {
        let framegate = |args: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_framegate"));
            command.args(["--http", "127.0.0.1:0", "--prefix", ""]);
            command.args(args);
            command
        };
        let mut peer = Command::new(std::env::current_exe().unwrap());
        peer.arg(FRAMED_ECHO);
        let peer = Self::start("tokio Framed echo", Speaks::Tcp, peer);
        let echo = framegate(&["--tcp", "127.0.0.1:0"]);
        let echo = Self::start("framegate echo service", Speaks::Tcp, echo);
        let bridge = framegate(&["--tcp", "off", "--upstream", &echo.addr.to_string()]);
        let bridge = Self::start("framegate bridge", Speaks::WebSocket, bridge);
        vec![peer, echo, bridge]
    }

    /// Starts `command`, and waits for the line that says where it is.
    fn start(name: &'static str, speaks: Speaks, mut command: Command) -> Self {
        let mut process = Process::start(&mut command);
        let line = match speaks {
            Speaks::Tcp => "echo",
            Speaks::WebSocket => "bridge",
        };
        let addr = process.announced(line);
        Self {
            name,
            speaks,
            addr,
            process,
        }
    }

    async fn measure(&self, workload: &Workload) -> Figure {
        let mut clients = JoinSet::new();
        let from = Instant::now() + WARM_UP;
        for _ in 0..workload.connections {
            let mut client = Client::connect(self, workload).await;
            clients.spawn(async move {
                client.exchange_until(from).await;
                client.exchange_until(from + ROUND).await
            });
        }
        tokio::time::sleep_until(from.into()).await;
        let cpu_before = self.process.cpu();
        let exchanged: u64 = clients.join_all().await.into_iter().sum();
        let elapsed = from.elapsed().as_secs_f64();
        let cpu = self.process.cpu() - cpu_before;
        Figure {
            rate: exchanged as f64 / elapsed,
            per_cpu_second: exchanged as f64 / cpu.as_secs_f64(),
        }
    }
}

/// One connection, and the bytes that go over it again and again.
struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    expected: Vec<u8>,
    reply: Vec<u8>,
    in_flight: u64,
}

impl Client {
    async fn connect(contender: &Contender, workload: &Workload) -> Self {
        let mut stream = TcpStream::connect(contender.addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let len = u8::try_from(workload.payload_len).unwrap();
        let payload = vec![b'x'; workload.payload_len];
        let (request, expected) = match contender.speaks {
            Speaks::Tcp => {
                let frame = [&[len, 0, 0, 0], &payload[..]].concat();
                (frame.clone(), frame)
            }
            Speaks::WebSocket => {
                upgrade(&mut stream).await;
                // A final text frame; the client's is masked (RFC 6455, section 5.2).
                let mask = [0x1f, 0x2e, 0x3d, 0x4c];
                let masked = payload.iter().zip(mask.iter().cycle()).map(|(p, m)| p ^ m);
                let header = [&[0x81, 0x80 | len], &mask[..]].concat();
                (
                    header.into_iter().chain(masked).collect(),
                    [&[0x81, len], &payload[..]].concat(),
                )
            }
        };
        let expected = expected.repeat(workload.in_flight);
        Self {
            stream,
            request: request.repeat(workload.in_flight),
            reply: vec![0; expected.len()],
            expected,
            in_flight: workload.in_flight as u64,
        }
    }

    /// Returns how many messages were answered, each as it should be.
    async fn exchange_until(&mut self, end: Instant) -> u64 {
        let mut exchanged = 0;
        while Instant::now() < end {
            self.stream.write_all(&self.request).await.unwrap();
            self.stream.read_exact(&mut self.reply).await.unwrap();
            assert!(self.reply == self.expected, "a reply is wrong");
            exchanged += self.in_flight;
        }
        exchanged
    }
}

async fn upgrade(stream: &mut TcpStream) {
    let request = "GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "the bridge refused");
}

/// A server's process, ended when it is dropped.
struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        command.env("RUST_LOG", "warn").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// The address in the line that begins with `name`.
    fn announced(&mut self, name: &str) -> SocketAddr {
        let mut lines = (&mut self.stdout).lines().map_while(Result::ok);
        let line = lines.find(|line| line.trim_start().starts_with(name));
        let line = line.expect("it announces its address");
        let authority = line.split('/').nth(2).unwrap_or_default();
        authority.parse().expect("an address")
    }

    /// The CPU time that it has taken so far.
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.expect("Linux's /proc, which this benchmark needs");
        // proc(5): utime and stime, in ticks, are the 14th and 15th field; the 2nd, in
        // brackets, may hold spaces.
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
        let ticks: u32 = fields
            .skip(11)
            .take(2)
            .map(|f| f.parse::<u32>().unwrap())
            .sum();
        const TICKS_PER_SECOND: u32 = 100;
        Duration::from_secs(1) * ticks / TICKS_PER_SECOND
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn report(workload: &Workload, contenders: &[Contender], figures: Vec<Vec<Figure>>) {
    println!("\n{}", workload.name);
    println!(
        "{:26}{:>14}{:>9}{:>16}{:>9}",
        "", "messages/s", "ratio", "per CPU second", "ratio"
    );
    let mut peer: Option<Figure> = None;
    for (contender, mut figures) in contenders.iter().zip(figures) {
        let mut median = |of: fn(&Figure) -> f64| {
            figures.sort_by(|a, b| of(a).total_cmp(&of(b)));
            of(&figures[figures.len() / 2])
        };
        let figure = Figure {
            rate: median(|f| f.rate),
            per_cpu_second: median(|f| f.per_cpu_second),
        };
        let peer = peer.get_or_insert(figure);
        println!(
            "{:26}{:>14.0}{:>9.2}{:>16.0}{:>9.2}",
            contender.name,
            figure.rate,
            figure.rate / peer.rate,
            figure.per_cpu_second,
            figure.per_cpu_second / peer.per_cpu_second,
        );
    }
    println!(
        "median of {ROUNDS} rounds of {} s, in turns",
        ROUND.as_secs()
    );
}

/// The argument that makes this program the peer instead.
const FRAMED_ECHO: &str = "--framed-echo";

/// The echo service as one writes it first: a codec, a message at a time.
async fn framed_echo() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("  echo    tcp://{}", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let codec = LengthDelimitedCodec::builder().little_endian().new_codec();
        let mut framed = Framed::new(stream, codec);
        tokio::spawn(async move {
            while let Some(Ok(payload)) = framed.next().await {
                if framed.send(payload.freeze()).await.is_err() {
                    break;
                }
            }
        });
    }
}
