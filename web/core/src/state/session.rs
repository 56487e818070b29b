//! The session: its messages in both directions, and its events, for plain and resumable ones.

use std::time::Duration;

use super::State;
use crate::connection::{Close, Connection, ConnectionEnd};
use crate::framing::RAW;
use crate::gateway_info::{InfoError, UpstreamChoice};
use crate::message::{Direction, Message};
use crate::message_log::Pairing;
use crate::resumable_connection::{Received, ResumableConnection, SessionEvent};
use crate::row_framings::RowFramings;
use crate::time::Moment;

/// The silence after which the network is probed.
const PROBE_AFTER: Duration = Duration::from_secs(15);

/// The longest attempt to connect.
const MAX_ATTEMPT: Duration = Duration::from_secs(10);

/// The random part of the backoff after an attempt that hung, whose end is the page's own.
const RANDOM: f64 = 0.5;

impl State {
    pub(super) fn session_opened(&mut self, at: Moment) {
        self.framings = self.connection_framings();
        self.connection = Connection::Open { since: at };
        self.console.log.stamp_from(0);
        self.heard_at = at;
        self.last_end = None;
        let name = match &self.choice {
            UpstreamChoice::Url(url) => url.as_str().into(),
            _ => self.upstream().map_or("", |it| &it.name).into(),
        };
        self.log_event(Some(SessionEvent::Opened(name)), at);
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
        self.heard_at = at;
        let Some(resumable) = &mut self.resumable else {
            return self.service_answered(message, None, at);
        };
        match resumable.receive(message, at, &mut self.outgoing) {
            Some(Received::Control) => {}
            Some(Received::Attached(None)) => self.session_opened(at),
            Some(Received::Attached(event)) => {
                let first = resumable.acknowledged();
                self.connection = Connection::Open { since: at };
                self.last_end = None;
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
                self.log_event(Some(SessionEvent::Closed(close.code, "".into())), at);
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
        let zone = self.zone();
        for pane in [&mut self.console, &mut self.live_feed.pane] {
            pane.log.zone = zone;
        }
        if let Some(resumable) = &mut self.resumable {
            resumable.acknowledge(now, &mut self.outgoing);
        }
        if self.time_left() == Some(Duration::ZERO) {
            self.session_lost(now);
        }
        self.watch_network(now);
    }

    /// Gives up an attempt that hangs, and probes the network if nothing comes: a dead one is
    /// silent.
    fn watch_network(&mut self, now: Moment) {
        let quiet = now.since(self.heard_at);
        match self.connection {
            _ if self.awaits_late_part() => self.heard_at = now,
            Connection::Open { .. } if quiet >= PROBE_AFTER => self.probe(),
            Connection::FetchingInfo if quiet >= MAX_ATTEMPT => {
                let end = ConnectionEnd::Unavailable(InfoError::Unreachable);
                self.failed(end, false, now, RANDOM);
            }
            Connection::Connecting if quiet >= MAX_ATTEMPT => self.time_out(),
            _ => {}
        }
    }

    /// Ends a connection, or an attempt, of which nothing is heard.
    fn time_out(&mut self) {
        let close = Close {
            code: 1006,
            ..Close::default()
        };
        self.socket_closed(close, self.now, RANDOM);
    }

    /// Probes the gateway, if it is the page's own and the connection is open.
    fn probe(&mut self) {
        if self.connection.is_open() && self.upstream().is_some() {
            self.probe += 1;
            self.heard_at = self.now;
        }
    }
}
