//! The binary, started as a person or a script starts it, and what it says.

use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

use crate::harness::{Peer, within};

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

pub(crate) async fn output(args: &[&str]) -> Output {
    within(framegate(args).output()).await.unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A file with `text`, for as long as it lives.
pub(crate) fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

pub(crate) const ANY_PORTS: [&str; 4] = ["--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0"];

/// A running gateway, and where it said that it is.
pub(crate) struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits for the line that names `what`, and returns the rest of it.
    pub(crate) async fn line(&mut self, what: &str) -> String {
        loop {
            let line = within(self.lines.next_line()).await.unwrap().unwrap();
            if let Some((first, rest)) = line.trim().split_once(' ')
                && first == what
            {
                return rest.trim().to_owned();
            }
        }
    }

    /// The same, and returns the URL in it.
    pub(crate) async fn url(&mut self, what: &str) -> String {
        let line = self.line(what).await;
        line.split_whitespace().next().unwrap().to_owned()
    }

    /// A client of its echo service.
    pub(crate) async fn connect(&mut self) -> Peer {
        let url = self.url("echo").await;
        let addr = url.strip_prefix("tcp://").unwrap();
        Peer(TcpStream::connect(addr).await.unwrap())
    }

    /// Waits for a log line with `text`.
    pub(crate) async fn logged(&mut self, text: &str) {
        let mut log = BufReader::new(self.child.stderr.as_mut().unwrap()).lines();
        while !within(log.next_line())
            .await
            .unwrap()
            .unwrap()
            .contains(text)
        {}
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(within(sent).await.unwrap().success());
    }

    /// Its exit status and what it logged.
    pub(crate) async fn ended(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        within(stderr.read_to_string(&mut log)).await.unwrap();
        (within(self.child.wait()).await.unwrap().code(), log)
    }
}
