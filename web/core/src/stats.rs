//! Message statistics: totals, round trips, and the last minute second by second.

use std::collections::VecDeque;
use std::time::Duration;

use crate::histogram::Histogram;
use crate::message::Direction;
use crate::time::Moment;

/// The number of seconds in the charts.
pub const SECONDS: usize = 60;

/// Totals of one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// The number of messages.
    pub messages: u64,
    /// Their payload bytes.
    pub bytes: u64,
}

/// Statistics of one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Second {
    /// Messages sent.
    pub sent: u32,
    /// Messages received.
    pub received: u32,
    /// The longest round trip that ended in this second.
    pub round_trip: Option<Duration>,
    /// The part of it that the service took, if the gateway has told.
    pub service_time: Option<Duration>,
}

/// Statistics since the log was last cleared. Counting a message costs constant time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    sent: Tally,
    received: Tally,
    round_trips: Histogram,
    service_times: Histogram,
    ways: Histogram,
    unanswered: u64,
    dropped: u64,
    /// The latest seconds with messages, keyed by their number, the oldest first.
    seconds: VecDeque<(u64, Second)>,
}

impl Stats {
    /// Counts a sent message.
    pub fn count_sent(&mut self, len: usize, at: Moment) {
        self.sent.add(len);
        self.second_mut(at).sent += 1;
    }

    /// Counts a received message, and if it is a reply, its round trip and the part of it that
    /// the service took.
    pub fn count_received(
        &mut self,
        len: usize,
        at: Moment,
        round_trip: Option<Duration>,
        service_time: Option<Duration>,
    ) {
        self.received.add(len);
        let second = self.second_mut(at);
        second.received += 1;
        if round_trip > second.round_trip {
            second.round_trip = round_trip;
            second.service_time = service_time;
        }
        if let Some(round_trip) = round_trip {
            self.round_trips.add(round_trip);
            if let Some(service_time) = service_time {
                self.service_times.add(service_time);
                self.ways.add(round_trip.saturating_sub(service_time));
            }
        }
    }

    /// Counts requests that were abandoned.
    pub fn count_unanswered(&mut self, messages: u64) {
        self.unanswered += messages;
    }

    /// Counts received messages that were not kept.
    pub fn count_dropped(&mut self, messages: u64) {
        self.dropped += messages;
    }

    /// Returns the totals of one direction.
    pub fn tally(&self, direction: Direction) -> Tally {
        match direction {
            Direction::Sent => self.sent,
            Direction::Received => self.received,
        }
    }

    /// Returns the round trips of all replies.
    pub fn round_trips(&self) -> &Histogram {
        &self.round_trips
    }

    /// Returns the times that the service took, as far as the gateway has told.
    pub fn service_times(&self) -> &Histogram {
        &self.service_times
    }

    /// Returns the rests of the round trips: network, gateway and browser.
    pub fn ways(&self) -> &Histogram {
        &self.ways
    }

    /// Returns the number of requests that were abandoned, because their connection ended.
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// Returns the number of messages that came faster than the page took them.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Returns the messages of both directions in the last whole second before `now`.
    pub fn rate(&self, now: Moment) -> u32 {
        let last = second_number(now).checked_sub(1);
        let found = self.seconds.iter().find(|(n, _)| Some(*n) == last);
        found.map_or(0, |(_, second)| second.sent + second.received)
    }

    /// Returns the last [`SECONDS`] up to `now`, the oldest first.
    pub fn last_minute(&self, now: Moment) -> Vec<Second> {
        let mut minute = vec![Second::default(); SECONDS];
        for (n, second) in &self.seconds {
            let age = second_number(now).saturating_sub(*n);
            if let Some(place) = usize::try_from(age).ok().filter(|age| *age < SECONDS) {
                minute[SECONDS - 1 - place] = *second;
            }
        }
        minute
    }

    fn second_mut(&mut self, at: Moment) -> &mut Second {
        let last = self.seconds.back().map(|(n, _)| *n);
        // Clamped, so that the seconds stay in order.
        let n = second_number(at).max(last.unwrap_or_default());
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

fn second_number(at: Moment) -> u64 {
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
            utc_ms: 0.0,
            steady_ms: seconds * 1000.0,
        }
    }

    #[test]
    fn tallies_count_payload_bytes_each_way() {
        let mut stats = Stats::default();
        stats.count_sent(5, at(0.0));
        stats.count_received(12, at(0.1), None, None);
        stats.count_received(8, at(0.2), None, None);
        let tally = |messages, bytes| Tally { messages, bytes };
        assert_eq!(stats.tally(Direction::Sent), tally(1, 5));
        assert_eq!(stats.tally(Direction::Received), tally(2, 20));
    }

    #[test]
    fn the_rate_is_of_the_last_whole_second() {
        let mut stats = Stats::default();
        for ms in [100, 500, 900, 1100] {
            stats.count_sent(1, at(f64::from(ms) / 1000.0));
        }
        assert_eq!(stats.rate(at(0.95)), 0);
        assert_eq!(stats.rate(at(1.2)), 3);
        assert_eq!(stats.rate(at(2.0)), 1);
        assert_eq!(stats.rate(at(3.0)), 0);
    }

    #[test]
    fn last_minute_ends_now_and_includes_empty_seconds() {
        let mut stats = Stats::default();
        stats.count_sent(1, at(10.0));
        let ms = |ms| Some(Duration::from_millis(ms));
        stats.count_received(1, at(12.0), ms(2), None);
        stats.count_received(1, at(12.5), ms(1), None);
        let minute = stats.last_minute(at(13.0));
        assert_eq!(minute.len(), SECONDS);
        assert_eq!(minute[SECONDS - 4].sent, 1);
        assert_eq!(minute[SECONDS - 3], Second::default());
        assert_eq!(minute[SECONDS - 2].received, 2);
        let longest = Some(Duration::from_millis(2));
        assert_eq!(minute[SECONDS - 2].round_trip, longest);
        assert_eq!(stats.last_minute(at(80.0)), [Second::default(); SECONDS]);
    }

    #[test]
    fn seconds_are_kept_for_one_minute() {
        let mut stats = Stats::default();
        for second in 0..1000 {
            stats.count_sent(1, at(f64::from(second)));
        }
        assert_eq!(stats.seconds.len(), SECONDS);
        stats.count_sent(1, at(0.0));
        assert_eq!(stats.last_minute(at(999.0))[SECONDS - 1].sent, 2);
    }
}
