//! Names: look-ups of a silent name server, and hosts with several addresses, in namespaces with
//! a resolver configuration of their own.

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;

use futures_util::future::join_all;
use testkit::{FREE_PORTS, Signal, tempdir};
use tokio::net::TcpStream;

use crate::harness::{Browser, Peer, Upstream};
use crate::http_client::fetch_on;
use crate::process::{GatewayProcess, assert_contains, framegate};

/// Set in a test that runs in the namespaces.
const INSIDE: &str = "TEST_IN_NAMESPACES";

/// A shell script that replaces the files in /etc by those of a folder, and runs a command.
const SCRIPT: &str = "
ip link set lo up
for name in resolv.conf hosts nsswitch.conf; do
    test ! -e /etc/$name || mount --bind \"$0/$name\" /etc/$name || exit
done
exec \"$@\"";

/// Returns true if this process is in namespaces of its own. Otherwise runs the test `name` of
/// this file there, with a name server at 127.0.0.1; where the system does not permit that, the
/// test is skipped with a word.
fn is_inside(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let folder = tempdir().unwrap();
    for (file, content) in [
        ("resolv.conf", "nameserver 127.0.0.1\n"),
        ("hosts", "127.0.0.1 localhost\n::1 localhost\n"),
        ("nsswitch.conf", "hosts: files dns\n"),
    ] {
        std::fs::write(folder.path().join(file), content).unwrap();
    }
    let inside = |args: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["-rmn", "sh", "-c", SCRIPT]);
        command.arg(folder.path()).args(args).env(INSIDE, "1");
        command
    };
    let permitted = inside(&["ip", "link", "show", "lo", "up"]).output();
    if !permitted.is_ok_and(|it| it.status.success() && !it.stdout.is_empty()) {
        eprintln!("skipped: this system permits no namespaces, or has no ip(8)");
        return false;
    }
    let test = std::env::current_exe().unwrap();
    let args = [test.to_str().unwrap(), "--exact", name, "--nocapture"];
    let output = inside(&args).output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stdout}{stderr}");
    assert_contains(&stdout, "1 passed");
    false
}

/// The number of threads of a process.
fn threads(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/task"))
        .unwrap()
        .count()
}

#[tokio::test]
async fn silent_name_server_delays_neither_other_upstreams_nor_the_drain() {
    if !is_inside("names::silent_name_server_delays_neither_other_upstreams_nor_the_drain") {
        return;
    }
    let silent = UdpSocket::bind("127.0.0.1:53").unwrap();
    let local = Upstream::bind().await;
    let mut command = framegate(&FREE_PORTS);
    command.args([
        "--upstream=one=one.example:1",
        "--upstream=two=two.example:1",
    ]);
    command.arg(format!("--upstream=local={}", local.addr()));
    command.args(["--connect-timeout=1s", "--max-connections-per-ip=0"]);
    let mut gateway = GatewayProcess::start(&mut command);
    let url = gateway.url("bridge").await;
    let open = async |name: &str| Browser::connect(&format!("{url}/{name}")).await;
    open("echo").await.check_echo("hello").await;
    let before = threads(gateway.pid());

    let mut waiting = Vec::new();
    for name in ["one", "two"].repeat(25) {
        waiting.push(open(name).await);
    }
    silent.recv_from(&mut [0; 512]).unwrap();
    let mut browser = open("local").await;
    browser.send("hello").await;
    assert_eq!(local.accept().await.receive_text().await, "hello");
    for (code, reason) in join_all(waiting.iter_mut().map(Browser::closed)).await {
        assert_eq!(code, 1011);
        assert!(reason.ends_with(".example:1: timed out"), "{reason}");
    }
    let after = threads(gateway.pid());
    assert!(after <= before + 2, "{before} threads, then {after}");

    let mut late = open("one").await;
    gateway.signal(Signal::SIGTERM);
    late.closed().await;
    drop((browser, late));
    assert_eq!(gateway.ended().await.0, Some(0));
}

#[tokio::test]
async fn localhost_is_served_at_all_of_its_addresses() {
    if !is_inside("names::localhost_is_served_at_all_of_its_addresses") {
        return;
    }
    let args = ["--http=localhost:0", "--tcp=localhost:0"];
    let mut gateway = GatewayProcess::start(&mut framegate(&args));
    let mut both = async |service| -> [SocketAddr; 2] {
        [gateway.addr(service).await, gateway.addr(service).await]
    };
    let (pages, echoes) = (both("page").await, both("echo").await);
    for addrs in [pages, echoes] {
        let mut ips = addrs.map(|addr| addr.ip().to_string());
        ips.sort();
        assert_eq!(ips, ["127.0.0.1", "::1"]);
        assert_eq!(addrs[0].port(), addrs[1].port());
    }
    for addr in echoes {
        Peer(TcpStream::connect(addr).await.unwrap())
            .check_echo("hello")
            .await;
    }
    for addr in pages {
        let stream = TcpStream::connect(addr).await.unwrap();
        let info = fetch_on(stream, "GET /api/info", &[("host", "localhost")], "").await;
        let info: serde_json::Value = serde_json::from_str(info.body()).unwrap();
        let listed = echoes.map(|addr| addr.to_string());
        assert_eq!(info["tcp_addresses"], serde_json::json!(listed));
        assert_eq!(info["tcp"], serde_json::json!(listed[0]));
    }
}
