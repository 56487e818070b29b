//! One session, played to a service.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use humantime::format_duration;
use protocol::Framing;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::difference::Difference;
use super::script::{Recorded, Session};
use crate::Direction;
use crate::client::link::{Link, LinkError};
use crate::socket::drain::within;

/// How long after the last message a service may say something more that nobody expects.
const LAST_CALL: Duration = Duration::from_millis(100);

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
    /// What came while messages were sent.
    early: VecDeque<Bytes>,
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
    ) -> Self {
        Self {
            session,
            link,
            clock,
            limit,
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
        let Link { sender, receiver } = &mut self.link;
        let sending = sender.send(message.payload.clone(), message.kind);
        let mut sending = pin!(within(self.limit, sending));
        loop {
            tokio::select! {
                biased;
                reply = receiver.receive() => self.early.push_back(reply?),
                sent = &mut sending => {
                    return sent.unwrap_or_else(|| Err(io::Error::from(ErrorKind::TimedOut).into()));
                }
            }
        }
    }

    /// Waits for a reply, and compares it with what was recorded.
    async fn compare(&mut self, index: usize, recorded: &Recorded) -> Result<(), Over> {
        let reply = match self.session.framing {
            Framing::Raw => self.next_bytes(recorded.payload.len()).await,
            _ => self.next().await,
        };
        let why = match reply {
            Some(Ok(reply)) if reply == recorded.payload => {
                self.played.same += 1;
                return Ok(());
            }
            Some(Ok(reply)) => {
                self.differs(Difference::reply(self.session, index, &reply));
                return Ok(());
            }
            Some(Err(error)) => error.to_string(),
            None => {
                let limit = format_duration(self.limit.unwrap_or_default());
                format!("timed out after {limit}")
            }
        };
        self.differs(Difference::missing(self.session, index, &why));
        Err(Over)
    }

    /// Waits for what nobody expects, until the session was over.
    async fn listen(&mut self) {
        let end = self
            .session
            .end
            .and_then(|(_, time)| self.clock.again(time));
        let last_call = Instant::now() + LAST_CALL;
        let until = end.map_or(last_call, |end| end.max(last_call));
        while let Ok(Some(Ok(reply))) = timeout_at(until, self.next()).await {
            self.differs(Difference::unasked(self.session, &reply));
        }
    }

    /// The next reply, `None` if it takes too long.
    async fn next(&mut self) -> Option<Result<Bytes, LinkError>> {
        match self.early.pop_front() {
            Some(reply) => Some(Ok(reply)),
            None => within(self.limit, self.link.receiver.receive()).await,
        }
    }

    /// As many bytes as a piece of a raw stream had, which may be cut otherwise now.
    async fn next_bytes(&mut self, len: usize) -> Option<Result<Bytes, LinkError>> {
        let mut bytes = BytesMut::new();
        while bytes.len() < len {
            match self.next().await {
                Some(Ok(piece)) => bytes.extend_from_slice(&piece),
                none => return none,
            }
        }
        let rest = bytes.split_off(len);
        if !rest.is_empty() {
            self.early.push_front(rest.freeze());
        }
        Some(Ok(bytes.freeze()))
    }

    fn differs(&mut self, difference: Difference) {
        self.played.differences.push(difference);
    }
}
