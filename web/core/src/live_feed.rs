//! The live feed: all clients of the gateway and their messages, from the events of a WebSocket.

use std::rc::Rc;

use crate::format;
use crate::framing::Framing;
use crate::json::{self, Value};
use crate::message::Direction;
use crate::message_log::Row;
use crate::message_pane::MessagePane;
use crate::record;
use crate::row_framings::RowFramings;
use crate::time::Moment;

/// The most clients in the list. Beyond it, disconnected ones are evicted first.
pub const MAX_CLIENTS: usize = 200;

/// The status of the live feed's connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FeedStatus {
    /// Waiting for the gateway's first answer.
    #[default]
    Connecting,
    /// Events arrive.
    Open,
    /// The connection was lost; the page reconnects.
    Lost,
    /// The gateway refused: the feed is off, or has too many watchers.
    Refused,
}

/// The live feed's clients and messages.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveFeed {
    /// The status of its connection.
    pub status: FeedStatus,
    /// The messages of all clients.
    pub pane: MessagePane,
    /// Messages that the gateway dropped from the feed.
    pub dropped: u64,
    /// In order of arrival.
    clients: Vec<ConnectedClient>,
}

/// A client of the gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectedClient {
    /// The gateway's session number.
    pub id: u64,
    /// The client's address.
    pub peer: Rc<str>,
    /// The upstream's name.
    pub upstream: String,
    /// True for a WebSocket, false for a TCP client of the echo service.
    pub is_websocket: bool,
    /// The framings of its messages on TCP, and their numbers.
    pub framings: RowFramings,
    /// The start of the session.
    pub opened_at: Moment,
    /// The end of the session; `None` while it is open.
    pub end: Option<ClientEnd>,
}

/// The end of a client's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientEnd {
    /// The close code, if there was one.
    pub code: Option<u64>,
    /// The reason; may be empty.
    pub reason: String,
}

impl LiveFeed {
    /// Creates an empty feed that keeps at most `max_rows` messages.
    pub fn new(max_rows: usize) -> Self {
        Self {
            status: FeedStatus::default(),
            pane: MessagePane::new(max_rows),
            dropped: 0,
            clients: Vec::new(),
        }
    }

    /// Returns the clients, in order of arrival.
    pub fn clients(&self) -> &[ConnectedClient] {
        &self.clients
    }

    /// Returns the client of that session, if it is listed.
    pub fn client(&self, id: u64) -> Option<&ConnectedClient> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// Sets the status. A feed that opens begins with an event for each connected client,
    /// so the list is cleared.
    pub fn set_status(&mut self, status: FeedStatus) {
        self.status = status;
        if status == FeedStatus::Open {
            self.clients.clear();
        }
    }

    /// Applies one event. Unknown events are ignored.
    pub fn apply_event(&mut self, line: &str) {
        let Ok(value) = json::parse(line) else { return };
        let known = match value.string("event") {
            Some("open") => self.client_opened(&value),
            Some("message") => self.message_passed(&value),
            Some("close") => self.client_closed(&value),
            Some("dropped") => value
                .number("messages")
                .map(|dropped| self.dropped += dropped),
            _ => None,
        };
        if known.is_some()
            && let Some(client) = value.number("session").and_then(|id| self.client_mut(id))
        {
            client.framings.set_counts(
                value.number("sent").unwrap_or(client.framings.sent()),
                value
                    .number("received")
                    .unwrap_or(client.framings.received()),
            );
        }
    }

    fn client_opened(&mut self, value: &Value) -> Option<()> {
        let client = ConnectedClient {
            id: value.number("session")?,
            peer: value.string("peer")?.into(),
            upstream: value.string("upstream")?.into(),
            is_websocket: value.string("transport")? == "websocket",
            framings: record::framings(value),
            opened_at: Moment {
                utc_ms: utc_ms(value)?,
                steady_ms: 0.0,
            },
            end: None,
        };
        if self.clients.len() >= MAX_CLIENTS {
            let closed = self.clients.iter().position(|it| it.end.is_some());
            self.clients.remove(closed.unwrap_or_default());
        }
        self.clients.push(client);
        Some(())
    }

    fn message_passed(&mut self, value: &Value) -> Option<()> {
        let mut row = record::row(value, 0, utc_ms(value)?)?;
        self.pane.log.begin_day(row.at);
        row.id = self.pane.log.ids().end;
        row.framing = self.framing_of(&row, value);
        let client = row.session.and_then(|id| self.client(id));
        row.client = client.map(|it| it.peer.clone());
        self.pane.log.append(row);
        self.pane.update_view();
        Some(())
    }

    /// Returns the framing of a client's message. The event's totals count it.
    fn framing_of(&mut self, row: &Row, value: &Value) -> Option<Framing> {
        let framings = &mut self.client_mut(row.session?)?.framings;
        let sent = value.number("sent").unwrap_or_default();
        let received = value.number("received").unwrap_or_default();
        match row.direction {
            Direction::Sent => framings.set_counts(sent.saturating_sub(1), received),
            Direction::Received => framings.set_counts(sent, received.saturating_sub(1)),
        }
        framings.next(row.direction)
    }

