//! `framegate send` at a terminal: line editing, history and unsolicited messages.

use std::path::Path;
use std::process::Command;

use nix::sys::wait::WaitStatus;
use protocol::Framing;
use rexpect::session::{PtySession, spawn_command};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::echo_targets::{echo_target, tcp_url};
use crate::harness::{Upstream, within};

const TIMEOUT_MS: u64 = 8000;

/// Starts `send` at a pseudoterminal, with its history in `state`.
fn open(target: &str, state: &Path) -> PtySession {
    open_with(&[], target, state)
}

fn open_with(args: &[&str], target: &str, state: &Path) -> PtySession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_framegate"));
    command
        .args(["send", "-t", target])
        .args(args)
        .env("TERM", "xterm")
        .env("XDG_STATE_HOME", state);
    let mut session = spawn_command(command, Some(TIMEOUT_MS)).unwrap();
    session.exp_string("Ctrl-D ends").unwrap();
    session.exp_string("> ").unwrap();
    session
}

/// Types `keys`, without a line break.
fn type_keys(session: &mut PtySession, keys: &str) {
    session.send(keys).unwrap();
    session.flush().unwrap();
}

fn status(session: &PtySession) -> Option<i32> {
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, status) => Some(status),
        _ => None,
    }
}

#[tokio::test]
async fn lines_are_sent_and_kept_in_history() {
    let (_server, target) = echo_target(Framing::U32LE).await;
    let state = tempfile::tempdir().unwrap();
    spawn_blocking(move || {
        const UP: &str = "\x1b[A";
        let mut session = open(&target, state.path());
        session.send_line("hello").unwrap();
        session.exp_string("echo : hello").unwrap();
        type_keys(&mut session, "never sent");
        session.exp_string("never sent").unwrap();
        session.send_control('c').unwrap();
        session.exp_string("> ").unwrap();
        session.send_line("again").unwrap();
        session.exp_string("echo : again").unwrap();
        session.send_control('d').unwrap();
        session.exp_eof().unwrap();
        assert_eq!(status(&session), Some(0));

        let mut session = open(&target, state.path());
        type_keys(&mut session, UP);
        type_keys(&mut session, UP);
        session.send_line("").unwrap();
        session.exp_string("echo : hello").unwrap();
        session.send_control('d').unwrap();
        session.exp_eof().unwrap();
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn unsolicited_message_keeps_the_edited_line_and_a_close_exits() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    let state = tempfile::tempdir().unwrap();
    let (step, mut steps) = mpsc::unbounded_channel();
    let terminal = spawn_blocking(move || {
        let mut session = open(&target, state.path());
        step.send(()).unwrap();
        session.exp_string("news \\x1b[2J").unwrap();
        type_keys(&mut session, "half a li");
        session.exp_string("half a li").unwrap();
        step.send(()).unwrap();
        session.exp_string("more news").unwrap();
        session.exp_string("half a li").unwrap();
        session.send_line("ne").unwrap();
        session.exp_string("closed by the server").unwrap();
        session.exp_eof().unwrap();
        assert_eq!(status(&session), Some(1));
    });
    let mut peer = upstream.accept().await;
    within(steps.recv()).await.unwrap();
    peer.send("news \x1b[2J").await;
    within(steps.recv()).await.unwrap();
    peer.send("more news").await;
    assert_eq!(peer.receive_text().await, "half a line");
    drop(peer);
    terminal.await.unwrap();
}

#[tokio::test]
async fn message_over_the_size_limit_can_be_corrected() {
    let framing: Framing = "u8".parse().unwrap();
    let (_server, target) = echo_target(framing).await;
    let state = tempfile::tempdir().unwrap();
    spawn_blocking(move || {
        let mut session = open_with(&["--framing=u8"], &target, state.path());
        session.send_line(&"x".repeat(256)).unwrap();
        let too_long = "frame of 256 bytes is over the limit of 255 bytes";
        session.exp_string(too_long).unwrap();
        session.send_line("shorter").unwrap();
        session.exp_string("echo : shorter").unwrap();
    })
    .await
    .unwrap();
}
