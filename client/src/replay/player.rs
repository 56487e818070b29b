//! Plays one recorded session to a service.

use std::pin::pin;
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use humantime::format_duration;
use net::timer::timeout_opt;
use protocol::Framing;
use recording::{Direction, EndedBy};
use tokio::time::{Instant, sleep_until};

use crate::connection::{CLOSE_TIMEOUT, Connection, Receiver};
use crate::connection_error::ConnectionError;
use crate::message_socket::Reply;
use crate::replay::difference::Difference;
use crate::replay::early_replies::{EarlyReplies, MAX_LEN};
use crate::replay::script::{RecordedMessage, RecordedSession};

/// The wait for unexpected messages after the last one.
const GRACE_PERIOD: Duration = Duration::from_millis(100);

/// The number of unexpected messages that are reported: a service may send without end.
const MAX_UNEXPECTED: u32 = 100;

/// Maps recorded times to times of the replay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    /// The start of the recording and of the replay; `None` to replay without waiting.
    pub(super) start: Option<(SystemTime, Instant)>,
}

/// The result of a session.
#[derive(Default)]
pub(super) struct SessionResult {
    /// The number of messages sent.
    pub(super) sent: u64,
    /// The number of replies as recorded.
    pub(super) matching: u64,
    pub(super) differences: Vec<Difference>,
}

/// A session that is being played.
pub(super) struct Player<'a> {
    session: &'a RecordedSession,
    connection: Connection,
    schedule: Schedule,
    /// The time limit for sending a message, and for each reply.
    limit: Option<Duration>,
    /// Set to compare neither the kinds of messages nor the end.
    bytes_only: bool,
    early: EarlyReplies,
    /// Set once the service has ended the connection.
    has_ended: bool,
    result: SessionResult,
}

/// The session cannot go on; its result says why.
struct Aborted;

impl Schedule {
    /// Waits for the recorded `time`.
    pub(super) async fn wait_for(self, time: SystemTime) {
        if let Some(at) = self.replay_time(time) {
            sleep_until(at).await;
        }
    }

    fn replay_time(self, time: SystemTime) -> Option<Instant> {
        let (recording_start, replay_start) = self.start?;
        // The clock may have been set back: a time before the start counts as the start.
        let offset = time.duration_since(recording_start).unwrap_or_default();
        Some(replay_start + offset)
    }
}

impl<'a> Player<'a> {
    pub(super) fn new(
        session: &'a RecordedSession,
        connection: Connection,
        schedule: Schedule,
        limit: Option<Duration>,
        bytes_only: bool,
    ) -> Self {
        Self {
            session,
            connection,
            schedule,
            limit,
            bytes_only,
            early: EarlyReplies::default(),
            has_ended: false,
            result: SessionResult::default(),
        }
    }

    /// Sends the recorded messages, compares the replies and the end, and closes.
    pub(super) async fn play(mut self) -> SessionResult {
        let is_complete = self.play_messages().await.is_ok();
        if is_complete {
            self.compare_end().await;
        }
        // The difference that aborted a session says how it ended.
        let is_over = self.has_ended || !is_complete;
        let limit = if is_over {
            Some(CLOSE_TIMEOUT)
        } else {
            self.limit
        };
        // Without a reply to the last message, only the service's close shows that it took it.
        let last = self.session.messages.last();
        let is_unanswered = last.is_some_and(|last| last.direction == Direction::Sent);
        let closed = self.connection.close(is_unanswered, limit).await;
        if let (Err(end), false) = (closed, is_over) {
            self.report_abnormal(&end);
        }
        self.result
    }

    async fn play_messages(&mut self) -> Result<(), Aborted> {
        for (index, message) in self.session.messages.iter().enumerate() {
            match message.direction {
                Direction::Sent => self.send(index, message).await?,
                Direction::Received => self.compare(index, message).await?,
            }
        }
        Ok(())
    }

    /// Sends a message at its time, and queues replies that arrive meanwhile.
    async fn send(&mut self, index: usize, message: &RecordedMessage) -> Result<(), Aborted> {
        if let Err(error) = self.receive_until(message.time).await {
            self.report(Difference::unsent(self.session, index, &error.to_string()));
            return Err(Aborted);
        }
        let Connection { sender, receiver } = &mut self.connection;
        let sending = sender.send(message.payload.clone(), message.kind);
        let sending = timeout_opt(self.limit, sending);
        let sent = queue_replies_during(sending, receiver, &mut self.early).await;
        let cause = match sent {
            Ok(Some(Ok(()))) => {
                self.result.sent += 1;
                return Ok(());
            }
            Ok(Some(Err(error))) | Err(error) => error.to_string(),
            Ok(None) => self.timed_out(),
        };
        self.report(Difference::unsent(self.session, index, &cause));
        Err(Aborted)
    }

