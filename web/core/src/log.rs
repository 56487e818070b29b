//! The messages of both directions, in order, and which of them belong together.

use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;

use crate::draft::Message;
use crate::time::Moment;

/// The rows that a log keeps, unless the person sets another cap.
pub const DEFAULT_ROWS: usize = 10_000;

/// The caps that a person can set.
pub const ROW_CAPS: [usize; 3] = [1000, DEFAULT_ROWS, 100_000];

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
    /// Whose message it is, if not this page's: the gateway's number for the session.
    pub session: Option<u64>,
    /// How many bytes it went on for after its payload: of others' messages, the gateway
    /// tells the beginning.
    pub cut: usize,
}

/// The latest messages.
///
/// A reply belongs to the oldest message that has none yet: a framed stream carries
/// no other mark, and a service that answers in order needs none. Adding a message costs
/// the same however many there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// Their ids have no gaps.
    rows: VecDeque<Rc<Row>>,
    max_rows: usize,
    /// Payload bytes in `rows`.
    bytes: usize,
    next_id: Id,
    let_go: u64,
    /// Sent and not answered yet, the oldest first.
    pending: VecDeque<(Id, Moment)>,
}

impl Log {
    /// Adds a message that was sent.
    pub fn sent(&mut self, kind: Kind, payload: Bytes, at: Moment) {
        self.pending.push_back((self.next_id, at));
        self.push(Direction::Sent, kind, payload, at, Tie::Pending);
    }

    /// Adds a message that came in, ties it to the one that it answers, and returns how
    /// long that took.
    pub fn received(&mut self, kind: Kind, payload: Bytes, at: Moment) -> Option<Duration> {
        let answers = self.pending.pop_front();
        let tie = answers.map_or(Tie::Alone, |(request, sent_at)| {
            let round_trip = at.since(sent_at);
            let with = self.next_id;
            self.tie(request, Tie::Paired { with, round_trip });
            Tie::Paired {
                with: request,
                round_trip,
            }
        });
        self.push(Direction::Received, kind, payload, at, tie);
        answers.map(|(_, sent_at)| at.since(sent_at))
    }

    /// Adds a message of another session as it was. Its name has to be the next.
    pub fn restore(&mut self, row: Row) {
        debug_assert_eq!(row.id, self.next_id, "ids have no gaps");
        self.insert(row);
    }

    /// Gives up on all answers that have not come, because their connection is gone;
    /// returns how many those are.
    pub fn abandon_pending(&mut self) -> u64 {
        let pending = std::mem::take(&mut self.pending);
        let count = pending.len() as u64;
        for (id, _) in pending {
            self.tie(id, Tie::Alone);
        }
        count
    }

    /// Forgets all messages. Answers that are still to come find theirs.
    pub fn clear(&mut self) {
        *self = Self {
            next_id: self.next_id,
            max_rows: self.max_rows,
            pending: std::mem::take(&mut self.pending),
            ..Self::default()
        };
    }

    /// Keeps at most `max_rows` messages from now on.
    pub fn limit(&mut self, max_rows: usize) {
        self.max_rows = max_rows;
        self.let_oldest_go();
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

    /// The names of the messages that are kept: from the first to before the end.
    pub fn ids(&self) -> Range<Id> {
        self.next_id - self.rows.len() as u64..self.next_id
    }

    /// How many messages are kept at most.
    pub fn max_rows(&self) -> usize {
        self.max_rows
    }

    /// How many messages were let go to stay within the log's limits.
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// How many messages may still be answered.
    pub fn pending(&self) -> u64 {
        self.pending.len() as u64
    }

    fn push(&mut self, direction: Direction, kind: Kind, payload: Bytes, at: Moment, tie: Tie) {
        self.insert(Row {
            id: self.next_id,
            direction,
            kind,
            payload,
            at,
            tie,
            session: None,
            cut: 0,
        });
    }

    fn insert(&mut self, row: Row) {
        self.bytes += row.payload.len();
        self.rows.push_back(Rc::new(row));
        self.next_id += 1;
        self.let_oldest_go();
    }

    fn let_oldest_go(&mut self) {
        while self.rows.len() > 1 && (self.rows.len() > self.max_rows || self.bytes > MAX_BYTES) {
            if let Some(row) = self.rows.pop_front() {
                self.bytes -= row.payload.len();
                self.let_go += 1;
            }
        }
    }

    fn tie(&mut self, id: Id, tie: Tie) {
        if let Some(row) = self.index(id).and_then(|index| self.rows.get_mut(index)) {
            Rc::make_mut(row).tie = tie;
        }
    }

    fn index(&self, id: Id) -> Option<usize> {
        usize::try_from(id.checked_sub(self.ids().start)?).ok()
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            rows: VecDeque::new(),
            max_rows: DEFAULT_ROWS,
            bytes: 0,
            next_id: 0,
            let_go: 0,
            pending: VecDeque::new(),
        }
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
    /// The message's length in bytes, also of what is not here.
    pub fn whole_len(&self) -> usize {
        self.payload.len() + self.cut
    }

    /// The same message, to be sent again.
    pub fn message(&self) -> Message {
        Message {
            kind: self.kind,
            payload: self.payload.clone(),
        }
    }

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
            log.sent(Kind::Text, "hello".into(), at(ms as f64));
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
        assert_eq!(log.pending(), 1);
        let log = exchange(1, 2);
        assert_eq!(ties(&log), [paired(1, 1), paired(0, 1), Tie::Alone]);
        assert_eq!(log.pending(), 0);
    }

    #[test]
    fn what_was_pending_on_a_lost_connection_stays_unanswered() {
        let mut log = exchange(2, 1);
        assert_eq!(log.abandon_pending(), 1);
        assert_eq!(ties(&log), [paired(2, 2), Tie::Alone, paired(0, 2)]);
        assert_eq!(log.pending(), 0);
        log.received(Kind::Text, "late".into(), at(9.0));
        assert_eq!(log.latest().unwrap().tie, Tie::Alone);
    }

    #[test]
    fn beyond_the_rows_kept_the_oldest_go_and_ids_still_find_theirs() {
        let log = exchange(DEFAULT_ROWS as u64, 2);
        assert_eq!(log.rows().len(), DEFAULT_ROWS);
        assert_eq!(log.let_go(), 2);
        assert_eq!(log.row(1), None);
        assert_eq!(log.row(2).unwrap().id, 2);
        assert_eq!(log.row(DEFAULT_ROWS as u64 + 2), None);
        assert_eq!(
            log.latest().unwrap().round_trip(),
            Some(Duration::from_millis(DEFAULT_ROWS as u64))
        );
    }

    #[test]
    fn a_lower_cap_lets_the_oldest_go_at_once() {
        let mut log = exchange(5, 0);
        log.limit(3);
        assert_eq!((log.ids(), log.let_go()), (2..5, 2));
        log.sent(Kind::Text, "a".into(), at(9.0));
        assert_eq!(log.ids(), 3..6);
        log.clear();
        assert_eq!((log.ids(), log.max_rows()), (6..6, 3));
    }

    #[test]
    fn beyond_the_bytes_kept_the_oldest_go_but_never_the_latest() {
        let mut log = exchange(1, 1);
        let huge = Bytes::from(vec![b'x'; MAX_BYTES + 1]);
        log.sent(Kind::Text, huge, at(2.0));
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
        assert_eq!(log.pending(), 1);
        log.received(Kind::Text, "echo".into(), at(8.0));
        assert_eq!(ties(&log), [paired(1, 7)]);
    }
}
