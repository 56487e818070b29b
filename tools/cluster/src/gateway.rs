//! A gateway in a process of its own, on its own loopback address: a machine of its own, to
//! the balancers.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use serde::Deserialize;
use testkit::ServerProcess;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStderr, Command};
use tokio::task::JoinHandle;

use crate::{Failure, http};

/// The addresses of a gateway's listeners.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addrs {
    pub(crate) http: SocketAddr,
    pub(crate) tcp: SocketAddr,
    pub(crate) admin: SocketAddr,
}

/// A running gateway; it is killed on drop.
#[derive(Debug)]
pub(crate) struct Gateway {
    process: ServerProcess,
    pub(crate) addrs: Addrs,
    log: JoinHandle<GatewayLog>,
}

/// The log of a gateway, from its start to its end.
#[derive(Debug, Default)]
pub(crate) struct GatewayLog {
    /// The sessions that have ended.
    pub(crate) sessions: Vec<Session>,
    /// Frames that the echo service has answered, to its own sessions and to TCP clients.
    pub(crate) echoed: u64,
    pub(crate) warnings: Vec<String>,
    /// True if the exit status is 0.
    pub(crate) succeeded: bool,
}

/// A session that has ended.
#[derive(Debug)]
pub(crate) struct Session {
    /// The close code.
    pub(crate) code: u16,
    /// Messages to the upstream.
    pub(crate) sent: u64,
    /// Messages from the upstream to the client.
    pub(crate) received: u64,
}

/// The fields of a log line that this program uses.
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
    /// Free ports of `ip`, for the system to choose.
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
        Self::start_by(Command::new(program), addrs, args).await
    }

    /// Like [`start`](Self::start), by a command that runs the program.
    pub(crate) async fn start_by(
        mut command: Command,
        addrs: Addrs,
        args: &[String],
    ) -> Result<Self, Failure> {
        command
            .arg(format!("--http={}", addrs.http))
            .arg(format!("--tcp={}", addrs.tcp))
            .arg(format!("--admin={}", addrs.admin))
            .arg("--log-format=json")
            .args(args)
            .env("RUST_LOG", "info")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = ServerProcess::spawn(&mut command)
            .map_err(|error| format!("{:?} does not start: {error}", command.as_std()))?;
        let stderr = process.take_stderr().expect("it is piped");
        let log = tokio::spawn(read_log(stderr));
        let addrs = announced(&mut process).await.map_err(|error| {
            format!("the gateway does not start, run it by hand to see why: {error}")
        })?;
        Ok(Self {
            process,
            addrs,
            log,
        })
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Failure> {
        Ok(self.process.signal(signal)?)
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(mut self) -> Result<GatewayLog, Failure> {
        let status = self.process.wait().await?;
        let log = self.log.await?;
        Ok(GatewayLog {
            succeeded: status.success(),
            ..log
        })
    }

    /// Starts its drain, and waits until it has ended.
    pub(crate) async fn stop(self) -> Result<GatewayLog, Failure> {
        self.signal(Signal::SIGTERM)?;
        self.ended().await
    }

    /// The processor time that it has used.
    pub(crate) fn cpu(&self) -> Result<Duration, Failure> {
        let pid = Pid::from_raw(self.process.pid()?.cast_signed());
        Ok(clock_gettime(clock_getcpuclockid(pid)?)?.into())
    }

    /// The value of the metric `name`, which has no labels.
    pub(crate) async fn metric(&self, name: &str) -> Result<f64, Failure> {
        let response = http::get(self.addrs.admin, "/metrics").await?;
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
        let value = response.body.lines().find_map(value);
        value.ok_or_else(|| format!("/metrics has no {name}").into())
    }
}

impl GatewayLog {
    /// Messages to upstreams.
    pub(crate) fn sent(&self) -> u64 {
        self.sessions.iter().map(|session| session.sent).sum()
    }

    /// Messages to clients.
    pub(crate) fn received(&self) -> u64 {
        self.sessions.iter().map(|session| session.received).sum()
    }

    fn push(&mut self, line: Line) {
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

async fn read_log(stderr: ChildStderr) -> GatewayLog {
    let mut log = GatewayLog::default();
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(line) => log.push(line),
            Err(_) => log.warnings.push(line),
        }
    }
    log
}

/// Reads the listeners' addresses from the start-up text.
async fn announced(process: &mut ServerProcess) -> std::io::Result<Addrs> {
    Ok(Addrs {
        http: process.addr("page").await?,
        tcp: process.addr("echo").await?,
        admin: process.addr("admin").await?,
    })
}
