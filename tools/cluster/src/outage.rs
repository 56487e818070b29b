//! Scenario `outage`: a resumable session's client sleeps, or leaves its network under load and
//! comes back with another address.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use client::resumable::{MessageKind, Notices, Session, SessionReceiver, SessionSender};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy, split};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::{Instant, interval, sleep, timeout};

use crate::gateway::Gateway;
use crate::links::{seconds, start_with_service};
use crate::network::{CLIENTS, Network};
use crate::report::Report;
use crate::{Failure, wait_until};

/// Time that the link is down.
const OUTAGE: Duration = Duration::from_secs(20);

/// Time under load before the outage, and after it.
const AROUND: Duration = Duration::from_secs(3);

/// Time between two messages.
const PACE: Duration = Duration::from_millis(1);

/// Time limit for the session to go on once the link is back: a few backoffs.
const LIMIT: Duration = Duration::from_secs(30);

/// Messages that came back.
#[derive(Debug, Default)]
struct Received {
    count: u64,
    /// Messages that are not the one after the last: some are lost, doubled or out of order.
    wrong: u64,
}

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let Some(network) = Network::new_if_root(report).await? else {
        return Ok(());
    };
    let (service, gateway) = start_with_service(&network, program, "--ping-timeout=5s").await?;
    let connections = Arc::new(AtomicU32::new(0));
    let serving = tokio::spawn(serve(service, connections.clone()));
    let port = gateway.addrs.http.port();
    let url = format!("ws://{}:{port}/ws/service", CLIENTS.far);
    client_that_sleeps(program, &url, &gateway, report).await?;
    client_under_load(&network, &url, report).await?;
    let connections = connections.load(Ordering::Relaxed);
    report.check_equal("connections that the service has seen", connections, 2);
    serving.abort();
    gateway.stop().await?;
    Ok(())
}

/// A client is stopped, as on a laptop that sleeps, for longer than the gateway waits for a pong.
async fn client_that_sleeps(
    program: &Path,
    url: &str,
    gateway: &Gateway,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut client = Command::new(program)
        .args(["send", "--resume", "--to", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = client.stdin.take().expect("it is piped");
    let mut replies = BufReader::new(client.stdout.take().expect("it is piped")).lines();
    let id = client.id().ok_or("it has ended")?;
    let pid = Pid::from_raw(i32::try_from(id)?);
    input.write_all(b"before\n").await?;
    let before = timeout(LIMIT, replies.next_line()).await??;
    kill(pid, Signal::SIGSTOP)?;
    let since = Instant::now();
    let is_detached = async || Ok(gateway.metric("framegate_sessions_detached").await? == 1.0);
    wait_until(2 * LIMIT, "the session to be detached", is_detached).await?;
    report.figure("the sleeping client was detached after", seconds(since));
    input.write_all(b"after\n").await?;
    kill(pid, Signal::SIGCONT)?;
    let after = timeout(LIMIT, replies.next_line()).await??;
    let replies = [before, after].map(Option::unwrap_or_default);
    report.check(
        format_args!("a client that slept goes on: {replies:?}"),
        replies == ["before", "after"],
    );
    drop(input);
    let status = timeout(LIMIT, client.wait()).await??;
    report.check("its session ends normally", status.success());
    Ok(())
}

/// A client's link is down for a while, and comes back with another address.
async fn client_under_load(
    network: &Network,
    url: &str,
    report: &mut Report,
) -> Result<(), Failure> {
    let (mut sender, mut receiver) = Session::connect(url).await?.split();
    let notices = receiver.take_notices().ok_or("the notices are taken")?;
    let printing = tokio::spawn(print(notices));
    let (sent, received, outage) = tokio::join!(
        send(&mut sender),
        receive(receiver),
        leave_and_come_back(network)
    );
    printing.abort();
    outage?;
    let (sent, received) = (sent?, received?);
    report.check(format_args!("messages sent: {sent}"), sent > 0);
    report.check_equal("messages that came back", received.count, sent);
    report.check_equal("lost, doubled or out of order", received.wrong, 0);
    Ok(())
}

/// Echoes every byte of each connection, and counts them.
async fn serve(service: TcpListener, connections: Arc<AtomicU32>) {
    while let Ok((connection, _)) = service.accept().await {
        connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let (mut read, mut write) = split(connection);
            let _ = copy(&mut read, &mut write).await;
        });
    }
}

async fn leave_and_come_back(network: &Network) -> Result<(), Failure> {
    sleep(AROUND).await;
    network.leave(CLIENTS).await?;
    sleep(OUTAGE).await;
    network.come_back(CLIENTS).await
}

/// Sends numbers, at a pace, as long as the session takes them; then the last one.
async fn send(sender: &mut SessionSender) -> Result<u64, Failure> {
    let (end, mut pace) = (Instant::now() + AROUND + OUTAGE + AROUND, interval(PACE));
    let mut sent = 0;
    while Instant::now() < end {
        pace.tick().await;
        let number = sender.send(MessageKind::Text, sent.to_string());
        timeout(OUTAGE + LIMIT, number).await??;
        sent += 1;
    }
    sender.send(MessageKind::Text, LAST).await?;
    Ok(sent)
}

/// The message after the last number.
const LAST: &str = "last";

/// Receives the numbers until the last message comes.
async fn receive(mut receiver: SessionReceiver) -> Result<Received, Failure> {
    let mut received = Received::default();
    loop {
        let message = timeout(AROUND + OUTAGE + LIMIT, receiver.receive()).await??;
        if message.payload == LAST {
            return Ok(received);
        }
        let is_next = message.payload == received.count.to_string();
        received.wrong += u64::from(!is_next);
        received.count += 1;
    }
}

/// Prints what the connection does.
async fn print(mut notices: Notices) {
    let (report, since) = (Report::default(), Instant::now());
    while let Some(notice) = notices.next().await {
        report.figure(&format!("after {}", seconds(since)), notice);
    }
}
