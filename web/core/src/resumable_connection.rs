//! Resumable connection: the page's side of a session that outlives its WebSocket
//! (`framegate.1`). The reducer owns it; wire messages to send are pushed to a list.

use std::time::Duration;

use bytes::Buf;
use protocol::resumable::{
    ACK_DELAY, AckDue, Control, GATEWAY_HEAD, Hello, Inbox, Outbox, SessionError, client_head,
    split_gateway_head,
};
use protocol::{MessageKind, Payload};

use crate::message::{Kind, Message};
use crate::time::Moment;

pub use protocol::resumable::{SUBPROTOCOL, close_code};

/// The most bytes that wait for an acknowledgement: room for a long message, and far below a
/// browser tab's limit.
const MAX_KEPT: usize = 16 << 20;

/// A session, from its first connection to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct ResumableConnection {
    outbox: Outbox,
    inbox: Inbox,
    phase: Phase,
    /// The token that resumes the session; empty if nothing does.
    token: String,
    /// The time that the gateway keeps the session without a connection.
    keep: Duration,
    /// The query of the current connection's URL. It stays the same while that is open.
    query: String,
    /// Messages in the outbox that no connection has carried yet.
    unsent: u64,
    acknowledged_at: Moment,
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

/// A change of a session that the log shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEvent {
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

impl ResumableConnection {
    /// Creates a session that awaits the gateway's greeting.
    pub fn new() -> Self {
        Self {
            outbox: Outbox::new(usize::MAX),
            inbox: Inbox::new(0),
            phase: Phase::New,
            token: String::new(),
            keep: Duration::ZERO,
            query: String::new(),
            unsent: 0,
            acknowledged_at: Moment::default(),
        }
    }

    /// Returns the query to append to the WebSocket's URL.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Returns the length of the messages without an acknowledgement, in bytes.
    pub fn kept_len(&self) -> usize {
        self.outbox.kept_len()
    }

    /// Returns true if another message can be kept.
    pub fn has_room(&self) -> bool {
        self.kept_len() < MAX_KEPT && self.phase != Phase::New
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

    /// Keeps a message, and sends it if there is a connection; otherwise returns false.
    pub fn send(&mut self, message: &Message, outgoing: &mut Vec<Message>) -> bool {
        let head = client_head(match message.kind {
            Kind::Text => MessageKind::Text,
            Kind::Binary => MessageKind::Binary,
        });
        self.outbox
            .push(&head, &Payload::Shared(message.payload.clone()));
        let attached = self.phase == Phase::Attached;
        if attached {
            outgoing.push(binary([&head, &message.payload[..]].concat()));
        } else {
            self.unsent += 1;
        }
        attached
    }

    /// Decodes a message from the gateway. It counts as taken, because what is outgoing is
    /// sent after the reducer is done.
    ///
    /// # Errors
    /// A violation of the protocol.
    pub fn receive(
        &mut self,
        message: Message,
        at: Moment,
        outgoing: &mut Vec<Message>,
    ) -> Result<Received, SessionError> {
        let Message { kind, mut payload } = message;
        if kind == Kind::Text {
            let text = std::str::from_utf8(&payload).unwrap_or_default();
            match Control::parse(text)? {
                Control::Hello(hello) if self.phase != Phase::Attached => {
                    return self.attach(hello, at, outgoing);
                }
                Control::Ack(count) => self.outbox.acknowledge(count)?,
                Control::Ending => self.token.clear(),
                Control::Hello(_) | Control::Unknown => {}
            }
            return Ok(Received::Control);
        }
        let (kind, service_time, _) = split_gateway_head(&payload)?;
        let kind = match kind {
            MessageKind::Text => Kind::Text,
            MessageKind::Binary => Kind::Binary,
        };
        self.inbox.receive();
        self.inbox.take(1, payload.len());
        payload.advance(GATEWAY_HEAD);
        if at.since(self.acknowledged_at) >= ACK_DELAY || self.inbox.ack_due() == AckDue::Now {
            self.acknowledge(at, outgoing);
        }
        Ok(Received::Message(Message { kind, payload }, service_time))
    }

    /// Acknowledges everything that was taken.
    pub fn acknowledge(&mut self, at: Moment, outgoing: &mut Vec<Message>) {
        if self.phase == Phase::Attached && self.inbox.ack_due() != AckDue::Never {
            self.push_ack(outgoing);
            self.acknowledged_at = at;
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
            uncertain: self.outbox.unacknowledged().saturating_sub(self.unsent),
            unsent: self.unsent,
        }
    }

    /// Goes on where the gateway's greeting says.
    fn attach(
        &mut self,
        hello: Hello,
        at: Moment,
        outgoing: &mut Vec<Message>,
    ) -> Result<Received, SessionError> {
        self.outbox.resume(hello.received)?;
        self.inbox
            .set_window(usize::try_from(hello.window).unwrap_or(usize::MAX));
        self.token = hello.session;
        self.keep = Duration::from_secs(hello.keep);
        let waited = std::mem::take(&mut self.unsent);
        let event = match std::mem::replace(&mut self.phase, Phase::Attached) {
            Phase::Detached(since) => {
                // The token before is good until the gateway hears from this connection.
                self.push_ack(outgoing);
                Some(SessionEvent::Resumed {
                    after: at.since(since),
                    again: self.outbox.unacknowledged().saturating_sub(waited),
                    waited,
                })
            }
            Phase::New | Phase::Attached => None,
        };
        while let Some(message) = self.outbox.next() {
            let [front, back] = message.copied;
            let shared = message.shared.map_or(&[][..], |it| it);
            outgoing.push(binary([front, back, shared].concat()));
        }
        Ok(Received::Attached(event))
    }

    fn push_ack(&mut self, outgoing: &mut Vec<Message>) {
        outgoing.push(Message {
            kind: Kind::Text,
            payload: Control::Ack(self.inbox.acknowledge()).to_string().into(),
        });
    }
}

fn binary(wire: Vec<u8>) -> Message {
    Message {
        kind: Kind::Binary,
        payload: wire.into(),
    }
}
