//! systemd: socket activation, and notifications (READY, WATCHDOG, RELOADING, STOPPING).

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;

use command_fds::{CommandFdExt, FdMapping};
use testkit::{FREE_PORTS, Signal};
use tokio::net::{TcpStream, UnixDatagram};
use tokio::process::Command;

use crate::harness::{Peer, within};
use crate::process::{GatewayProcess, framegate, text};

/// A command for the binary that passes `sockets` by name (sd_listen_fds(3)).
pub(crate) fn activated_with(sockets: Vec<(&str, impl Into<OwnedFd>)>, args: &[&str]) -> Command {
    let binary = framegate(args);
    // The shell sets LISTEN_PID to its own process id, and then becomes the binary.
    let mut command = std::process::Command::new("sh");
    command.args(["-c", r#"LISTEN_PID=$$ exec "$@""#, "sh"]);
    command.arg(binary.as_std().get_program());
    command.args(binary.as_std().get_args());
    let names: Vec<_> = sockets.iter().map(|(name, _)| *name).collect();
    command
        .env("LISTEN_FDS", names.len().to_string())
        .env("LISTEN_FDNAMES", names.join(":"));
    let mappings = (3..).zip(sockets).map(|(child_fd, (_, socket))| FdMapping {
        parent_fd: socket.into(),
        child_fd,
    });
    command.fd_mappings(mappings.collect()).unwrap();
    let mut command = Command::from(command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn socket() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

#[tokio::test]
async fn inherited_sockets_are_used_by_name() {
    let (tcp, http) = (socket(), socket());
    let (tcp_addr, http_addr) = (tcp.local_addr().unwrap(), http.local_addr().unwrap());
    let mut command = activated_with(vec![("http", http), ("tcp", tcp)], &[]);
    let mut gateway = GatewayProcess::start(&mut command);

    assert_eq!(gateway.url("page").await, format!("http://{http_addr}/"));
    assert_eq!(gateway.url("echo").await, format!("tcp://{tcp_addr}"));
    let mut peer = Peer(TcpStream::connect(tcp_addr).await.unwrap());
    peer.check_echo("hello").await;
}

#[tokio::test]
async fn inherited_sockets_of_one_name_are_all_served() {
    let sockets = [socket(), socket()];
    let addrs = sockets.each_ref().map(|it| it.local_addr().unwrap());
    let sockets = sockets.into_iter().map(|it| ("tcp", it)).collect();
    let mut command = activated_with(sockets, &["--http=127.0.0.1:0"]);
    let mut gateway = GatewayProcess::start(&mut command);
    for addr in addrs {
        assert_eq!(gateway.url("echo").await, format!("tcp://{addr}"));
        let mut peer = Peer(TcpStream::connect(addr).await.unwrap());
        peer.check_echo("hello").await;
    }
}

#[tokio::test]
async fn inherited_socket_queues_clients_during_a_restart() {
    let tcp = socket();
    let args = ["--http", "127.0.0.1:0"];
    let mut first = activated_with(vec![("tcp", tcp.try_clone().unwrap())], &args);
    let mut first = GatewayProcess::start(&mut first);
    first.url("echo").await;
    first.signal(Signal::SIGTERM);
    assert_eq!(first.ended().await.0, Some(0));

    let mut peer = Peer(TcpStream::connect(tcp.local_addr().unwrap()).await.unwrap());
    peer.send("anybody?").await;
    let mut second = activated_with(vec![("tcp", tcp)], &args);
    let _second = GatewayProcess::start(&mut second);
    assert_eq!(peer.receive_text().await, "echo : anybody?");
}

#[tokio::test]
async fn unused_inherited_socket_is_an_error_with_its_name() {
    let bound = socket();
    let in_use = bound.local_addr().unwrap().to_string();
    for (sockets, args) in [
        (vec![("web", socket())], &FREE_PORTS[..]),
        (
            vec![("tcp", socket())],
            &["--http=127.0.0.1:0", "--tcp=off", "--upstream=db:1"],
        ),
        // Names are checked before an address is bound: this one is in use.
        (
            vec![("web", socket())],
            &["--http", &in_use, "--tcp", &in_use],
        ),
    ] {
        let name = sockets[0].0;
        let output = within(activated_with(sockets, args).output())
            .await
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let error = text(&output.stderr);
        let begins = format!("framegate: no use for the inherited socket {name:?}");
        assert!(error.starts_with(&begins), "{error}");
    }
}

/// The service manager, which receives from NOTIFY_SOCKET.
struct Manager(UnixDatagram);

impl Manager {
    fn at(path: &Path) -> Self {
        Self(UnixDatagram::bind(path).unwrap())
    }

    /// Waits for a notification with the line `expected`.
    async fn notified(&self, expected: &str) {
        let mut buffer = [0; 1024];
        loop {
            let len = within(self.0.recv(&mut buffer)).await.unwrap();
            let message = String::from_utf8_lossy(&buffer[..len]);
            if message.lines().any(|line| line == expected) {
                return;
            }
        }
    }
}

#[tokio::test]
async fn service_manager_is_notified_of_ready_watchdog_reload_and_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = Manager::at(&path);
    let mut command = framegate(&FREE_PORTS);
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "100000");
    let mut gateway = GatewayProcess::start(&mut command);
    manager.notified("READY=1").await;
    gateway.url("echo").await;
    manager.notified("WATCHDOG=1").await;
    manager.notified("WATCHDOG=1").await;
    // SIGHUP is handled even if there is nothing to reload: its default action ends a process.
    gateway.signal(Signal::SIGHUP);
    manager.notified("RELOADING=1").await;
    manager.notified("READY=1").await;
    gateway.signal(Signal::SIGTERM);
    manager.notified("STOPPING=1").await;
    assert_eq!(gateway.ended().await.0, Some(0));
}

#[tokio::test]
async fn watchdog_without_a_period_is_off() {
    let mut command = framegate(&FREE_PORTS);
    let mut gateway = GatewayProcess::start(command.env("WATCHDOG_USEC", "0"));
    let addr = gateway.addr("echo").await;
    let mut peer = Peer(TcpStream::connect(addr).await.unwrap());
    peer.check_echo("hello").await;
}
