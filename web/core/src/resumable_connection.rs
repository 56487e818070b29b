//! Resumable connection: the page's side of a session that outlives its WebSocket
//! (`framegate.1`). The reducer owns it; wire messages to send are pushed to a list.
//!
//! It keeps whole messages, whose payloads the log shares: `protocol`'s outbox, which copies them
//! into a ring buffer, is 4 KB of program.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use bytes::Buf;
use protocol::MessageKind;
use protocol::resumable::{
    ACK_DELAY, AckDue, CLIENT_HEAD, GATEWAY_HEAD, Inbox, client_head, split_gateway_head,
};

use crate::json::{self, Value};
use crate::message::{Kind, Message};
use crate::time::Moment;

pub use protocol::resumable::{SUBPROTOCOL, close_code};

/// The most bytes that wait for an acknowledgement: room for a long message, and far below a
/// browser tab's limit.
const MAX_KEPT: usize = 16 << 20;

/// A session, from its first connection to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct ResumableConnection {
    /// Messages that the gateway has not acknowledged, the oldest first.
    kept: VecDeque<Message>,
    /// Their payload bytes.
    kept_len: usize,
    /// The number of messages before them.
    dropped: u64,
    /// Those of `kept` that no connection has carried yet: the last ones.
    unsent: u64,
    /// Those of `kept` that this connection carries: the first ones. Their length, with heads.
    in_flight: usize,
    in_flight_len: usize,
    /// Maximum of that length. The window holds both ways: acknowledgements of the page are
    /// behind its messages.
    window: usize,
    inbox: Inbox,
    acknowledged_at: Moment,
    phase: Phase,
    /// The token that resumes the session; empty if nothing does.
    token: String,
    /// The time that the gateway keeps the session without a connection.
    keep: Duration,
    /// The query of the current connection's URL. It stays the same while that is open.
    query: String,
}

/// The phase of a session.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// The gateway has not spoken yet.
    New,
    /// Connected.
    Attached,
    /// Without a connection since then.
    Detached(Moment),
}

/// A change that the log shows: of the connection, its session, or the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEvent {
    /// The connection to an upstream of that name or URL opened.
    Opened(Rc<str>),
    /// The user closed the connection, or chose another upstream.
    Disconnected,
    /// The connection closed, with that code and reason.
    Closed(u16, Rc<str>),
    /// Another day began.
    Day,
    /// The connection was lost; the gateway keeps the session for that time.
    Detached(Duration),
    /// The session goes on.
    Resumed {
        /// The time without a connection.
        after: Duration,
        /// Messages that are sent again, because they had not arrived.
        again: u64,
        /// Messages that waited for the connection.
        waited: u64,
    },
    /// So many messages came faster than the page took them, and were not kept.
    Dropped(u64),
    /// The session is lost.
    Lost {
        /// Sent messages that may have arrived, or not.
        uncertain: u64,
        /// Messages that were never sent.
        unsent: u64,
    },
}

/// A message from the gateway, decoded.
#[derive(Debug, PartialEq)]
pub enum Received {
    /// Nothing to show.
    Control,
    /// The connection is ready for messages.
    Attached(Option<SessionEvent>),
    /// A message of the service, and the time that the service took to answer.
    Message(Message, Option<Duration>),
}

/// A session that awaits the gateway's greeting.
impl Default for ResumableConnection {
    fn default() -> Self {
        Self {
            kept: VecDeque::new(),
            kept_len: 0,
            dropped: 0,
            unsent: 0,
            in_flight: 0,
            in_flight_len: 0,
            window: 0,
            inbox: Inbox::new(0),
            acknowledged_at: Moment::default(),
            phase: Phase::New,
            token: String::new(),
            keep: Duration::ZERO,
            query: String::new(),
        }
    }
}

impl ResumableConnection {
    /// Returns the query to append to the WebSocket's URL.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Returns the length of the messages without an acknowledgement, in bytes.
    pub fn kept_len(&self) -> usize {
        self.kept_len
    }

