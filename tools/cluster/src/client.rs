//! Load clients: each keeps several numbered messages in flight, checks every reply, and
//! reconnects with the page's own backoff.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use web_core::backoff;
use web_core::connection::{Close, ConnectionEnd as End, STABLE_AFTER as LASTING};

use crate::Failure;
use crate::connection::{Connection, Entrypoint, Event, LOST};

/// Messages of a client that are sent and not answered.
const IN_FLIGHT: usize = 8;

/// The echo service's prefix.
const PREFIX: &[u8] = b"echo : ";

/// The counts of one client.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Distinct messages that were sent.
    pub(crate) sent: u64,
    pub(crate) replies: u64,
    /// Messages that were sent again, because their connection ended before the reply.
    pub(crate) resent: u64,
    pub(crate) reconnects: Vec<Reconnect>,
    /// The longest time between two replies.
    pub(crate) longest_gap: Duration,
    /// The error that ended the client.
    pub(crate) fault: Option<String>,
}

/// The time from the end of a connection to the next one.
#[derive(Debug)]
pub(crate) struct Reconnect {
    /// The close code.
    pub(crate) code: u16,
    pub(crate) failed_attempts: u32,
    /// The sum of the waits before the attempts.
    pub(crate) backoff: Duration,
    /// The whole time without a connection.
    pub(crate) downtime: Duration,
}

/// A group of clients that send messages until they are stopped.
pub(crate) struct LoadClients {
    tasks: JoinSet<(Entrypoint, Tally)>,
    stop: CancellationToken,
}

struct Client {
    entrypoint: Entrypoint,
    number: usize,
    /// Messages that are sent and not answered, in order.
    pending: VecDeque<Bytes>,
    /// Short-lived connections in a row, as the page counts them.
    failures: u32,
    last_reply: Option<Instant>,
    tally: Tally,
}

impl LoadClients {
    /// Starts `count` clients at each of `entrypoints`.
    pub(crate) fn start(count: usize, entrypoints: &[Entrypoint]) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for &entrypoint in entrypoints {
            for number in 0..count {
                let (client, stop) = (Client::new(entrypoint, number), stop.clone());
                tasks.spawn(async move { (entrypoint, client.run(&stop).await) });
            }
        }
        Self { tasks, stop }
    }

    /// Stops the clients after their last replies; returns each one's counts.
    pub(crate) async fn finish(self) -> Vec<(Entrypoint, Tally)> {
        self.stop.cancel();
        self.tasks.join_all().await
    }
}

impl Client {
    fn new(entrypoint: Entrypoint, number: usize) -> Self {
        Self {
            entrypoint,
            number,
            pending: VecDeque::new(),
            failures: 0,
            last_reply: None,
            tally: Tally::default(),
        }
    }

    /// Sends messages until `stop` is set and all are answered.
    async fn run(mut self, stop: &CancellationToken) -> Tally {
        if let Err(fault) = self.try_run(stop).await {
            self.tally.fault = Some(fault.to_string());
        }
        self.tally
    }

    async fn try_run(&mut self, stop: &CancellationToken) -> Result<(), Failure> {
        let mut connection = Connection::open(self.entrypoint).await?;
        loop {
            let opened = Instant::now();
            let Some(code) = self.exchange(&mut connection, stop).await? else {
                connection.close().await;
                return Ok(());
            };
            if opened.elapsed() >= LASTING {
                self.failures = 0;
            }
            connection = self.reconnect(code).await?;
        }
    }

    /// Sends and receives until `stop` is set and all messages are answered. Returns the close
    /// code if the connection ends before that.
    async fn exchange(
        &mut self,
        connection: &mut Connection,
        stop: &CancellationToken,
    ) -> Result<Option<u16>, Failure> {
        self.tally.resent += self.pending.len() as u64;
        for payload in &self.pending {
            connection.send(payload.clone()).await;
        }
        loop {
            while self.pending.len() < IN_FLIGHT && !stop.is_cancelled() {
                let payload = self.next_payload();
                connection.send(payload).await;
            }
            if self.pending.is_empty() {
                return Ok(None);
            }
            match connection.receive().await? {
                Event::Message(reply) => self.check_reply(&reply)?,
                Event::Closed(code) => return Ok(Some(code)),
            }
        }
    }

    /// Reconnects with the page's backoff, until an attempt succeeds.
    async fn reconnect(&mut self, code: u16) -> Result<Connection, Failure> {
        let closed = Instant::now();
        let mut reconnect = Reconnect {
            code,
            failed_attempts: 0,
            backoff: Duration::ZERO,
            downtime: Duration::ZERO,
        };
        let mut code = code;
        loop {
            if !end(code).may_pass() {
                return Err(format!("closed with {code}: the page would not reconnect").into());
            }
            let delay = backoff::delay(self.failures, fastrand::f64());
            self.failures += 1;
            reconnect.backoff += delay;
            sleep(delay).await;
            // Browsers report a failed handshake as a lost connection.
            let Ok(connection) = Connection::open(self.entrypoint).await else {
                reconnect.failed_attempts += 1;
                code = LOST;
                continue;
            };
            reconnect.downtime = closed.elapsed();
            self.tally.reconnects.push(reconnect);
            return Ok(connection);
        }
    }

    /// Creates a unique message, of another length than the one before.
    fn next_payload(&mut self) -> Bytes {
        let len = self.tally.sent as usize * 37 % 2000;
        let text = format!("{}/{}/{:.<len$}", self.number, self.tally.sent, "");
        let payload = Bytes::from(text);
        self.tally.sent += 1;
        self.pending.push_back(payload.clone());
        payload
    }

    /// Checks that a reply is the one to the oldest message, byte by byte.
    fn check_reply(&mut self, reply: &[u8]) -> Result<(), Failure> {
        let expected = self
            .pending
            .pop_front()
            .ok_or("a reply without a message")?;
        if reply.strip_prefix(PREFIX) != Some(&expected) {
            let (got, expected) = (reply.escape_ascii(), expected.escape_ascii());
            return Err(format!("a wrong reply: {got:.60} instead of {expected:.60}").into());
        }
        let now = Instant::now();
        let gap = self.last_reply.map(|last| now - last).unwrap_or_default();
        self.tally.longest_gap = self.tally.longest_gap.max(gap);
        self.last_reply = Some(now);
        self.tally.replies += 1;
        Ok(())
    }
}

/// A close code in the page's terms.
fn end(code: u16) -> End {
    End::Closed(Close {
        code,
        ..Close::default()
    })
}
