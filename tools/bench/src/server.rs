//! A contender's server process, and the processors that it may use.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::num::NonZero;
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;
use std::{fs, io, thread};

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

use testkit::{ReservedPort, ServerProcess, wait_until_listening};
use tokio::process::Command;

use crate::contender::{Contender, Kind};

/// The processors that a process may use.
#[derive(Debug, Clone)]
pub(crate) enum Cpus {
    Any,
    /// A list as `taskset -c` takes it.
    Only(String),
}

impl FromStr for Cpus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "any" => Self::Any,
            list => Self::Only(list.into()),
        })
    }
}

impl Cpus {
    /// The first processor.
    pub(crate) fn first() -> Self {
        Self::Only("0".into())
    }

    /// The second processor, or the first if there is no other.
    pub(crate) fn second() -> Self {
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        Self::Only(if count > 1 { "1" } else { "0" }.into())
    }

    /// Returns a command that runs `program` on these processors.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        match self {
            Self::Any => Command::new(program),
            Self::Only(list) => {
                let mut command = Command::new("taskset");
                command.args(["-c", list]).arg(program);
                command
            }
        }
    }
}

/// A contender's server; it is killed on drop.
pub(crate) struct Server {
    process: ServerProcess,
    addr: SocketAddr,
    kind: Kind,
    /// The port of a server that is told its address.
    _port: Option<ReservedPort>,
}

impl Server {
    /// Starts `contender`, a bridge in front of `upstream`, and waits until it listens.
    pub(crate) async fn start(
        contender: &Contender,
        upstream: Option<&Server>,
        cpus: &Cpus,
    ) -> Result<Self, String> {
        let upstream = upstream.map(|server| server.addr);
        Self::try_start(contender, upstream, cpus)
            .await
            .map_err(|error| format!("{} does not start: {error}", contender.name))
    }

    async fn try_start(
        contender: &Contender,
        upstream: Option<SocketAddr>,
        cpus: &Cpus,
    ) -> io::Result<Self> {
        let port = contender.reserve_port()?;
        let listen = port.as_ref().map(ReservedPort::addr);
        let mut command = cpus.command(&contender.program);
        command
            .args(contender.args(listen, upstream))
            .env("RUST_LOG", "error")
            .stderr(Stdio::null())
            .stdout(match listen {
                Some(_) => Stdio::null(),
                None => Stdio::piped(),
            });
        let mut process = ServerProcess::spawn(&mut command)?;
        let addr = match listen {
            Some(addr) => wait_until_listening(addr).await.map(|()| addr)?,
            None => process.addr(contender.kind.service()).await?,
        };
        Ok(Self {
            process,
            addr,
            kind: contender.kind,
            _port: port,
        })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The processor time of its processes so far, as `framegate bench` measures it.
    pub(crate) fn cpu_time(&self) -> io::Result<Duration> {
        let pid = i32::try_from(self.pid()?).map_err(io::Error::other)?;
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        let children = children
            .split_whitespace()
            .filter_map(|pid| pid.parse().ok());
        let of = |pid: i32| -> io::Result<Duration> {
            let clock = clock_getcpuclockid(Pid::from_raw(pid))?;
            Ok(clock_gettime(clock)?.into())
        };
        children.chain([pid]).map(of).sum()
    }

    pub(crate) fn pid(&self) -> io::Result<u32> {
        self.process.pid()
    }

    /// Its URL, as `framegate bench` takes it.
    pub(crate) fn url(&self) -> String {
        match self.kind {
            Kind::Echo => format!("tcp://{}", self.addr),
            Kind::Bridge => format!("ws://{}/ws", self.addr),
            Kind::TlsBridge => format!("wss://{}/ws", self.addr),
        }
    }
}