    /// Returns the number of messages that the gateway has acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.dropped
    }

    /// Returns true if another message can be kept.
    pub fn has_room(&self) -> bool {
        self.kept_len < MAX_KEPT && self.phase != Phase::New
    }

    /// Returns true while the session has lost its connection.
    pub fn is_detached(&self) -> bool {
        matches!(self.phase, Phase::Detached(_))
    }

    /// Returns the time that is left to resume the session; `None` if it is connected.
    pub fn time_left(&self, now: Moment) -> Option<Duration> {
        match self.phase {
            Phase::Detached(since) => Some(self.keep.saturating_sub(now.since(since))),
            Phase::New | Phase::Attached => None,
        }
    }

    /// Begins another connection, which resumes the session.
    pub fn reconnect(&mut self) {
        let received = self.inbox.received();
        self.query = format!("?resume={}&received={received}", self.token);
    }

    /// Keeps a message, and sends it once the window has room. Returns false if there is no
    /// connection.
    pub fn send(&mut self, message: &Message, outgoing: &mut Vec<Message>) -> bool {
        self.kept_len += message.payload.len();
        self.kept.push_back(message.clone());
        self.unsent += 1;
        self.send_kept(outgoing);
        self.phase == Phase::Attached
    }

    /// Sends the messages that the window has room for, or one longer message.
    fn send_kept(&mut self, outgoing: &mut Vec<Message>) {
        while let (Phase::Attached, Some(message)) = (self.phase, self.kept.get(self.in_flight)) {
            let len = self.in_flight_len + wire_len(message);
            if self.in_flight > 0 && len > self.window {
                return;
            }
            outgoing.push(wire(message));
            self.in_flight += 1;
            self.in_flight_len = len;
            self.unsent = self.unsent.min((self.kept.len() - self.in_flight) as u64);
        }
    }

    /// Decodes a message from the gateway; `None` for a violation of the protocol. A message
    /// counts as taken, because what is outgoing is sent after the reducer is done.
    pub fn receive(
        &mut self,
        message: Message,
        at: Moment,
        outgoing: &mut Vec<Message>,
    ) -> Option<Received> {
        let Message { kind, mut payload } = message;
        if kind == Kind::Text {
            return self.control(std::str::from_utf8(&payload).ok()?, at, outgoing);
        }
        let (kind, service_time, _) = split_gateway_head(&payload).ok()?;
        let kind = match kind {
            MessageKind::Text => Kind::Text,
            MessageKind::Binary => Kind::Binary,
        };
        self.inbox.receive(1);
        self.inbox.take(1, payload.len());
        payload.advance(GATEWAY_HEAD);
        if at.since(self.acknowledged_at) >= ACK_DELAY || self.inbox.ack_due() == AckDue::Now {
            self.acknowledge(at, outgoing);
        }
        Some(Received::Message(Message { kind, payload }, service_time))
    }

    /// Acknowledges everything that was taken.
    pub fn acknowledge(&mut self, at: Moment, outgoing: &mut Vec<Message>) {
        if self.phase == Phase::Attached && self.inbox.ack_due() != AckDue::Never {
            self.acknowledged_at = at;
            self.push_ack(outgoing);
        }
    }

    /// Notes the end of a connection. Returns true if the session outlives it.
    pub fn lose(&mut self, code: u16, at: Moment) -> bool {
        // Without a Close, or refused for now.
        let can_resume =
            !self.token.is_empty() && (code == 1006 || code == 1013 && self.is_detached());
        if can_resume && self.phase == Phase::Attached {
            self.phase = Phase::Detached(at);
        }
        can_resume
    }

    /// The event of the session's detachment.
    pub fn detached(&self) -> SessionEvent {
        SessionEvent::Detached(self.keep)
    }

    /// The event of the session's loss.
    pub fn lost(&self) -> SessionEvent {
        SessionEvent::Lost {
            uncertain: (self.kept.len() as u64).saturating_sub(self.unsent),
            unsent: self.unsent,
        }
    }

    /// Handles a control message. The page's own JSON parser is used, because it adds nothing.
    fn control(&mut self, text: &str, at: Moment, outgoing: &mut Vec<Message>) -> Option<Received> {
        let control = json::parse(text).ok()?;
        if let (Some(token), true) = (control.string("session"), self.phase != Phase::Attached) {
            self.token = token.into();
            return self.attach(&control, at, outgoing);
        }
        if let Some(count) = control.number("ack") {
            self.drop_to(count)?;
            self.send_kept(outgoing);
        }
        if matches!(control.get("resume"), Some(Value::Literal(it)) if it == "false") {
            self.token.clear();
        }
        Some(Received::Control)
    }

    /// Goes on where the gateway's greeting says.
    fn attach(
        &mut self,
        hello: &Value,
        at: Moment,
        outgoing: &mut Vec<Message>,
    ) -> Option<Received> {
        let number = |key| hello.number(key);
        let received = number("received").filter(|&it| it >= self.dropped)?;
        self.drop_to(received)?;
        self.window = number("window")? as usize;
        self.inbox.set_window(self.window);
        self.keep = Duration::from_secs(number("keep")?);
        (self.in_flight, self.in_flight_len) = (0, 0);
        let waited = self.unsent;
        let event = match std::mem::replace(&mut self.phase, Phase::Attached) {
            Phase::Detached(since) => {
                // The token before is good until the gateway hears from this connection.
                self.push_ack(outgoing);
                Some(SessionEvent::Resumed {
                    after: at.since(since),
                    again: (self.kept.len() as u64).saturating_sub(waited),
                    waited,
                })
            }
            Phase::New | Phase::Attached => None,
        };
        self.send_kept(outgoing);
        Some(Received::Attached(event))
    }

    /// Drops the messages before number `count`; `None` if there are not as many.
    fn drop_to(&mut self, count: u64) -> Option<()> {
        while self.dropped < count {
            let message = self.kept.pop_front()?;
            self.kept_len -= message.payload.len();
            self.dropped += 1;
            if self.in_flight > 0 {
                self.in_flight -= 1;
                self.in_flight_len -= wire_len(&message);
            }
        }
        Some(())
    }

    fn push_ack(&mut self, outgoing: &mut Vec<Message>) {
        outgoing.push(Message {
            kind: Kind::Text,
            payload: format!(r#"{{"ack":{}}}"#, self.inbox.acknowledge()).into(),
        });
    }
}

/// Returns the length of the WebSocket message of a message, in bytes.
fn wire_len(message: &Message) -> usize {
    CLIENT_HEAD + message.payload.len()
}

/// Returns the WebSocket message of a message.
fn wire(message: &Message) -> Message {
    let head = client_head(match message.kind {
        Kind::Text => MessageKind::Text,
        Kind::Binary => MessageKind::Binary,
    });
    Message {
        kind: Kind::Binary,
        payload: [&head, &message.payload[..]].concat().into(),
    }
}

#[cfg(test)]
mod tests;
