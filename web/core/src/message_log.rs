//! The message log: both directions in order, each reply paired with its request, and
//! eviction of the oldest rows beyond a cap.

mod row;

use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;

pub use self::row::{Pairing, Row, RowId};
use crate::framing::Framing;
use crate::message::{Direction, Kind, Message};
use crate::resumable_connection::SessionEvent;
use crate::time::Moment;
use crate::zone::Zone;

/// The default number of rows that a log keeps.
pub const DEFAULT_MAX_ROWS: usize = 10_000;

/// The numbers of rows offered in the settings.
pub const MAX_ROWS_CHOICES: [usize; 3] = [1000, DEFAULT_MAX_ROWS, 100_000];

/// The most payload bytes that a log keeps: room for a few of the longest messages, and
/// far below a browser tab's limit.
pub const MAX_PAYLOAD_BYTES: usize = 64 << 20;

/// The latest messages.
///
/// A reply is paired with the oldest request that has none: a framed stream carries no
/// request id, and services answer in order. Adding a message costs constant time.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageLog {
    rows: VecDeque<Rc<Row>>,
    max_rows: usize,
    /// Payload bytes in `rows`.
    payload_bytes: usize,
    next_id: RowId,
    evicted: u64,
    /// Requests without a reply, the oldest first.
    pending: VecDeque<(RowId, Moment)>,
    /// The number of requests of the session before them.
    answered: u64,
    /// The number of requests of the session whose time of sending is known: the first ones.
    stamped: u64,
    /// The number, within the session, of the request that the WebSocket sends next.
    next_stamp: u64,
    /// The latest received message.
    received: Option<RowId>,
    /// The time zone, whose days have headings.
    pub zone: Zone,
    /// The number of events in `rows`.
    events: usize,
}

impl MessageLog {
    /// Adds a message to the upstream: `Pending`, or `Unsent`.
    pub fn sent(
        &mut self,
        message: Message,
        framing: Option<Framing>,
        at: Moment,
        pairing: Pairing,
    ) {
        self.begin_day(at);
        self.pending.push_back((self.next_id, at));
        self.push(Direction::Sent, message, framing, at, pairing);
    }

    /// Begins a connection, which sends the session's requests from a number on.
    pub fn stamp_from(&mut self, number: u64) {
        self.next_stamp = number;
    }

    /// Sets the time at which the connection's next request was sent. One that is sent again
    /// keeps its first time.
    pub fn stamp(&mut self, at: Moment) {
        let number = self.next_stamp;
        self.next_stamp += 1;
        if number >= self.stamped {
            self.stamped = number + 1;
            let index = number.checked_sub(self.answered);
            let index = index.and_then(|index| usize::try_from(index).ok());
            if let Some((_, sent_at)) = index.and_then(|index| self.pending.get_mut(index)) {
                *sent_at = at;
            }
        }
    }

    /// Marks the unsent messages as sent.
    pub fn send_unsent(&mut self, now: Moment) {
        let mut pending = std::mem::take(&mut self.pending);
        for (id, at) in &mut pending {
            if self.is_unsent(*id) {
                *at = now;
                self.set_pairing(*id, Pairing::Pending);
            }
        }
        self.pending = pending;
    }

    /// Adds an event. Its time is never before the row above: the user's own
    /// events have the time of the last tick.
    pub fn add_event(&mut self, event: SessionEvent, mut at: Moment) {
        if let Some(last) = self.rows.back().filter(|it| it.at.steady_ms > at.steady_ms) {
            at = last.at;
        }
        self.begin_day(at);
        self.push_event(event, at);
    }

    /// Adds a heading if `at` is on another day than the last row.
    pub fn begin_day(&mut self, at: Moment) {
        if let Some(last) = self.rows.back()
            && !self.zone.is_same_day(last.at, at)
        {
            self.push_event(SessionEvent::Day, at);
        }
    }

    fn push_event(&mut self, event: SessionEvent, at: Moment) {
        let message = Message {
            kind: Kind::Text,
            payload: Bytes::new(),
        };
        let mut row = self.new_row(Direction::Received, message, None, at, Pairing::Unpaired);
        row.event = Some(event);
        self.events += 1;
        self.append(row);
    }

    /// Adds a received message, pairs it with its request, and returns the round trip. One that
    /// came before the oldest request was sent answers none.
    pub fn received(
        &mut self,
        message: Message,
        framing: Option<Framing>,
        at: Moment,
        service_time: Option<Duration>,
    ) -> Option<Duration> {
        self.begin_day(at);
        self.received = Some(self.next_id);
        let is_reply = |(_, sent_at): &(RowId, Moment)| sent_at.steady_ms <= at.steady_ms;
        let request = match self.pending.front().is_some_and(is_reply) {
            true => self.pending.pop_front(),
            false => None,
        };
        self.answered += u64::from(request.is_some());
        let pairing = request.map_or(Pairing::Unpaired, |(request, sent_at)| {
            let round_trip = at.since(sent_at);
            let with = self.next_id;
            let pairing = |with| Pairing::Paired {
                with,
                round_trip,
                service_time,
            };
            self.set_pairing(request, pairing(with));
            pairing(request)
        });
        self.push(Direction::Received, message, framing, at, pairing);
        request.map(|(_, sent_at)| at.since(sent_at))
    }

    /// Leaves the requests unpaired whose replies were not kept.
    pub fn drop_received(&mut self, count: u64) {
        for _ in 0..count {
            let Some((request, _)) = self.pending.pop_front() else {
                return;
            };
            self.answered += 1;
            self.set_pairing(request, Pairing::Unpaired);
        }
    }

