//! The binary as a process: its start-up text, its log and its exit status.

use std::net::SocketAddr;
use std::process::{Output, Stdio};

use testkit::{ServerProcess, Signal};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{ChildStderr, Command};

use crate::harness::{Peer, within};

/// A command for the binary; what it starts is killed on drop.
pub(crate) fn framegate(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_framegate"));
    command
        .args(args)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs the binary to its end.
pub(crate) async fn output(args: &[&str]) -> Output {
    within(framegate(args).output()).await.unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[track_caller]
pub(crate) fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is missing in:\n{text}");
}

/// A temporary file with `text`.
pub(crate) fn file(text: &str) -> testkit::NamedTempFile {
    testkit::temp_file(text).unwrap()
}

/// A gateway in a process of its own, which is killed on drop.
pub(crate) struct GatewayProcess {
    server: ServerProcess,
    log: BufReader<ChildStderr>,
}

impl GatewayProcess {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut server = ServerProcess::spawn(command).unwrap();
        let log = BufReader::new(server.take_stderr().unwrap());
        Self { server, log }
    }

    /// Waits for the line that announces `service`, and returns the rest of it.
    pub(crate) async fn line(&mut self, service: &str) -> String {
        within(self.server.announcement(service)).await.unwrap()
    }

    /// Waits for the line that announces `service`, and returns its URL.
    pub(crate) async fn url(&mut self, service: &str) -> String {
        let line = self.line(service).await;
        line.split_whitespace().next().unwrap().to_owned()
    }

    /// Waits for the line that announces `service`, and returns its address.
    pub(crate) async fn addr(&mut self, service: &str) -> SocketAddr {
        within(self.server.addr(service)).await.unwrap()
    }

    /// Connects to the echo service.
    pub(crate) async fn connect(&mut self) -> Peer {
        let addr = self.addr("echo").await;
        Peer(TcpStream::connect(addr).await.unwrap())
    }

    /// Waits for a log line with `text`, and returns it.
    pub(crate) async fn logged(&mut self, text: &str) -> String {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            let len = within(self.log.read_line(&mut line)).await.unwrap();
            assert!(len > 0, "the log ended without {text:?}");
        }
        line
    }

    pub(crate) fn pid(&self) -> u32 {
        self.server.pid().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.server.signal(signal).unwrap();
    }

    /// Waits for its end; returns its exit status, and what it logged and
    /// [`logged`](Self::logged) has not read.
    pub(crate) async fn ended(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        within(self.log.read_to_string(&mut log)).await.unwrap();
        (within(self.server.wait()).await.unwrap().code(), log)
    }
}
