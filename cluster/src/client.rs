//! Clients that number their messages, have several on their way, check every reply, and
//! come back as the page does.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use web_core::backoff;
use web_core::connection::{Close, ConnectionEnd as End, STABLE_AFTER as LASTING};

use crate::Failure;
use crate::link::{Door, Event, LOST, Link};

/// How many messages a client has sent and not seen answered.
const IN_FLIGHT: usize = 8;

/// What the echo service puts before each payload.
const PREFIX: &[u8] = b"echo : ";

/// What came of a client.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Messages that were sent, each counted once.
    pub(crate) sent: u64,
    pub(crate) replies: u64,
    /// Messages that were sent again, because their connection ended before the reply.
    pub(crate) again: u64,
    /// The times that it lost its connection.
    pub(crate) moves: Vec<Move>,
    /// The longest time between two replies.
    pub(crate) longest_gap: Duration,
    /// What should not have happened, after which it gave up.
    pub(crate) fault: Option<String>,
}

/// From one connection to the next.
#[derive(Debug)]
pub(crate) struct Move {
    /// The close code.
    pub(crate) code: u16,
    /// How often it tried in vain before it was back.
    pub(crate) failed_attempts: u32,
    /// How long it waited before its attempts, as backoff has it.
    pub(crate) waited: Duration,
    /// How long it was without a connection.
    pub(crate) away: Duration,
}

/// Clients at work, until they are stopped.
pub(crate) struct Crowd {
    tasks: JoinSet<(Door, Tally)>,
    stop: CancellationToken,
}

struct Client {
    door: Door,
    number: usize,
    /// Sent and not answered, in order.
    pending: VecDeque<Bytes>,
    /// Connections that did not last, as the page counts them.
    failures: u32,
    last_reply: Option<Instant>,
    tally: Tally,
}

impl Crowd {
    /// Sets `count` clients to work at each of `doors`.
    pub(crate) fn start(count: usize, doors: &[Door]) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for &door in doors {
            for number in 0..count {
                let stop = stop.clone();
                tasks.spawn(async move { (door, Client::new(door, number).run(&stop).await) });
            }
        }
        Self { tasks, stop }
    }

    /// Lets the clients have their last replies; returns what came of those at each door.
    pub(crate) async fn finish(self) -> Vec<(Door, Tally)> {
        self.stop.cancel();
        self.tasks.join_all().await
    }
}

impl Client {
    fn new(door: Door, number: usize) -> Self {
        Self {
            door,
            number,
            pending: VecDeque::new(),
            failures: 0,
            last_reply: None,
            tally: Tally::default(),
        }
    }

    /// Asks until `stop` is set and all is answered.
    async fn run(mut self, stop: &CancellationToken) -> Tally {
        if let Err(fault) = self.work(stop).await {
            self.tally.fault = Some(fault.to_string());
        }
        self.tally
    }

    async fn work(&mut self, stop: &CancellationToken) -> Result<(), Failure> {
        let mut link = Link::open(self.door).await?;
        loop {
            let opened = Instant::now();
            let Some(code) = self.converse(&mut link, stop).await? else {
                link.close().await;
                return Ok(());
            };
            if opened.elapsed() >= LASTING {
                self.failures = 0;
            }
            link = self.come_back(code).await?;
        }
    }

    /// Sends and receives until all is answered after `stop`, or until the connection is
    /// closed: then returns the close code.
    async fn converse(
        &mut self,
        link: &mut Link,
        stop: &CancellationToken,
    ) -> Result<Option<u16>, Failure> {
        self.tally.again += self.pending.len() as u64;
        for payload in &self.pending {
            link.send(payload.clone()).await;
        }
        loop {
            while self.pending.len() < IN_FLIGHT && !stop.is_cancelled() {
                let payload = self.next_payload();
                link.send(payload).await;
            }
            if self.pending.is_empty() {
                return Ok(None);
            }
            match link.receive().await? {
                Event::Message(reply) => self.take(&reply)?,
                Event::Closed(code) => return Ok(Some(code)),
            }
        }
    }

    /// Waits and tries as the page does, until there is a connection again.
    async fn come_back(&mut self, code: u16) -> Result<Link, Failure> {
        let closed = Instant::now();
        let mut moved = Move {
            code,
            failed_attempts: 0,
            waited: Duration::ZERO,
            away: Duration::ZERO,
        };
        let mut code = code;
        loop {
            if !end(code).may_pass() {
                return Err(format!("closed with {code}: the page would not come back").into());
            }
            let delay = backoff::delay(self.failures, fastrand::f64());
            self.failures += 1;
            moved.waited += delay;
            sleep(delay).await;
            // Browsers tell no more of a handshake that failed.
            let Ok(link) = Link::open(self.door).await else {
                moved.failed_attempts += 1;
                code = LOST;
                continue;
            };
            moved.away = closed.elapsed();
            self.tally.moves.push(moved);
            return Ok(link);
        }
    }

    /// A message that no other is like, of another length than the one before.
    fn next_payload(&mut self) -> Bytes {
        let len = self.tally.sent as usize * 37 % 2000;
        let text = format!("{}/{}/{:.<len$}", self.number, self.tally.sent, "");
        let payload = Bytes::from(text);
        self.tally.sent += 1;
        self.pending.push_back(payload.clone());
        payload
    }

    /// Checks a reply: it has to be the one to the oldest message, byte by byte.
    fn take(&mut self, reply: &[u8]) -> Result<(), Failure> {
        let expected = self.pending.pop_front().ok_or("a reply to nothing")?;
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

/// What the page makes of a close code.
fn end(code: u16) -> End {
    End::Closed(Close {
        code,
        ..Close::default()
    })
}
