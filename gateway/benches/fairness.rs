//! Fairness: a client's latency alone, and while other clients flood the gateway.
//!
//! `make fairness` takes a few seconds for each flood. Options: `--check` exits with 1 if a
//! flood raises the 99th percentile above 10 times the one without; `--seconds=N`;
//! `--gateway=PATH` measures another binary; `--only=WORD` some floods. All is on loopback, and
//! the floods need processors too: the gateway has half of them for itself, or else each thread
//! would wait for the others' turns of a few milliseconds, which are the kernel's part. For the same
//! reason, a flood gives way to the clients that are measured beside it (`chrt --idle`).

mod floods;
mod processors;

use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use floods::{FLOODS, Flood};
use futures_util::{SinkExt, StreamExt};
use processors::Processors;
use testkit::ServerProcess;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

/// Clients of each flood.
const FLOODING: usize = 4;
/// Clients that are measured, so that every worker of the gateway has one.
const MEASURED: usize = 4;
/// Multiple of the 99th percentile that is allowed.
const MOST: f64 = 10.0;
/// Option of the process that floods: the flood's name, then the addresses.
const FLOOD_OPTION: &str = "--flood=";
/// Time between two requests of a client.
const PAUSE: Duration = Duration::from_millis(2);

/// Addresses of the gateway under test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) http: SocketAddr,
    pub(crate) tcp: SocketAddr,
}

/// Options on the command line.
struct Options {
    check: bool,
    length: Duration,
    gateway: String,
    only: String,
}

/// Latencies of a run, in order.
struct Latencies(Vec<Duration>);

fn main() -> ExitCode {
    if let Some((flood, target)) = flood_to_run() {
        runtime().block_on(run_flood(flood, target));
    }
    let options = Options::parse();
    let (runtime, processors) = (runtime(), Processors::split());
    let mut worst = 0.0_f64;
    // The first run warms up.
    run(&runtime, &options, &processors, None);
    let alone = run(&runtime, &options, &processors, None);
    println!("{:32} {:>9} {:>9} {:>6}", "", "p50", "p99", "x");
    alone.print("alone", &alone);
    for flood in FLOODS.iter().filter(|it| it.name.contains(&options.only)) {
        let beside = run(&runtime, &options, &processors, Some(flood));
        beside.print(flood.name, &alone);
        worst = worst.max(beside.multiple_of(&alone));
    }
    let failed = options.check && worst > MOST;
    if failed {
        println!("a flood raises the 99th percentile above {MOST} times the one without");
    }
    ExitCode::from(u8::from(failed))
}

impl Options {
    fn parse() -> Self {
        let value =
            |name: &str| std::env::args().find_map(|arg| Some(arg.strip_prefix(name)?.to_owned()));
        let seconds = value("--seconds=").map(|it| it.parse().expect("a number of seconds"));
        Self {
            check: std::env::args().any(|arg| arg == "--check"),
            length: Duration::from_secs(seconds.unwrap_or(3)),
            gateway: value("--gateway=").unwrap_or(env!("CARGO_BIN_EXE_framegate").into()),
            only: value("--only=").unwrap_or_default(),
        }
    }
}

/// Measures a gateway of its own, beside `flood` in a process of its own.
fn run(
    runtime: &Runtime,
    options: &Options,
    processors: &Processors,
    flood: Option<&'static Flood>,
) -> Latencies {
    // Processes and threads inherit it from the thread that starts them.
    processors.use_server_half();
    let (process, target) = runtime.block_on(start(&options.gateway));
    processors.use_client_half();
    let flooding = flood.map(|flood| FloodProcess::start(flood, target));
    let latencies = runtime.block_on(async {
        // The flood has begun, and its first bytes have been answered.
        sleep(options.length / 5).await;
        measure(target, options.length).await
    });
    flooding.into_iter().for_each(FloodProcess::stop);
    drop(process);
    latencies
}

/// A flood in a process of its own, which runs when the measured clients do not.
struct FloodProcess(Child);

impl FloodProcess {
    fn start(flood: &Flood, target: Target) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new("chrt");
        command
            .args(["--idle", "0"])
            .arg(program)
            .arg(format!("{FLOOD_OPTION}{}", flood.name))
            .args([target.http, target.tcp].map(|addr| addr.to_string()));
        Self(command.spawn().expect("chrt, of util-linux"))
    }

    fn stop(mut self) {
        let ended = self.0.try_wait().expect("its state");
        assert_eq!(ended, None, "the flood ended by itself");
        self.0.kill().expect("a flood that runs");
        self.0.wait().expect("its end");
    }
}

/// The flood that this process has been started for, if it has.
fn flood_to_run() -> Option<(&'static Flood, Target)> {
    let mut args = std::env::args().skip(1);
    let name = args.next()?.strip_prefix(FLOOD_OPTION)?.to_owned();
    let mut addr = || args.next()?.parse().ok();
    let target = Target {
        http: addr()?,
        tcp: addr()?,
    };
    Some((FLOODS.iter().find(|it| it.name == name)?, target))
}

async fn run_flood(flood: &'static Flood, target: Target) {
    let mut clients = JoinSet::new();
    for _ in 0..FLOODING {
        clients.spawn((flood.run)(target));
    }
    clients.join_all().await;
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

async fn start(gateway: &str) -> (ServerProcess, Target) {
    let mut process = ServerProcess::gateway(gateway).expect("the binary starts");
    let http = process.addr("page").await.expect("the page's address");
    let tcp = process
        .addr("echo")
        .await
        .expect("the echo service's address");
    (process, Target { http, tcp })
}

/// Latencies of requests and replies through the bridge.
async fn measure(target: Target, length: Duration) -> Latencies {
    let end = Instant::now() + length;
    let mut clients = JoinSet::new();
    for _ in 0..MEASURED {
        clients.spawn(ask_until(end, target));
    }
    let mut latencies = clients.join_all().await.concat();
    latencies.sort_unstable();
    Latencies(latencies)
}

async fn ask_until(end: Instant, target: Target) -> Vec<Duration> {
    let stream = TcpStream::connect(target.http).await.expect("a connection");
    let url = format!("ws://{}/ws", target.http);
    let (mut socket, _) = client_async(url, stream).await.expect("a session");
    let mut latencies = Vec::new();
    loop {
        let start = Instant::now();
        socket
            .send(Message::text("request"))
            .await
            .expect("an open session");
        while !socket
            .next()
            .await
            .expect("a reply")
            .expect("a reply")
            .is_text()
        {}
        latencies.push(start.elapsed());
        if Instant::now() > end {
            break;
        }
        sleep(PAUSE).await;
    }
    latencies
}

impl Latencies {
    fn percentile(&self, percent: usize) -> Duration {
        self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)]
    }

    fn multiple_of(&self, alone: &Self) -> f64 {
        self.percentile(99).as_secs_f64() / alone.percentile(99).as_secs_f64()
    }

    fn print(&self, name: &str, alone: &Self) {
        let [p50, p99] = [50, 99].map(|percent| self.percentile(percent).as_secs_f64() * 1e3);
        let multiple = self.multiple_of(alone);
        println!("{name:32} {p50:>6.2} ms {p99:>6.2} ms {multiple:>6.1}");
    }
}
