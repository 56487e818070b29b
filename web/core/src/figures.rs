//! The figures of a session: totals, round trips, and the last minute second by second.

use std::collections::VecDeque;
use std::time::Duration;

use crate::histogram::Histogram;
use crate::log::Direction;
use crate::time::Moment;

/// The seconds that the charts show.
pub const SECONDS: usize = 60;

/// Messages and their payload bytes, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many messages.
    pub messages: u64,
    /// How many bytes of payload.
    pub bytes: u64,
}

/// What happened in one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Second {
    /// Messages sent.
    pub sent: u32,
    /// Messages received.
    pub received: u32,
    /// The longest round trip that ended in it.
    pub round_trip: Option<Duration>,
}

/// All that is counted since the log was cleared. Counting costs the same however much
/// there was before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    sent: Tally,
    received: Tally,
    round_trips: Histogram,
    lost: u64,
    /// The latest seconds with their numbers; the oldest first, those without messages
    /// left out.
    seconds: VecDeque<(u64, Second)>,
}

impl Figures {
    /// Counts a message that was sent.
    pub fn sent(&mut self, len: usize, at: Moment) {
        self.sent.add(len);
        self.second(at).sent += 1;
    }

    /// Counts a message that came in, and its round trip if it is an answer.
    pub fn received(&mut self, len: usize, at: Moment, round_trip: Option<Duration>) {
        self.received.add(len);
        let second = self.second(at);
        second.received += 1;
        second.round_trip = second.round_trip.max(round_trip);
        if let Some(round_trip) = round_trip {
            self.round_trips.add(round_trip);
        }
    }

    /// Counts messages that were sent and will not be answered.
    pub fn lost(&mut self, messages: u64) {
        self.lost += messages;
    }

    /// All messages of one direction.
    pub fn tally(&self, direction: Direction) -> Tally {
        match direction {
            Direction::Sent => self.sent,
            Direction::Received => self.received,
        }
    }

    /// The round trips of all answers.
    pub fn round_trips(&self) -> &Histogram {
        &self.round_trips
    }

    /// How many messages were never answered, because their connection ended.
    pub fn never_answered(&self) -> u64 {
        self.lost
    }

    /// Messages of both directions in the last second that is over at `now`.
    pub fn rate(&self, now: Moment) -> u32 {
        let last = number(now).checked_sub(1);
        let found = self.seconds.iter().find(|(n, _)| Some(*n) == last);
        found.map_or(0, |(_, second)| second.sent + second.received)
    }

    /// The [`SECONDS`] up to `now`, the oldest first.
    pub fn last_minute(&self, now: Moment) -> Vec<Second> {
        let mut minute = vec![Second::default(); SECONDS];
        for (n, second) in &self.seconds {
            let age = number(now).saturating_sub(*n);
            if let Some(place) = usize::try_from(age).ok().filter(|age| *age < SECONDS) {
                minute[SECONDS - 1 - place] = *second;
            }
        }
        minute
    }

    fn second(&mut self, at: Moment) -> &mut Second {
        let last = self.seconds.back().map(|(n, _)| *n);
        // Never backwards, so that they stay in order.
        let n = number(at).max(last.unwrap_or_default());
        if last != Some(n) {
            if self.seconds.len() == SECONDS {
                self.seconds.pop_front();
            }
            self.seconds.push_back((n, Second::default()));
        }
        let index = self.seconds.len() - 1;
        &mut self.seconds[index].1
    }
}

fn number(at: Moment) -> u64 {
    (at.steady_ms / 1000.0) as u64
}

impl Tally {
    fn add(&mut self, len: usize) {
        self.messages += 1;
        self.bytes += len as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Moment {
        Moment {
            local_ms: 0.0,
            steady_ms: seconds * 1000.0,
        }
    }

    #[test]
    fn tallies_count_payload_bytes_each_way() {
        let mut figures = Figures::default();
        figures.sent(5, at(0.0));
        figures.received(12, at(0.1), None);
        figures.received(8, at(0.2), None);
        let tally = |messages, bytes| Tally { messages, bytes };
        assert_eq!(figures.tally(Direction::Sent), tally(1, 5));
        assert_eq!(figures.tally(Direction::Received), tally(2, 20));
    }

    #[test]
    fn the_rate_is_of_the_last_whole_second() {
        let mut figures = Figures::default();
        for ms in [100, 500, 900, 1100] {
            figures.sent(1, at(f64::from(ms) / 1000.0));
        }
        assert_eq!(figures.rate(at(0.95)), 0);
        assert_eq!(figures.rate(at(1.2)), 3);
        assert_eq!(figures.rate(at(2.0)), 1);
        assert_eq!(figures.rate(at(3.0)), 0);
    }

    #[test]
    fn the_last_minute_ends_now_and_has_its_gaps() {
        let mut figures = Figures::default();
        figures.sent(1, at(10.0));
        figures.received(1, at(12.0), Some(Duration::from_millis(2)));
        figures.received(1, at(12.5), Some(Duration::from_millis(1)));
        let minute = figures.last_minute(at(13.0));
        assert_eq!(minute.len(), SECONDS);
        assert_eq!(minute[SECONDS - 4].sent, 1);
        assert_eq!(minute[SECONDS - 3], Second::default());
        assert_eq!(minute[SECONDS - 2].received, 2);
        let longest = Some(Duration::from_millis(2));
        assert_eq!(minute[SECONDS - 2].round_trip, longest);
        assert_eq!(figures.last_minute(at(80.0)), [Second::default(); SECONDS]);
    }

    #[test]
    fn seconds_are_kept_for_a_minute_and_no_longer() {
        let mut figures = Figures::default();
        for second in 0..1000 {
            figures.sent(1, at(f64::from(second)));
        }
        assert_eq!(figures.seconds.len(), SECONDS);
        figures.sent(1, at(0.0));
        assert_eq!(figures.last_minute(at(999.0))[SECONDS - 1].sent, 2);
    }
}
