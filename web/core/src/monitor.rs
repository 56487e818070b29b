//! The gateway's clients as it tells of them: who is there, and what passes. Pure.

use protocol::Framing;

use crate::book::Book;
use crate::export;
use crate::json::{self, Value};

/// How many clients are listed. Those who have gone make room first.
pub const MAX_CLIENTS: usize = 200;

/// What is on the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// This page's connection and messages.
    #[default]
    Console,
    /// Everybody's.
    Monitor,
}

/// How the gateway is watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Life {
    /// The gateway has not answered yet.
    #[default]
    Connecting,
    /// It tells what it sees.
    Open,
    /// The connection is gone; the browser sees to the next.
    Lost,
    /// The gateway does not want to be watched, or by fewer.
    Refused,
}

/// What the page knows of the gateway's clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitor {
    /// How the gateway is watched.
    pub life: Life,
    /// Their messages.
    pub book: Book,
    /// Messages that passed and were not told.
    pub missed: u64,
    /// In the order in which they came.
    clients: Vec<Client>,
}

/// A client of the gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// The gateway's number for it.
    pub id: u64,
    /// Its address.
    pub peer: String,
    /// What it talks to.
    pub upstream: String,
    /// Whether it came by a WebSocket, rather than to the echo service.
    pub by_websocket: bool,
    /// How its messages are framed on TCP.
    pub framing: Framing,
    /// When it came: local time, in milliseconds since 1970.
    pub since_ms: f64,
    /// How many messages it has sent.
    pub sent: u64,
    /// How many it has received.
    pub received: u64,
    /// How it went, once it has.
    pub end: Option<End>,
}

/// How a client went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The close code, if there was one.
    pub code: Option<u64>,
    /// The reason; may be empty.
    pub reason: String,
}

impl Monitor {
    /// A monitor that keeps at most `max_rows` messages.
    pub fn new(max_rows: usize) -> Self {
        Self {
            life: Life::default(),
            book: Book::of(max_rows),
            missed: 0,
            clients: Vec::new(),
        }
    }

    /// The clients, in the order in which they came.
    pub fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// The client of that number, if it is listed.
    pub fn client(&self, id: u64) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// Takes note of how the gateway is watched. Whenever that begins, it tells anew who is
    /// there.
    pub fn lives(&mut self, life: Life) {
        self.life = life;
        if life == Life::Open {
            self.clients.clear();
        }
    }

    /// Takes note of what the gateway told. What this page does not know is passed over.
    pub fn told(&mut self, line: &str, offset_ms: f64) {
        let Ok(value) = json::parse(line) else { return };
        let known = match value.member("event").and_then(Value::as_str) {
            Some("open") => self.came(&value, offset_ms),
            Some("message") => self.passed(&value, offset_ms),
            Some("close") => self.left(&value),
            Some("dropped") => self.missed(&value),
            _ => None,
        };
        if known.is_some()
            && let Some(client) = number(&value, "session").and_then(|id| self.client_mut(id))
        {
            client.sent = number(&value, "sent").unwrap_or(client.sent);
            client.received = number(&value, "received").unwrap_or(client.received);
        }
    }

    fn came(&mut self, value: &Value, offset_ms: f64) -> Option<()> {
        let client = Client {
            id: number(value, "session")?,
            peer: string(value, "peer")?.into(),
            upstream: string(value, "upstream")?.into(),
            by_websocket: string(value, "transport")? == "websocket",
            framing: string(value, "framing")?.parse().ok()?,
            since_ms: export::local_ms(string(value, "time")?, offset_ms)?,
            sent: 0,
            received: 0,
            end: None,
        };
        if self.clients.len() >= MAX_CLIENTS {
            let gone = self.clients.iter().position(|it| it.end.is_some());
            self.clients.remove(gone.unwrap_or_default());
        }
        self.clients.push(client);
        Some(())
    }

    fn passed(&mut self, value: &Value, offset_ms: f64) -> Option<()> {
        let len = usize::try_from(number(value, "bytes")?).ok()?;
        let next_id = self.book.log.ids().end;
        let mut row = export::row(value, next_id, offset_ms)?;
        row.cut = len.saturating_sub(row.payload.len());
        self.book.log.restore(row);
        self.book.follow();
        self.book.forget_what_went();
        Some(())
    }

    fn left(&mut self, value: &Value) -> Option<()> {
        let end = End {
            code: number(value, "code"),
            reason: string(value, "reason")?.into(),
        };
        self.client_mut(number(value, "session")?)?.end = Some(end);
        Some(())
    }

    fn missed(&mut self, value: &Value) -> Option<()> {
        self.missed += number(value, "messages")?;
        Some(())
    }

    fn client_mut(&mut self, id: u64) -> Option<&mut Client> {
        self.clients.iter_mut().find(|client| client.id == id)
    }
}

fn number(value: &Value, key: &str) -> Option<u64> {
    value.member(key)?.as_number()
}

fn string<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.member(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{DEFAULT_ROWS, Direction};

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

    fn monitor(lines: &[String]) -> Monitor {
        let mut monitor = Monitor::new(DEFAULT_ROWS);
        monitor.lives(Life::Open);
        lines.iter().for_each(|line| monitor.told(line, 0.0));
        monitor
    }

    #[test]
    fn a_client_comes_sends_and_goes() {
        let monitor = monitor(&[open(7), message("aGk=", "text", 2), close(7)]);
        let client = monitor.client(7).unwrap();
        assert_eq!((&*client.peer, client.sent, client.received), ("a:7", 3, 1));
        let end = client.end.as_ref().unwrap();
        assert_eq!((end.code, &*end.reason), (Some(1000), "done"));
        let row = monitor.book.log.latest().unwrap();
        assert_eq!(
            (&row.payload[..], row.session, row.cut),
            (&b"hi"[..], Some(7), 0)
        );
        assert_eq!(row.direction, Direction::Sent);
    }

    #[test]
    fn of_a_long_message_there_is_the_beginning() {
        let monitor = monitor(&[message("aGk=", "text", 100)]);
        let row = monitor.book.log.latest().unwrap();
        assert_eq!(
            (&row.payload[..], row.cut, row.whole_len()),
            (&b"hi"[..], 98, 100)
        );
    }

    #[test]
    fn watching_anew_begins_with_who_is_there_and_keeps_the_messages() {
        let mut monitor = monitor(&[open(7), message("aGk=", "text", 2)]);
        monitor.lives(Life::Lost);
        assert_eq!(monitor.clients().len(), 1);
        monitor.lives(Life::Open);
        assert!(monitor.clients().is_empty());
        assert_eq!(monitor.book.log.rows().len(), 1);
    }

    #[test]
    fn who_has_gone_makes_room_first() {
        let mut lines: Vec<_> = (0..MAX_CLIENTS as u64).map(open).collect();
        lines.push(close(5));
        lines.push(open(1000));
        let monitor = monitor(&lines);
        assert_eq!(monitor.clients().len(), MAX_CLIENTS);
        assert!(monitor.client(5).is_none() && monitor.client(1000).is_some());
    }

    #[test]
    fn what_is_missing_is_counted_and_what_is_unknown_passed_over() {
        let dropped = r#"{"time":"x","event":"dropped","messages":12}"#;
        let lines = [dropped, dropped, "{", "{}", r#"{"event":"new"}"#].map(String::from);
        assert_eq!(monitor(&lines).missed, 24);
    }
}