    fn client_closed(&mut self, value: &Value) -> Option<()> {
        let end = ClientEnd {
            code: value.number("code"),
            reason: value.string("reason")?.into(),
        };
        self.client_mut(value.number("session")?)?.end = Some(end);
        Some(())
    }

    fn client_mut(&mut self, id: u64) -> Option<&mut ConnectedClient> {
        self.clients.iter_mut().find(|client| client.id == id)
    }
}

/// The time of an event: the gateway's are in UTC.
fn utc_ms(value: &Value) -> Option<f64> {
    format::parse_date_time(value.string("time")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message_log::DEFAULT_MAX_ROWS;

    fn open(id: u64) -> String {
        format!(
            r#"{{"time":"2026-11-22T03:01:03.120456Z","session":{id},"event":"open","peer":"a:{id}","upstream":"echo","framing":"u32le","transport":"tcp","sent":2,"received":1}}"#
        )
    }

    fn message(base64: &str, kind: &str, bytes: usize) -> String {
        format!(
            r#"{{"time":"2026-11-22T03:01:04.000000Z","session":7,"event":"message","direction":"sent","kind":"{kind}","base64":"{base64}","bytes":{bytes},"sent":3,"received":1}}"#
        )
    }

    fn close(id: u64) -> String {
        format!(
            r#"{{"time":"2026-11-22T03:01:05.000000Z","session":{id},"event":"close","code":1000,"reason":"done","sent":3,"received":1}}"#
        )
    }

    fn feed(lines: &[String]) -> LiveFeed {
        let mut feed = LiveFeed::new(DEFAULT_MAX_ROWS);
        feed.set_status(FeedStatus::Open);
        lines.iter().for_each(|line| feed.apply_event(line));
        feed
    }

    #[test]
    fn a_client_connects_sends_and_disconnects() {
        let feed = feed(&[open(7), message("aGk=", "text", 2), close(7)]);
        let client = feed.client(7).unwrap();
        let counts = (client.framings.sent(), client.framings.received());
        assert_eq!((&*client.peer, counts), ("a:7", (3, 1)));
        let end = client.end.as_ref().unwrap();
        assert_eq!((end.code, &*end.reason), (Some(1000), "done"));
        let row = feed.pane.log.latest().unwrap();
        assert_eq!(
            (&row.payload[..], row.session, row.missing_len),
            (&b"hi"[..], Some(7), 0)
        );
        assert_eq!(row.client.as_deref(), Some("a:7"));
        assert_eq!(row.direction, Direction::Sent);
    }

    #[test]
    fn the_first_message_of_a_client_has_a_framing_of_its_own() {
        let open = open(7).replace(
            r#""framing":"u32le""#,
            r#""framing":"1+u32be-inclusive","first_sent":"u32be-inclusive""#,
        );
        let message = |sent: u64| {
            let counted = format!(r#""sent":{sent},"#);
            message("aGk=", "text", 2).replace(r#""sent":3,"#, &counted)
        };
        let feed = feed(&[open, message(1), message(2)]);
        let framings: Vec<_> = feed.pane.log.rows().map(|it| it.framing.clone()).collect();
        let framings: Vec<_> = framings.iter().flatten().map(ToString::to_string).collect();
        assert_eq!(framings, ["u32be-inclusive", "1+u32be-inclusive"]);
    }

    #[test]
    fn a_truncated_message_knows_its_full_length() {
        let feed = feed(&[message("aGk=", "text", 100)]);
        let row = feed.pane.log.latest().unwrap();
        assert_eq!(
            (&row.payload[..], row.missing_len, row.full_len()),
            (&b"hi"[..], 98, 100)
        );
    }

    #[test]
    fn a_reopened_feed_clears_clients_and_keeps_messages() {
        let mut feed = feed(&[open(7), message("aGk=", "text", 2)]);
        feed.set_status(FeedStatus::Lost);
        assert_eq!(feed.clients().len(), 1);
        feed.set_status(FeedStatus::Open);
        assert!(feed.clients().is_empty());
        assert_eq!(feed.pane.log.rows().len(), 1);
    }

    #[test]
    fn closed_clients_are_evicted_first() {
        let mut lines: Vec<_> = (0..MAX_CLIENTS as u64).map(open).collect();
        lines.push(close(5));
        lines.push(open(1000));
        let feed = feed(&lines);
        assert_eq!(feed.clients().len(), MAX_CLIENTS);
        assert!(feed.client(5).is_none() && feed.client(1000).is_some());
    }

    #[test]
    fn dropped_messages_are_counted_and_unknown_events_ignored() {
        let dropped = r#"{"time":"x","event":"dropped","messages":12}"#;
        let lines = [dropped, dropped, "{", "{}", r#"{"event":"new"}"#].map(String::from);
        assert_eq!(feed(&lines).dropped, 24);
    }
}
