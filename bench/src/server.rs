//! A contender's process, and its upstream's.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::contender::{Contender, Kind};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; it ends when it is dropped.
pub(crate) struct Server {
    child: Child,
    addr: SocketAddr,
    kind: Kind,
    /// What it is a bridge to.
    _upstream: Option<Box<Server>>,
}

impl Server {
    /// Starts `contender`, with `upstream` behind it if it is a bridge, on these processors
    /// or on any.
    pub(crate) fn start(
        contender: &Contender,
        upstream: &Contender,
        cpus: Option<&str>,
    ) -> Result<Self, String> {
        let upstream = match contender.kind {
            Kind::Echo => None,
            Kind::Bridge => Some(Box::new(Self::start(upstream, upstream, cpus)?)),
        };
        let upstream_addr = upstream.as_ref().map(|server| server.addr);
        Self::spawn(contender, upstream_addr, cpus)
            .map(|(child, addr)| Self {
                child,
                addr,
                kind: contender.kind,
                _upstream: upstream,
            })
            .map_err(|error| format!("{} does not start: {error}", contender.name))
    }

    fn spawn(
        contender: &Contender,
        upstream: Option<SocketAddr>,
        cpus: Option<&str>,
    ) -> io::Result<(Child, SocketAddr)> {
        let given = free_addr()?;
        let mut command = on(cpus, contender.program.as_os_str());
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

/// A command that runs on these processors, or on any.
pub(crate) fn on(cpus: Option<&str>, program: impl AsRef<std::ffi::OsStr>) -> Command {
    match cpus {
        None => Command::new(program),
        Some(cpus) => {
            let mut command = Command::new("taskset");
            command.args(["-c", cpus]).arg(program);
            command
        }
    }
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

/// Waits until somebody listens there.
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
