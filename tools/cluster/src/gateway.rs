//! A gateway's process: on a loopback address of its own, as if on a machine of its own.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::{Failure, http};

/// Where a gateway listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addrs {
    pub(crate) http: SocketAddr,
    pub(crate) tcp: SocketAddr,
    pub(crate) admin: SocketAddr,
}

/// A running gateway; it is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Gateway {
    child: Child,
    pub(crate) addrs: Addrs,
    log: JoinHandle<Life>,
}

/// What a gateway's log says of its life.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// The sessions that have ended.
    pub(crate) sessions: Vec<Session>,
    /// Frames that the echo service has answered, to its own sessions and to TCP clients.
    pub(crate) echoed: u64,
    /// Whatever it warned of.
    pub(crate) warnings: Vec<String>,
    /// Whether it ended with status 0.
    pub(crate) ended_well: bool,
}

/// A session that has ended.
#[derive(Debug)]
pub(crate) struct Session {
    /// The close code.
    pub(crate) code: u16,
    /// Messages that went to the upstream.
    pub(crate) sent: u64,
    /// Messages that came from the upstream, and went to the client.
    pub(crate) received: u64,
}

/// A line of the log, as far as it is of use here.
#[derive(Deserialize)]
struct Line {
    level: String,
    message: String,
    code: Option<u16>,
    sent: Option<u64>,
    received: Option<u64>,
    frames: Option<u64>,
}

impl Addrs {
    /// Free ports of `ip`, to be chosen by the system.
    pub(crate) fn free(ip: impl Into<IpAddr>) -> Self {
        let any = SocketAddr::new(ip.into(), 0);
        Self {
            http: any,
            tcp: any,
            admin: any,
        }
    }
}

impl Gateway {
    /// Starts `program` at `addrs`, and waits until it listens there.
    pub(crate) async fn start(
        program: &Path,
        addrs: Addrs,
        args: &[String],
    ) -> Result<Self, Failure> {
        let mut child = Command::new(program)
            .arg(format!("--http={}", addrs.http))
            .arg(format!("--tcp={}", addrs.tcp))
            .arg(format!("--admin={}", addrs.admin))
            .arg("--log-format=json")
            .args(args)
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", program.display()))?;
        let stderr = child.stderr.take().expect("it is piped");
        let log = tokio::spawn(read_log(stderr));
        let stdout = child.stdout.take().expect("it is piped");
        let addrs = announced(stdout).await?;
        Ok(Self { child, addrs, log })
    }

    /// Sends it `signal`.
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Failure> {
        Ok(kill(self.pid()?, signal)?)
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(mut self) -> Result<Life, Failure> {
        let status = self.child.wait().await?;
        let life = self.log.await?;
        Ok(Life {
            ended_well: status.success(),
            ..life
        })
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(self) -> Result<Life, Failure> {
        self.signal(Signal::SIGTERM)?;
        self.ended().await
    }

    /// The processor time that it has taken so far.
    pub(crate) fn cpu(&self) -> Result<Duration, Failure> {
        let clock = clock_getcpuclockid(self.pid()?)?;
        Ok(clock_gettime(clock)?.into())
    }

    /// The value of the metric without labels that is called `name`.
    pub(crate) async fn metric(&self, name: &str) -> Result<f64, Failure> {
        let answer = http::get(self.addrs.admin, "/metrics").await?;
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
        let value = answer.body.lines().find_map(value);
        value.ok_or_else(|| format!("/metrics has no {name}").into())
    }

    fn pid(&self) -> Result<Pid, Failure> {
        let pid = self.child.id().ok_or("the gateway has ended")?;
        Ok(Pid::from_raw(pid.cast_signed()))
    }
}

impl Life {
    /// Messages that went to upstreams.
    pub(crate) fn sent(&self) -> u64 {
        self.sessions.iter().map(|session| session.sent).sum()
    }

    /// Messages that went to clients.
    pub(crate) fn received(&self) -> u64 {
        self.sessions.iter().map(|session| session.received).sum()
    }

    fn add(&mut self, line: Line) {
        if let (Some(code), Some(sent), Some(received)) = (line.code, line.sent, line.received) {
            self.sessions.push(Session {
                code,
                sent,
                received,
            });
        }
        self.echoed += line.frames.unwrap_or_default();
        if line.level != "INFO" {
            self.warnings.push(line.message);
        }
    }
}

async fn read_log(stderr: ChildStderr) -> Life {
    let mut life = Life::default();
    let mut lines = lines(stderr);
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(line) => life.add(line),
            Err(_) => life.warnings.push(line),
        }
    }
    life
}

/// Reads where everything is: `  echo    tcp://ADDR`, and so on.
async fn announced(stdout: ChildStdout) -> Result<Addrs, Failure> {
    let (mut http, mut tcp) = (None, None);
    let mut lines = lines(stdout);
    while let Some(line) = lines.next_line().await? {
        let addr = line.split('/').nth(2).and_then(|addr| addr.parse().ok());
        match (line.split_whitespace().next(), addr) {
            (Some("page"), addr) => http = addr,
            (Some("echo"), addr) => tcp = addr,
            (Some("admin"), Some(admin)) => {
                let (http, tcp) = http
                    .zip(tcp)
                    .ok_or("the gateway does not say where it is")?;
                return Ok(Addrs { http, tcp, admin });
            }
            _ => {}
        }
    }
    Err("the gateway does not start: run it by hand to see why".into())
}

fn lines<R: AsyncRead + Unpin>(from: R) -> tokio::io::Lines<BufReader<R>> {
    BufReader::new(from).lines()
}
