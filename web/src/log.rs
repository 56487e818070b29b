//! The messages of both directions, in order, and which of them belong together.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;

use crate::time::Moment;

/// The rows that a log keeps.
pub const MAX_ROWS: usize = 1000;

/// The payload bytes that a log keeps, in its rows together: a few of the longest
/// messages, and far from what a tab may hold.
pub const MAX_BYTES: usize = 64 << 20;

/// Names a message for as long as the page lives; later messages have greater ones.
pub type Id = u64;

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the page to the upstream.
    Sent,
    /// From the upstream to the page.
    Received,
}

/// What a WebSocket message said that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text message, which is UTF-8.
    Text,
    /// A binary message, which may be anything.
    Binary,
}

/// How a message is tied to one of the other direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// Sent, and the answer can still come.
    Pending,
    /// Answered by, or an answer to, another message.
    Paired {
        /// The other message, which the log may have let go.
        with: Id,
        /// From the sending to the answer.
        round_trip: Duration,
    },
    /// Sent and never answered, or received unasked.
    Alone,
}

/// One message in the log.
#[derive(Debug, Clone)]
pub struct Row {
    /// The message's name.
    pub id: Id,
    /// Which way it went.
    pub direction: Direction,
    /// What kind of WebSocket message it was.
    pub kind: Kind,
    /// What it said: the frame's payload.
    pub payload: Bytes,
    /// When it was sent or came in.
    pub at: Moment,
    /// What it answers, or what answered it.
    pub tie: Tie,
}

/// Messages and their payload bytes, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many messages.
    pub messages: u64,
    /// How many bytes of payload.
    pub bytes: u64,
}

/// The latest messages, and counts of all.
///
/// A reply belongs to the oldest message that has none yet: a framed stream carries
/// no other mark, and a service that answers in order needs none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    /// Their ids have no gaps.
    rows: VecDeque<Rc<Row>>,
    /// Payload bytes in `rows`.
    bytes: usize,
    next_id: Id,
    let_go: u64,
    /// Sent and not answered yet, the oldest first.
    pending: VecDeque<(Id, Moment)>,
    sent: Tally,
    received: Tally,
    /// Sent on a connection that is gone, and not answered.
    lost: u64,
}

impl Log {
    /// Adds a message that was sent.
    pub fn sent(&mut self, payload: Bytes, at: Moment) {
        self.sent.add(&payload);
        self.pending.push_back((self.next_id, at));
        self.push(Direction::Sent, Kind::Text, payload, at, Tie::Pending);
    }

    /// Adds a message that came in, and ties it to the one that it answers.
    pub fn received(&mut self, kind: Kind, payload: Bytes, at: Moment) {
        self.received.add(&payload);
        let tie = match self.pending.pop_front() {
            Some((request, sent_at)) => {
                let round_trip = at.since(sent_at);
                let with = self.next_id;
                self.tie(request, Tie::Paired { with, round_trip });
                Tie::Paired {
                    with: request,
                    round_trip,
                }
            }
            None => Tie::Alone,
        };
        self.push(Direction::Received, kind, payload, at, tie);
    }

    /// Gives up on all answers that have not come: their connection is gone.
    pub fn abandon_pending(&mut self) {
        self.lost += self.pending.len() as u64;
        for (id, _) in std::mem::take(&mut self.pending) {
            self.tie(id, Tie::Alone);
        }
    }

    /// Forgets all messages and counts. Answers that are still to come find theirs.
    pub fn clear(&mut self) {
        *self = Self {
            next_id: self.next_id,
            pending: std::mem::take(&mut self.pending),
            ..Self::default()
        };
    }

    /// The messages that are kept, the oldest first.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Rc<Row>> + ExactSizeIterator {
        self.rows.iter()
    }

    /// The message called `id`, if it is kept.
    pub fn row(&self, id: Id) -> Option<&Rc<Row>> {
        self.rows.get(self.index(id)?)
    }

    /// The latest message.
    pub fn latest(&self) -> Option<&Rc<Row>> {
        self.rows.back()
    }

    /// How many messages were let go to stay within the log's limits.
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// All that was sent since the log was cleared.
    pub fn sent_tally(&self) -> Tally {
        self.sent
    }

    /// All that came in since the log was cleared.
    pub fn received_tally(&self) -> Tally {
        self.received
    }

    /// How many messages have no answer, be it that none came yet or never will.
    pub fn unanswered(&self) -> u64 {
        self.lost + self.pending.len() as u64
    }

    /// The median round trip of the answers that are kept.
    pub fn median_round_trip(&self) -> Option<Duration> {
        let mut round_trips: Vec<_> = self
            .rows()
            .filter(|row| row.direction == Direction::Received)
            .filter_map(|row| row.round_trip())
            .collect();
        let middle = round_trips.len().checked_sub(1)? / 2;
        Some(*round_trips.select_nth_unstable(middle).1)
    }

    fn push(&mut self, direction: Direction, kind: Kind, payload: Bytes, at: Moment, tie: Tie) {
        self.bytes += payload.len();
        self.rows.push_back(Rc::new(Row {
            id: self.next_id,
            direction,
            kind,
            payload,
            at,
            tie,
        }));
        self.next_id += 1;
        while self.rows.len() > 1 && (self.rows.len() > MAX_ROWS || self.bytes > MAX_BYTES) {
            self.let_oldest_go();
        }
    }

    fn let_oldest_go(&mut self) {
        if let Some(row) = self.rows.pop_front() {
            self.bytes -= row.payload.len();
            self.let_go += 1;
        }
    }

    fn tie(&mut self, id: Id, tie: Tie) {
        if let Some(row) = self.index(id).and_then(|index| self.rows.get_mut(index)) {
            Rc::make_mut(row).tie = tie;
        }
    }

    fn index(&self, id: Id) -> Option<usize> {
        let first = self.rows.front()?.id;
        usize::try_from(id.checked_sub(first)?).ok()
    }
}