    /// Waits for the recorded `time`, and queues replies that arrive meanwhile.
    async fn receive_until(&mut self, time: SystemTime) -> Result<(), ConnectionError> {
        let waiting = self.schedule.wait_for(time);
        queue_replies_during(waiting, &mut self.connection.receiver, &mut self.early).await
    }

    /// The cause of a difference if a message or its reply took too long.
    fn timed_out(&self) -> String {
        let limit = format_duration(self.limit.unwrap_or_default());
        match self.early.has_room() {
            true => format!("timed out after {limit}"),
            false => format!(
                "timed out after {limit}, with {} MiB of replies before their turn",
                MAX_LEN >> 20
            ),
        }
    }

    /// Waits for a reply, and compares it with the recorded one.
    async fn compare(&mut self, index: usize, recorded: &RecordedMessage) -> Result<(), Aborted> {
        let limit = self.limit;
        let reply = match self.session.framings.framing {
            Framing::Raw => timeout_opt(limit, self.next_bytes(recorded.payload.len())).await,
            _ => timeout_opt(limit, self.next()).await,
        };
        let cause = match reply {
            Some(Ok(mut reply)) => {
                reply.kind = reply.kind.filter(|_| !self.bytes_only);
                match Difference::of_reply(self.session, index, &reply) {
                    Some(difference) => self.report(difference),
                    None => self.result.matching += 1,
                }
                return Ok(());
            }
            Some(Err(error)) => error.to_string(),
            None => self.timed_out(),
        };
        self.report(Difference::missing_reply(self.session, index, &cause));
        Err(Aborted)
    }

    /// Reports unexpected messages until the recorded end, then compares the end.
    ///
    /// If the service had ended the session, waits for it to do so again.
    async fn compare_end(&mut self) {
        let end = self.session.end.as_ref();
        let compared = end.filter(|_| !self.bytes_only);
        let wait = match compared.and_then(|end| end.by) {
            Some(EndedBy::Upstream) => self.limit,
            _ => Some(GRACE_PERIOD),
        };
        let now = Instant::now();
        let end_time = end.and_then(|end| self.schedule.replay_time(end.time));
        let until_end = end_time.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        let limit = wait.map(|wait| until_end + wait);
        let closed = timeout_opt(limit, self.receive_until_closed()).await;
        let closed = closed.flatten();
        let is_websocket = self.connection.is_websocket();
        let difference = compared
            .and_then(|end| Difference::of_end(self.session, end, closed.as_ref(), is_websocket));
        self.has_ended = closed.is_some();
        match (difference, closed) {
            (Some(difference), _) => self.report(difference),
            (None, Some(end)) => self.report_abnormal(&end),
            (None, None) => {}
        }
    }

    /// Reports the end, unless it is normal or as recorded.
    fn report_abnormal(&mut self, end: &ConnectionError) {
        let difference = Difference::abnormal_end(self.session, end);
        self.result.differences.extend(difference);
    }

    /// Reports messages as unexpected until the connection ends; returns its last error, or `None`
    /// if there are too many.
    async fn receive_until_closed(&mut self) -> Option<ConnectionError> {
        for _ in 0..MAX_UNEXPECTED {
            match self.next().await {
                Ok(reply) => self.report(Difference::unexpected_reply(self.session, &reply)),
                Err(closed) => return Some(closed),
            }
        }
        None
    }

    /// Receives the next reply.
    async fn next(&mut self) -> Result<Reply, ConnectionError> {
        match self.early.pop_front() {
            Some(reply) => Ok(reply),
            None => self.connection.receiver.receive().await,
        }
    }

    /// Receives the next `len` bytes of a raw stream, in chunks of any length.
    async fn next_bytes(&mut self, len: usize) -> Result<Reply, ConnectionError> {
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

    fn report(&mut self, difference: Difference) {
        self.result.differences.push(difference);
    }
}

/// Awaits `event`, and queues replies that arrive meanwhile, as long as there is room for them:
/// the others stay with the service.
async fn queue_replies_during<T>(
    event: impl Future<Output = T>,
    receiver: &mut Receiver,
    early: &mut EarlyReplies,
) -> Result<T, ConnectionError> {
    let mut event = pin!(event);
    loop {
        tokio::select! {
            biased;
            reply = receiver.receive(), if early.has_room() => early.push_back(reply?),
            done = &mut event => return Ok(done),
        }
    }
}
