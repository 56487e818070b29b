//! HAProxy, as `deploy/haproxy/haproxy.cfg` has it: nothing of that is changed but addresses.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use crate::gateway::Addrs;
use crate::{Failure, deploy, free_addr, listens, until};

/// As many gateways as the file has.
pub(crate) const SERVERS: usize = 3;

/// Where HAProxy is: an address where nothing else is.
const IP: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 100);

/// How long a check may take to see what is so: two answers, a second apart, and some.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running HAProxy; it is killed when it is dropped.
pub(crate) struct HaProxy {
    _child: Child,
    stats: PathBuf,
    /// Where the page and the bridge are.
    pub(crate) web: SocketAddr,
    /// Where the echo service is.
    pub(crate) echo: SocketAddr,
    _dir: TempDir,
}

impl HaProxy {
    /// Starts it in front of `gateways`, and waits until it listens.
    pub(crate) async fn start(gateways: [Addrs; SERVERS]) -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let stats = dir.path().join("admin.sock");
        let (web, echo) = (free_addr(IP)?, free_addr(IP)?);
        let reference = fs::read_to_string(deploy("haproxy/haproxy.cfg")).await?;
        let mut config = reference
            .replace("bind :80\n", &format!("bind {web}\n"))
            .replace("bind :9999\n", &format!("bind {echo}\n"))
            .replace("/run/haproxy/admin.sock", path(&stats)?);
        for (number, gateway) in (1..).zip(gateways) {
            let check = gateway.admin.port();
            for (port, addr) in [(3000, gateway.http), (9999, gateway.tcp)] {
                let server = format!("172.30.0.1{number}:{port} check port 9090");
                config = config.replace(&server, &format!("{addr} check port {check}"));
            }
        }
        if config.contains("check port 9090") {
            return Err("haproxy.cfg has servers that this program does not know".into());
        }
        let file = dir.path().join("haproxy.cfg");
        fs::write(&file, config).await?;
        let log = std::fs::File::create(dir.path().join("log"))?;
        let child = Command::new("haproxy")
            // In place of global's maxconn, which needs more open files than many systems allow.
            .args(["-n", "2000", "-db", "-f", path(&file)?])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("haproxy does not start: {error}"))?;
        for addr in [web, echo] {
            listens(addr).await?;
        }
        Ok(Self {
            _child: child,
            stats,
            web,
            echo,
            _dir: dir,
        })
    }

    /// Waits until HAProxy sends clients to exactly those gateways for which `up` is true.
    pub(crate) async fn sees(&self, up: [bool; SERVERS]) -> Result<(), Failure> {
        until(PATIENCE, "HAProxy to see who is up", async || {
            // Its socket comes a moment after the others.
            let Ok(states) = self.states().await else {
                return Ok(false);
            };
            let as_wanted = |(server, state): &(usize, bool)| up[*server] == *state;
            Ok(states.len() == 2 * SERVERS && states.iter().all(as_wanted))
        })
        .await
    }

    /// Sends new sessions to the first `count` gateways alone.
    pub(crate) async fn use_first(&self, count: usize) -> Result<(), Failure> {
        for number in 0..SERVERS {
            let state = if number < count { "ready" } else { "maint" };
            let command = format!("set server gateways/g{} state {state}", number + 1);
            let answer = self.command(&command).await?;
            if !answer.trim().is_empty() {
                return Err(format!("haproxy: {command}: {}", answer.trim()).into());
            }
        }
        Ok(())
    }

    /// The servers of both backends, by number from 0, and whether each is up.
    async fn states(&self) -> Result<Vec<(usize, bool)>, Failure> {
        let table = self.command("show stat").await?;
        Ok(table.lines().filter_map(state).collect())
    }

    async fn command(&self, command: &str) -> Result<String, Failure> {
        let mut socket = UnixStream::connect(&self.stats).await?;
        socket.write_all(format!("{command}\n").as_bytes()).await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        Ok(answer)
    }
}

/// A server's number and state, of a line of `show stat`.
fn state(line: &str) -> Option<(usize, bool)> {
    let mut columns = line.split(',');
    let number: usize = columns.nth(1)?.strip_prefix('g')?.parse().ok()?;
    // "UP 1/2" is one that is about to go down, or to come up.
    let state = columns.nth(15)?;
    (state == "UP" || state == "DOWN").then(|| (number - 1, state == "UP"))
}

fn path(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or("a path that is no text".into())
}
