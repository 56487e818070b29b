//! Accepting connections: without descriptors, and port checks.

use std::process::Stdio;
use std::time::Instant;

use testkit::{FREE_PORTS, Signal};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::harness::Peer;
use crate::process::{GatewayProcess, assert_contains, framegate};

/// The limit on descriptors in the test.
const LIMIT: usize = 64;

/// A command for the binary that may have [`LIMIT`] descriptors.
fn limited() -> Command {
    let binary = framegate(&FREE_PORTS);
    let mut command = Command::new("sh");
    let script = format!("ulimit -n {LIMIT}; exec \"$@\"");
    command.args(["-c", &script, "sh"]);
    command.arg(binary.as_std().get_program());
    command.args(binary.as_std().get_args());
    command.args(["--max-connections-per-ip=0", "--log-format=json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("RUST_LOG").kill_on_drop(true);
    command
}

#[tokio::test]
async fn want_of_descriptors_is_logged_at_most_once_in_ten_seconds_and_ends() {
    const WARNING: &str = "cannot accept connections";
    let mut gateway = GatewayProcess::start(&mut limited());
    let addr = gateway.addr("echo").await;
    let started = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..2 * LIMIT {
        let mut client = Peer(TcpStream::connect(addr).await.unwrap());
        client.send("hello").await;
        clients.push(client);
    }
    let line = gateway.logged(WARNING).await;
    assert_contains(&line, "too many open files");
    assert_contains(&line, "\"attempts\":1");
    // Each client that leaves gives its descriptor to one that waits.
    for mut client in clients {
        assert_eq!(client.receive_text().await, "echo : hello");
    }
    gateway.signal(Signal::SIGTERM);
    let (status, log) = gateway.ended().await;
    assert_eq!(status, Some(0));
    let warnings = log.lines().filter(|line| line.contains(WARNING));
    let allowed = started.elapsed().as_secs() / 10;
    assert!(warnings.count() as u64 <= allowed, "{log}");
}

#[tokio::test]
async fn port_check_of_the_echo_service_is_not_logged() {
    let mut gateway = GatewayProcess::start(&mut framegate(&FREE_PORTS));
    let addr = gateway.addr("echo").await;
    let mut check = Peer(TcpStream::connect(addr).await.unwrap());
    let checking = check.0.local_addr().unwrap();
    check.half_close().await;
    // Its end has been logged by then.
    assert_eq!(check.receive().await, None);
    gateway.signal(Signal::SIGTERM);
    let (_, log) = gateway.ended().await;
    assert!(!log.contains(&checking.to_string()), "{log}");
    assert!(!log.contains("connected"), "{log}");
}
