//! One session, played to a service.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use humantime::format_duration;
use net::timer::timeout_opt;
use protocol::Framing;
use recording::{Direction, EndedBy};
use tokio::time::{Instant, sleep_until};

use crate::connection::{Link, LinkError, Reply};
use crate::replay::difference::Difference;
use crate::replay::script::{Recorded, Session};

/// How long after the last message a service may say something more that nobody expects.
const GRACE_PERIOD: Duration = Duration::from_millis(100);

/// When things happen again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// When the recording begins, and when the replay does; `None` if it is as fast as can be.
    pub(super) begins: Option<(SystemTime, Instant)>,
}

/// What came of a session.
#[derive(Default)]
pub(super) struct Played {
    pub(super) sent: u64,
    /// Replies as recorded.
    pub(super) same: u64,
    pub(super) differences: Vec<Difference>,
}

/// A session under way.
pub(super) struct Player<'a> {
    session: &'a Session,
    link: Link,
    clock: Clock,
    /// How long a message, or a reply, may take.
    limit: Option<Duration>,
    /// Whether neither kinds nor ends are compared.
    bytes_only: bool,
    /// What came while messages were sent.
    early: VecDeque<Reply>,
    played: Played,
}

/// The session cannot go on.
struct Over;

impl Clock {
    /// Waits until it is the time again that it was at `time`.
    pub(super) async fn wait(self, time: SystemTime) {
        if let Some(at) = self.again(time) {
            sleep_until(at).await;
        }
    }

    fn again(self, time: SystemTime) -> Option<Instant> {
        let (recorded, now) = self.begins?;
        // A clock that was set back makes nothing late.
        Some(now + time.duration_since(recorded).unwrap_or_default())
    }
}

impl<'a> Player<'a> {
    pub(super) fn new(
        session: &'a Session,
        link: Link,
        clock: Clock,
        limit: Option<Duration>,
        bytes_only: bool,
    ) -> Self {
        Self {
            session,
            link,
            clock,
            limit,
            bytes_only,
            early: VecDeque::new(),
            played: Played::default(),
        }
    }

    /// Sends what was sent, and compares what comes.
    pub(super) async fn play(mut self) -> Played {
        if self.play_messages().await.is_ok() {
            self.listen().await;
        }
        self.link.close(false).await;
        self.played
    }

    async fn play_messages(&mut self) -> Result<(), Over> {
        for (index, message) in self.session.messages.iter().enumerate() {
            match message.direction {
                Direction::Sent => self.send(index, message).await?,
                Direction::Received => self.compare(index, message).await?,
            }
        }
        Ok(())
    }

    /// Sends a message when it is time.
    async fn send(&mut self, index: usize, message: &Recorded) -> Result<(), Over> {
        self.clock.wait(message.time).await;
        match self.transmit(message).await {
            Ok(()) => {
                self.played.sent += 1;
                Ok(())
            }
            Err(error) => {
                self.differs(Difference::unsent(self.session, index, &error));
                Err(Over)
            }
        }
    }

    /// Sends a message, and keeps what comes meanwhile.
    async fn transmit(&mut self, message: &Recorded) -> Result<(), LinkError> {
        let (payload, early) = (message.payload.clone(), &mut self.early);
        let keep = |reply: Result<_, _>| reply.map(|reply| early.push_back(reply));
        let sent = self.link.send(payload, message.kind, self.limit, keep);
        sent.await?
            .unwrap_or_else(|| Err(io::Error::from(ErrorKind::TimedOut).into()))
    }

    /// Waits for a reply, and compares it with what was recorded.
    async fn compare(&mut self, index: usize, recorded: &Recorded) -> Result<(), Over> {
        let limit = self.limit;
        let reply = match self.session.framing {
            Framing::Raw => timeout_opt(limit, self.next_bytes(recorded.payload.len())).await,
            _ => timeout_opt(limit, self.next()).await,
        };
        let why = match reply {
            Some(Ok(mut reply)) => {
                reply.kind = reply.kind.filter(|_| !self.bytes_only);
                match Difference::reply(self.session, index, &reply) {
                    Some(difference) => self.differs(difference),
                    None => self.played.same += 1,
                }
                return Ok(());
            }
            Some(Err(error)) => error.to_string(),
            None => {
                let limit = format_duration(limit.unwrap_or_default());
                format!("timed out after {limit}")
            }
        };
        self.differs(Difference::missing(self.session, index, &why));
        Err(Over)
    }

    /// Waits for what nobody expects until the session was over, and, if it was the service
    /// that ended it, for that.
    async fn listen(&mut self) {
        let end = self.session.end.as_ref();
        let compared = end.filter(|_| !self.bytes_only);
        let patience = match compared.and_then(|end| end.by) {
            Some(EndedBy::Upstream) => self.limit,
            _ => Some(GRACE_PERIOD),
        };
        let was_over = end.and_then(|end| self.clock.again(end.time));
        let from = was_over.map_or_else(Instant::now, |at| at.max(Instant::now()));
        let until = patience.map(|patience| from + patience - Instant::now());
        let ended = timeout_opt(until, self.listen_on()).await;
        let is_websocket = self.link.is_websocket();
        if let Some(end) = compared
            && let Some(difference) =
                Difference::end(self.session, end, ended.as_ref(), is_websocket)
        {
            self.differs(difference);
        }
    }

    /// Takes what nobody expects; returns how the service ends it.
    async fn listen_on(&mut self) -> LinkError {
        loop {
            match self.next().await {
                Ok(reply) => self.differs(Difference::unasked(self.session, &reply)),
                Err(ended) => return ended,
            }
        }
    }

    /// The next reply.
    async fn next(&mut self) -> Result<Reply, LinkError> {
        match self.early.pop_front() {
            Some(reply) => Ok(reply),
            None => self.link.receiver.receive().await,
        }
    }

    /// As many bytes as a piece of a raw stream had, which may be cut otherwise now.
    async fn next_bytes(&mut self, len: usize) -> Result<Reply, LinkError> {
        let mut bytes = BytesMut::new();
        while bytes.len() < len {
            bytes.extend_from_slice(&self.next().await?.payload);
        }
        let rest = bytes.split_off(len);
        if !rest.is_empty() {
            self.early.push_front(Reply::frame(rest.freeze()));
        }
        Ok(Reply::frame(bytes.freeze()))
    }

    fn differs(&mut self, difference: Difference) {
        self.played.differences.push(difference);
    }
}
