//! A contender's process, and its upstream's.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::num::NonZero;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::contender::{Contender, Kind};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// The processors that a process may use.
#[derive(Debug, Clone)]
pub(crate) enum Cpus {
    Any,
    /// As `taskset -c` takes them.
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
    /// The first.
    pub(crate) fn one() -> Self {
        Self::Only("0".into())
    }

    /// The second, or the only one.
    pub(crate) fn second() -> Self {
        let all = thread::available_parallelism().map_or(1, NonZero::get);
        Self::Only(if all > 1 { "1" } else { "0" }.into())
    }

    /// A command for `program` that runs on them.
    pub(crate) fn run(&self, program: impl AsRef<OsStr>) -> Command {
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

/// A running server; it ends when it is dropped.
pub(crate) struct Server {
    child: Child,
    addr: SocketAddr,
    kind: Kind,
}

impl Server {
    /// Starts `contender` in front of `upstream`, if it is a bridge.
    pub(crate) fn start(
        contender: &Contender,
        upstream: Option<&Server>,
        cpus: &Cpus,
    ) -> Result<Self, String> {
        Self::spawn(contender, upstream.map(|server| server.addr), cpus)
            .map(|(child, addr)| Self {
                child,
                addr,
                kind: contender.kind,
            })
            .map_err(|error| format!("{} does not start: {error}", contender.name))
    }

    fn spawn(
        contender: &Contender,
        upstream: Option<SocketAddr>,
        cpus: &Cpus,
    ) -> io::Result<(Child, SocketAddr)> {
        let given = free_addr()?;
        let mut command = cpus.run(&contender.program);
        for arg in contender.args {
            let mut arg = arg.replace("{listen}", &given.to_string());
            if let Some(upstream) = upstream {
                arg = arg.replace("{upstream}", &upstream.to_string());
                arg = arg.replace("{port}", &upstream.port().to_string());
            }
            command.arg(arg);
        }
        let announces = !contender.args.iter().any(|arg| arg.contains("{listen}"));
        let stdout = if announces {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let mut child = command
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(Stdio::null())
            .spawn()?;
        let addr = if announces {
            announced(child.stdout.take().expect("it is piped"), contender.kind)
        } else {
            wait_for(given).map(|()| given)
        };
        match addr {
            Ok(addr) => Ok((child, addr)),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What a client calls it.
    pub(crate) fn target(&self) -> String {
        match self.kind {
            Kind::Echo => format!("tcp://{}", self.addr),
            Kind::Bridge => format!("ws://{}/ws", self.addr),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// An address that nobody listens on, as far as one can know.
fn free_addr() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Reads the line that says where the server is: `  echo    tcp://ADDR`.
fn announced(stdout: impl Read, kind: Kind) -> io::Result<SocketAddr> {
    let name = match kind {
        Kind::Echo => "echo",
        Kind::Bridge => "bridge",
    };
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let line = lines.find(|line| line.trim_start().starts_with(name));
    let addr = line.and_then(|line| line.split('/').nth(2)?.parse().ok());
    addr.ok_or_else(|| io::Error::other("it does not say where it is"))
}

/// Waits until somebody listens there: servers that others have made do not say when.
fn wait_for(addr: SocketAddr) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match TcpStream::connect(addr) {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}