/// Rows with the same name and ties are the same: nothing else in them ever changes.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.tie == other.tie
    }
}

impl Eq for Row {}

impl Row {
    /// The time from a message to its answer, told by either of them.
    pub fn round_trip(&self) -> Option<Duration> {
        match self.tie {
            Tie::Paired { round_trip, .. } => Some(round_trip),
            Tie::Pending | Tie::Alone => None,
        }
    }

    /// The message that this one answers or was answered by.
    pub fn partner(&self) -> Option<Id> {
        match self.tie {
            Tie::Paired { with, .. } => Some(with),
            Tie::Pending | Tie::Alone => None,
        }
    }
}

impl Tally {
    fn add(&mut self, payload: &Bytes) {
        self.messages += 1;
        self.bytes += payload.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: f64) -> Moment {
        Moment {
            local_ms: 0.0,
            steady_ms: ms,
        }
    }

    fn paired(with: Id, ms: u64) -> Tie {
        Tie::Paired {
            with,
            round_trip: Duration::from_millis(ms),
        }
    }

    fn ties(log: &Log) -> Vec<Tie> {
        log.rows().map(|row| row.tie).collect()
    }

    /// A log of `sent` then `received` messages, one millisecond after another.
    fn exchange(sent: u64, received: u64) -> Log {
        let mut log = Log::default();
        for ms in 0..sent {
            log.sent("hello".into(), at(ms as f64));
        }
        for ms in sent..sent + received {
            log.received(Kind::Text, "echo : hello".into(), at(ms as f64));
        }
        log
    }

    #[test]
    fn an_answer_belongs_to_the_oldest_unanswered_message() {
        let log = exchange(2, 1);
        assert_eq!(ties(&log), [paired(2, 2), Tie::Pending, paired(0, 2)]);
        assert_eq!(log.unanswered(), 1);
        let log = exchange(1, 2);
        assert_eq!(ties(&log), [paired(1, 1), paired(0, 1), Tie::Alone]);
        assert_eq!(log.unanswered(), 0);
    }

    #[test]
    fn what_was_pending_on_a_lost_connection_stays_unanswered() {
        let mut log = exchange(2, 1);
        log.abandon_pending();
        assert_eq!(ties(&log), [paired(2, 2), Tie::Alone, paired(0, 2)]);
        assert_eq!(log.unanswered(), 1);
        log.received(Kind::Text, "late".into(), at(9.0));
        assert_eq!(log.latest().unwrap().tie, Tie::Alone);
        assert_eq!(log.unanswered(), 1);
    }

    #[test]
    fn tallies_count_payload_bytes_each_way() {
        let log = exchange(3, 2);
        let tally = |messages, bytes| Tally { messages, bytes };
        assert_eq!(log.sent_tally(), tally(3, 15));
        assert_eq!(log.received_tally(), tally(2, 24));
    }

    #[test]
    fn beyond_the_rows_kept_the_oldest_go_and_ids_still_find_theirs() {
        let log = exchange(MAX_ROWS as u64, 2);
        assert_eq!(log.rows().len(), MAX_ROWS);
        assert_eq!(log.let_go(), 2);
        assert_eq!(log.row(1), None);
        assert_eq!(log.row(2).unwrap().id, 2);
        assert_eq!(log.row(MAX_ROWS as u64 + 2), None);
        assert_eq!(
            log.latest().unwrap().round_trip(),
            Some(Duration::from_millis(MAX_ROWS as u64))
        );
    }

    #[test]
    fn beyond_the_bytes_kept_the_oldest_go_but_never_the_latest() {
        let mut log = exchange(1, 1);
        let huge = Bytes::from(vec![b'x'; MAX_BYTES + 1]);
        log.sent(huge, at(2.0));
        assert_eq!((log.rows().len(), log.let_go()), (1, 2));
        log.received(Kind::Text, "small".into(), at(3.0));
        assert_eq!((log.rows().len(), log.let_go()), (1, 3));
        assert_eq!(log.latest().unwrap().payload, "small");
    }

    #[test]
    fn clearing_forgets_rows_and_counts_but_not_what_is_on_its_way() {
        let mut log = exchange(2, 1);
        log.clear();
        assert_eq!(log.rows().len(), 0);
        assert_eq!(log.sent_tally(), Tally::default());
        assert_eq!(log.unanswered(), 1);
        log.received(Kind::Text, "echo".into(), at(8.0));
        assert_eq!(ties(&log), [paired(1, 7)]);
    }

    #[test]
    fn the_median_is_of_the_answers() {
        let median = |log: &Log| log.median_round_trip().map(|trip| trip.as_millis());
        assert_eq!(median(&exchange(2, 0)), None);
        let mut log = Log::default();
        for ms in [7.0, 1.0, 3.0] {
            log.sent("a".into(), at(0.0));
            log.received(Kind::Text, "b".into(), at(ms));
        }
        assert_eq!(median(&log), Some(3));
        log.sent("a".into(), at(0.0));
        log.received(Kind::Text, "b".into(), at(99.0));
        assert_eq!(median(&log), Some(3));
    }
}
