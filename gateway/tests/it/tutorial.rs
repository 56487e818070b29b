//! The tutorial's client and server, in Python with its standard library only.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::harness::{TestServer, within};
use crate::process::{output as run, text};

pub(crate) fn python(script: &str) -> Command {
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tutorial/");
    let mut command = Command::new("python3");
    command
        .arg(format!("{scripts}{script}"))
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Starts the server on a free port, which it prints.
async fn python_server() -> (Child, SocketAddr) {
    let mut child = python("server.py").spawn().expect("python3 is installed");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port: u16 = within(lines.next_line())
        .await
        .unwrap()
        .expect("it prints its port")
        .parse()
        .unwrap();
    (child, SocketAddr::from(([127, 0, 0, 1], port)))
}

#[tokio::test]
async fn python_client_receives_nine_echoes() {
    let server = TestServer::start().await;
    let addr = server.tcp();
    let output = python("client.py")
        .args([addr.ip().to_string(), addr.port().to_string()])
        .output();
    let output = within(output).await.expect("python3 is installed");
    assert!(output.status.success());
    let expected = "Received from :  echo : hello\n".repeat(9);
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[tokio::test]
async fn send_and_bench_work_with_the_python_server_and_the_gateway() {
    let (_python, python) = python_server().await;
    let server = TestServer::start().await;
    for addr in [python, server.tcp()] {
        let target = format!("tcp://{addr}");
        let output = run(&["send", "--to", &target, "--count", "9", "hello"]).await;
        assert_eq!(text(&output.stdout), "echo : hello\n".repeat(9));
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let bench = ["bench", &target, "-n20", "-w0", "--json"];
        assert_eq!(run(&bench).await.status.code(), Some(0));
    }
}

#[tokio::test]
async fn python_server_works_as_an_upstream() {
    let (_python, addr) = python_server().await;
    let server = TestServer::bridging_to(addr).await;
    let mut browser = server.open().await;
    for text in ["hello", "こんにちは", "hello again"] {
        browser.check_echo(text).await;
    }
}

#[tokio::test]
async fn endless_replies_of_the_python_server_at_eof_reach_no_client() {
    let (_python, addr) = python_server().await;
    let server = TestServer::bridging_to(addr).await;
    let mut browser = server.open().await;
    browser.check_echo("hello").await;
    // At EOF that server replies without end; no replies are pending by then.
    server.ask_to_stop();
    assert_eq!(browser.closed().await.0, 1001);
    drop(browser);
    server.stopped().await;
}
