//! A server process, from its start-up text to its exit status.

use std::io;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use crate::startup::{announcement, socket_addr};

/// Options with which `framegate` takes free ports instead of its default ones, so that
/// tests pass while another gateway runs.
pub const FREE_PORTS: [&str; 2] = ["--http=127.0.0.1:0", "--tcp=127.0.0.1:0"];

/// The time limit for a server to announce a service.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(20);

/// A running server process; it is killed on drop, which waits until it has ended.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    /// Standard output, if it is piped.
    startup: Option<Lines<BufReader<ChildStdout>>>,
}

impl ServerProcess {
    /// Starts `command` without standard input. Its standard output has to be piped if its
    /// start-up text is to be read.
    ///
    /// # Errors
    /// The system's, if there is no such program or it cannot be run.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::null()).kill_on_drop(true).spawn()?;
        let stdout = child.stdout.take();
        let startup = stdout.map(|stdout| BufReader::new(stdout).lines());
        Ok(Self { child, startup })
    }

    /// Starts the gateway `program` on free ports; its log has errors alone.
    ///
    /// # Errors
    /// Those of [`spawn`](Self::spawn).
    pub fn gateway(program: &str) -> io::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(FREE_PORTS)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped());
        Self::spawn(&mut command)
    }

    /// Reads the start-up text up to the line that announces `service`, and returns the
    /// rest of that line. Services come in the order in which they are printed.
    ///
    /// # Errors
    /// If the text ends without that line, or the line does not come within 20 s.
    pub async fn announcement(&mut self, service: &str) -> io::Result<String> {
        let found = timeout(STARTUP_TIMEOUT, self.find(service)).await;
        found.unwrap_or_else(|_| {
            let late = format!("the server did not announce {service:?} in {STARTUP_TIMEOUT:?}");
            Err(io::Error::new(io::ErrorKind::TimedOut, late))
        })
    }

    /// Reads the start-up text up to the line that announces `service`, and returns the
    /// service's address.
    ///
    /// # Errors
    /// As [`announcement`](Self::announcement), or if the line has no IP address.
    pub async fn addr(&mut self, service: &str) -> io::Result<SocketAddr> {
        let line = self.announcement(service).await?;
        let none = || io::Error::other(format!("no address of {service:?} in {line:?}"));
        socket_addr(&line).ok_or_else(none)
    }

    /// Takes standard error, if it is piped and has not been taken.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// The process id.
    ///
    /// # Errors
    /// If the process has been waited for: its id may be another's by now.
    pub fn pid(&self) -> io::Result<u32> {
        let ended = || io::Error::other("the process has ended");
        self.child.id().ok_or_else(ended)
    }

    /// Sends `signal`.
    ///
    /// # Errors
    /// If the process has been waited for.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        let pid = Pid::from_raw(self.pid()?.cast_signed());
        Ok(kill(pid, signal)?)
    }

    /// Waits until the process ends by itself, or by a signal that it was sent.
    ///
    /// # Errors
    /// The system's.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    async fn find(&mut self, service: &str) -> io::Result<String> {
        if let Some(lines) = &mut self.startup {
            while let Some(line) = lines.next_line().await? {
                if let Some(rest) = announcement(&line, service) {
                    return Ok(rest.to_owned());
                }
            }
        }
        let ended = format!("the server's start-up text ended without {service:?}");
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, ended))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Waits for its end: until then, it holds ports and uses the processor, which the next
        // server and the next measurement need.
        let _ = self.child.start_kill();
        while let Ok(None) = self.child.try_wait() {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        command
    }

    #[tokio::test]
    async fn services_are_read_from_the_start_up_text() {
        let text = "printf 'server 1.0\n  page    http://127.0.0.1:1/\n  echo    tcp://[::1]:2\n'";
        let mut server = ServerProcess::spawn(&mut shell(text)).unwrap();
        let page = server.announcement("page").await.unwrap();
        assert_eq!(page, "http://127.0.0.1:1/");
        let echo = server.addr("echo").await.unwrap();
        assert_eq!(echo, "[::1]:2".parse().unwrap());
        let missing = server.announcement("admin").await.unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::UnexpectedEof);
        assert!(server.wait().await.unwrap().success());
        assert!(server.signal(Signal::SIGTERM).is_err());
    }

    #[tokio::test]
    async fn dropped_process_has_ended() {
        let server = ServerProcess::spawn(&mut shell("exec sleep 60")).unwrap();
        let pid = Pid::from_raw(server.pid().unwrap().cast_signed());
        assert!(kill(pid, None).is_ok());
        drop(server);
        assert!(kill(pid, None).is_err());
    }
}