    /// Returns true if a row begins another day than the row before: `last` is the latest time, of
    /// the log's end at first. The first row of an empty log begins one if it is not of today.
    pub fn begins_day(&self, last: &mut Option<Moment>, at: Moment) -> bool {
        let last = last.replace(at).or_else(|| Some(self.rows.back()?.at));
        match last {
            Some(last) => !self.zone.is_same_day(last, at),
            None => !self.zone.is_today(at),
        }
    }

    /// Appends a complete row of an import, and a heading of its day if it has left an id for it.
    pub fn append_imported(&mut self, row: Row) {
        if row.id > self.next_id {
            self.push_event(SessionEvent::Day, row.at);
        }
        self.append(row);
    }

    /// Appends a complete row, of an import or the live feed. Its id has to be the next.
    pub fn append(&mut self, row: Row) {
        debug_assert_eq!(row.id, self.next_id, "ids have no gaps");
        self.payload_bytes += row.payload.len();
        self.rows.push_back(Rc::new(row));
        self.next_id += 1;
        self.evict_oldest();
    }

    /// Marks all pending requests as unanswered, because their connection ended; returns
    /// their number.
    pub fn abandon_pending(&mut self) -> u64 {
        let pending = std::mem::take(&mut self.pending);
        let count = pending.len() as u64;
        (self.answered, self.stamped) = (0, 0);
        for (id, _) in pending {
            if !self.is_unsent(id) {
                self.set_pairing(id, Pairing::Unpaired);
            }
        }
        count
    }

    /// Removes all rows. Pending requests still get their replies.
    pub fn clear(&mut self) {
        *self = Self {
            next_id: self.next_id,
            max_rows: self.max_rows,
            pending: std::mem::take(&mut self.pending),
            answered: self.answered,
            stamped: self.stamped,
            next_stamp: self.next_stamp,
            zone: self.zone,
            ..Self::default()
        };
    }

    /// Sets the most rows to keep.
    pub fn set_max_rows(&mut self, max_rows: usize) {
        self.max_rows = max_rows;
        self.evict_oldest();
    }

    /// Returns the rows, the oldest first.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Rc<Row>> + ExactSizeIterator {
        self.rows.iter()
    }

    /// Returns the number of messages that are kept.
    pub fn message_count(&self) -> usize {
        self.rows.len() - self.events
    }

    /// Returns the row with that id, if it is kept.
    pub fn row(&self, id: RowId) -> Option<&Rc<Row>> {
        self.rows.get(self.index(id)?)
    }

    /// Returns the latest message.
    pub fn latest(&self) -> Option<&Rc<Row>> {
        self.rows.iter().rfind(|row| row.event.is_none())
    }

    /// Returns the latest received message of this connection or one before, if it is kept.
    pub fn latest_received(&self) -> Option<&Rc<Row>> {
        self.row(self.received?)
    }

    /// Returns the ids of the rows that are kept.
    pub fn ids(&self) -> Range<RowId> {
        self.next_id - self.rows.len() as u64..self.next_id
    }

    /// Returns the most rows that are kept.
    pub fn max_rows(&self) -> usize {
        self.max_rows
    }

    /// Returns the number of rows evicted so far.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Returns the number of requests that may still be answered.
    pub fn pending(&self) -> u64 {
        self.pending.len() as u64
    }

    /// Returns true if a message waits for its session to be resumed.
    pub fn has_unsent(&self) -> bool {
        self.pending.iter().any(|&(id, _)| self.is_unsent(id))
    }

    fn push(
        &mut self,
        direction: Direction,
        message: Message,
        framing: Option<Framing>,
        at: Moment,
        pairing: Pairing,
    ) {
        let row = self.new_row(direction, message, framing, at, pairing);
        self.append(row);
    }

    fn new_row(
        &self,
        direction: Direction,
        message: Message,
        framing: Option<Framing>,
        at: Moment,
        pairing: Pairing,
    ) -> Row {
        Row {
            id: self.next_id,
            direction,
            kind: message.kind,
            payload: message.payload,
            at,
            pairing,
            framing,
            session: None,
            client: None,
            missing_len: 0,
            event: None,
        }
    }

    fn evict_oldest(&mut self) {
        while self.rows.len() > 1
            && (self.rows.len() > self.max_rows || self.payload_bytes > MAX_PAYLOAD_BYTES)
        {
            if let Some(row) = self.rows.pop_front() {
                self.payload_bytes -= row.payload.len();
                self.events -= usize::from(row.event.is_some());
                self.evicted += 1;
            }
        }
    }

    fn is_unsent(&self, id: RowId) -> bool {
        self.row(id)
            .is_some_and(|row| row.pairing == Pairing::Unsent)
    }

    fn set_pairing(&mut self, id: RowId, pairing: Pairing) {
        if let Some(row) = self.index(id).and_then(|index| self.rows.get_mut(index)) {
            Rc::make_mut(row).pairing = pairing;
        }
    }

    fn index(&self, id: RowId) -> Option<usize> {
        usize::try_from(id.checked_sub(self.ids().start)?).ok()
    }
}

impl Default for MessageLog {
    fn default() -> Self {
        Self {
            rows: VecDeque::new(),
            max_rows: DEFAULT_MAX_ROWS,
            payload_bytes: 0,
            next_id: 0,
            evicted: 0,
            pending: VecDeque::new(),
            answered: 0,
            stamped: 0,
            next_stamp: 0,
            received: None,
            zone: Zone::default(),
            events: 0,
        }
    }
}

#[cfg(test)]
mod tests;
