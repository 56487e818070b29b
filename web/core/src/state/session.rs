//! The session: its messages in both directions, and its events, for plain and resumable ones.

use std::time::Duration;

use super::State;
use crate::connection::{Close, Connection, ConnectionEnd};
use crate::framing::RAW;
use crate::message::{Direction, Message};
use crate::message_log::Pairing;
use crate::resumable_connection::{Received, ResumableConnection, SessionEvent};
use crate::row_framings::RowFramings;
use crate::time::Moment;

impl State {
    pub(super) fn session_opened(&mut self, at: Moment) {
        self.framings = self.connection_framings();
        self.connection = Connection::Open { since: at };
        self.console.log.stamp_from(0);
    }

    /// Begins a new session at once, and logs what became of the one before.
    pub(super) fn session_lost(&mut self, at: Moment) {
        let event = self.resumable.as_ref().map(ResumableConnection::lost);
        self.log_event(event, at);
        self.disconnect(Connection::Idle);
        self.connect_now();
    }

    pub(super) fn send_message(&mut self, message: Message, at: Moment) {
        let Some(on_websocket) = self.send_limits().on_websocket(&message) else {
            return;
        };
        let is_sent = match &mut self.resumable {
            Some(resumable) => resumable.send(&on_websocket, &mut self.outgoing),
            None => {
                self.outgoing.push(on_websocket);
                true
            }
        };
        let pairing = match is_sent {
            true => Pairing::Pending,
            false => Pairing::Unsent,
        };
        self.stats.count_sent(message.payload.len(), at);
        let framing = self.framings.next(Direction::Sent);
        self.console.log.sent(message, framing, at, pairing);
        self.console.update_view();
    }

    pub(super) fn message_received(&mut self, message: Message, at: Moment) {
        if !self.connection.is_active() {
            return;
        }
        let Some(resumable) = &mut self.resumable else {
            return self.service_answered(message, None, at);
        };
        match resumable.receive(message, at, &mut self.outgoing) {
            Some(Received::Control) => {}
            Some(Received::Attached(None)) => self.session_opened(at),
            Some(Received::Attached(event)) => {
                let first = resumable.acknowledged();
                self.connection = Connection::Open { since: at };
                self.console.log.send_unsent(at);
                self.console.log.stamp_from(first);
                self.log_event(event, at);
            }
            Some(Received::Message(message, time)) => self.service_answered(message, time, at),
            None => {
                let close = Close {
                    code: 1002,
                    opened: true,
                    ..Close::default()
                };
                self.failed(ConnectionEnd::Closed(close), false, at, 0.0);
            }
        }
    }

    fn service_answered(&mut self, message: Message, time: Option<Duration>, at: Moment) {
        if message.payload.is_empty() || !self.read_stream(&message.payload, at) {
            self.log_received(message, time, at);
        }
    }

    #[inline(never)]
    pub(super) fn log_received(&mut self, message: Message, time: Option<Duration>, at: Moment) {
        let len = message.payload.len();
        let framing = self.framings.next(Direction::Received);
        let round_trip = self.console.log.received(message, framing, at, time);
        self.stats.count_received(len, at, round_trip, time);
        self.console.update_view();
    }

    /// Notes that messages were not kept. A stream without them can't be read on.
    pub(super) fn messages_dropped(&mut self, count: u64, at: Moment) {
        if self.framings.read_by().is_some() {
            self.framings = RowFramings::new(&RAW.into());
        }
        self.console.log.drop_received(count);
        self.stats.count_dropped(count);
        self.log_event(Some(SessionEvent::Dropped(count)), at);
    }

    pub(super) fn log_event(&mut self, event: Option<SessionEvent>, at: Moment) {
        if let Some(event) = event {
            self.console.log.add_event(event, at);
            self.console.update_view();
        }
    }

    /// Acknowledges late, and gives a session up whose time is over.
    pub(super) fn tick(&mut self, now: Moment) {
        self.now = now;
        if let Some(resumable) = &mut self.resumable {
            resumable.acknowledge(now, &mut self.outgoing);
        }
        if self.time_left() == Some(Duration::ZERO) {
            self.session_lost(now);
        }
    }
}
