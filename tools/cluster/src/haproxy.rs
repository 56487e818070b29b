//! HAProxy with `deploy/haproxy/haproxy.cfg`, in which only addresses are changed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use testkit::{ReservedPort, ServerProcess, TempDir, tempdir};
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::Command;

use crate::gateway::Addrs;
use crate::{Failure, deploy, start_server, wait_until};

/// The number of gateways in the file.
pub(crate) const SERVERS: usize = 3;

/// HAProxy's own loopback address.
const IP: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 100);

/// The time limit for health checks to see a change: two responses, a second apart, and
/// a margin.
const HEALTH_CHECK_TIMEOUT: Duration = Duration::from_secs(15);

/// A running HAProxy; it is killed on drop.
pub(crate) struct HaProxy {
    _process: ServerProcess,
    /// The admin socket.
    admin: PathBuf,
    web: ReservedPort,
    echo: ReservedPort,
    _dir: TempDir,
}

impl HaProxy {
    /// Starts it in front of `gateways`, and waits until it listens.
    pub(crate) async fn start(gateways: [Addrs; SERVERS]) -> Result<Self, Failure> {
        let dir = tempdir()?;
        let admin = dir.path().join("admin.sock");
        let (web, echo) = (ReservedPort::on(IP)?, ReservedPort::on(IP)?);
        let reference = fs::read_to_string(deploy("haproxy/haproxy.cfg")).await?;
        let mut config = reference
            .replace("bind :80\n", &format!("bind {}\n", web.addr()))
            .replace("bind :9999\n", &format!("bind {}\n", echo.addr()))
            .replace("/run/haproxy/admin.sock", path(&admin)?);
        for (number, gateway) in (1..).zip(gateways) {
            let check_port = gateway.admin.port();
            for (port, addr) in [(3000, gateway.http), (9999, gateway.tcp)] {
                let server = format!("172.30.0.1{number}:{port} check port 9090");
                config = config.replace(&server, &format!("{addr} check port {check_port}"));
            }
        }
        if config.contains("check port 9090") {
            return Err("haproxy.cfg has servers that this program does not know".into());
        }
        let file = dir.path().join("haproxy.cfg");
        fs::write(&file, config).await?;
        let log = std::fs::File::create(dir.path().join("log"))?;
        let mut command = Command::new("haproxy");
        command
            // Overrides the global maxconn, which needs more open files than many systems allow.
            .args(["-n", "2000", "-db", "-f", path(&file)?])
            .stdout(log.try_clone()?)
            .stderr(log);
        let process = start_server(&mut command, &[web.addr(), echo.addr()]).await?;
        Ok(Self {
            _process: process,
            admin,
            web,
            echo,
            _dir: dir,
        })
    }

    /// The address of the page and the bridge.
    pub(crate) fn web(&self) -> SocketAddr {
        self.web.addr()
    }

    /// The address of the echo service.
    pub(crate) fn echo(&self) -> SocketAddr {
        self.echo.addr()
    }

    /// Waits until HAProxy sees exactly those gateways up for which `up` is true.
    pub(crate) async fn wait_until_up(&self, up: [bool; SERVERS]) -> Result<(), Failure> {
        wait_until(
            HEALTH_CHECK_TIMEOUT,
            "HAProxy's health checks",
            async || {
                // HAProxy binds its admin socket a moment after the others.
                let Ok(states) = self.states().await else {
                    return Ok(false);
                };
                let matches = |(server, is_up): &(usize, bool)| up[*server] == *is_up;
                Ok(states.len() == 2 * SERVERS && states.iter().all(matches))
            },
        )
        .await
    }

    /// Sends new sessions only to the first `count` gateways.
    pub(crate) async fn use_first(&self, count: usize) -> Result<(), Failure> {
        for number in 0..SERVERS {
            let state = if number < count { "ready" } else { "maint" };
            let command = format!("set server gateways/g{} state {state}", number + 1);
            let response = self.command(&command).await?;
            if !response.trim().is_empty() {
                return Err(format!("haproxy: {command}: {}", response.trim()).into());
            }
        }
        Ok(())
    }

    /// Cuts all sessions that are open.
    pub(crate) async fn cut_sessions(&self) -> Result<(), Failure> {
        for number in 1..=SERVERS {
            let command = format!("shutdown sessions server gateways/g{number}");
            self.command(&command).await?;
        }
        Ok(())
    }

    /// The servers of both backends: each one's number from 0, and true if it is up.
    async fn states(&self) -> Result<Vec<(usize, bool)>, Failure> {
        let table = self.command("show stat").await?;
        Ok(table.lines().filter_map(state).collect())
    }

    /// Runs a command of the admin socket, and returns its response.
    async fn command(&self, command: &str) -> Result<String, Failure> {
        let mut socket = UnixStream::connect(&self.admin).await?;
        socket.write_all(format!("{command}\n").as_bytes()).await?;
        let mut response = String::new();
        socket.read_to_string(&mut response).await?;
        Ok(response)
    }
}

/// Parses a server's number and state from a line of `show stat`.
fn state(line: &str) -> Option<(usize, bool)> {
    let mut columns = line.split(',');
    let number: usize = columns.nth(1)?.strip_prefix('g')?.parse().ok()?;
    // A server in transition has a state such as "UP 1/2".
    let state = columns.nth(15)?;
    (state == "UP" || state == "DOWN").then(|| (number - 1, state == "UP"))
}

fn path(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or("a path that is not UTF-8".into())
}
