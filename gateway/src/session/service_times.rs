//! Service times: from a request's last byte to the upstream to its reply's last byte back.
//!
//! The n-th reply belongs to the n-th request. A batch of requests is written at one time, and a
//! batch of replies read at one time: no message asks for the time.

use std::collections::VecDeque;

use tokio::time::Instant;

/// Maximum number of batches whose time is kept.
const MAX_BATCHES: usize = 1024;

/// Capacity above which an empty queue gives its memory back.
const KEPT_CAPACITY: usize = 16;

/// Times at which requests were written that have no reply yet.
#[derive(Debug, Default)]
pub(super) struct ServiceTimes {
    batches: VecDeque<Batch>,
}

/// Requests that were written at one time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batch {
    pub(super) unanswered: u64,
    /// The time; `None` after [`MAX_BATCHES`] others.
    pub(super) written: Option<Instant>,
}

impl ServiceTimes {
    /// Notes that `count` requests were written.
    pub(super) fn note_requests(&mut self, count: u64, written: Instant) {
        let is_full = self.batches.len() >= MAX_BATCHES;
        match self.batches.back_mut() {
            Some(last) if is_full => {
                last.unanswered += count;
                last.written = None;
            }
            _ => self.batches.push_back(Batch {
                unanswered: count,
                written: Some(written),
            }),
        }
    }

    /// Takes the requests of the next replies; `None` if these answer none.
    pub(super) fn take(&mut self) -> Option<Batch> {
        let first = self.batches.pop_front();
        if self.batches.is_empty() && self.batches.capacity() > KEPT_CAPACITY {
            self.batches = VecDeque::new();
        }
        first
    }

    /// Puts back what is left of a batch that was taken.
    pub(super) fn put_back(&mut self, rest: Batch) {
        if rest.unanswered > 0 {
            self.batches.push_front(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    /// Returns the service time of the next reply, in milliseconds.
    fn next_reply(times: &mut ServiceTimes, read: Instant) -> Option<u128> {
        let written = take_one(times)?;
        Some(read.saturating_duration_since(written).as_millis())
    }

    /// Takes the next request, and returns the time at which it was written.
    fn take_one(times: &mut ServiceTimes) -> Option<Instant> {
        let mut batch = times.take()?;
        batch.unanswered -= 1;
        times.put_back(batch);
        batch.written
    }

    #[test]
    fn nth_reply_belongs_to_the_nth_request() {
        let (start, mut times) = (Instant::now(), ServiceTimes::default());
        times.note_requests(2, start);
        times.note_requests(1, at(start, 10));
        assert_eq!(next_reply(&mut times, at(start, 5)), Some(5));
        assert_eq!(next_reply(&mut times, at(start, 15)), Some(15));
        assert_eq!(next_reply(&mut times, at(start, 15)), Some(5));
        assert_eq!(next_reply(&mut times, at(start, 16)), None);
    }

    #[test]
    fn message_that_answers_none_has_no_time_and_takes_none_away() {
        let (start, mut times) = (Instant::now(), ServiceTimes::default());
        assert_eq!(next_reply(&mut times, start), None);
        times.note_requests(1, start);
        assert_eq!(next_reply(&mut times, at(start, 7)), Some(7));
    }

    #[test]
    fn requests_beyond_the_bound_are_paired_without_a_time() {
        let (start, mut times) = (Instant::now(), ServiceTimes::default());
        for _ in 0..2 * MAX_BATCHES {
            times.note_requests(1, start);
        }
        assert_eq!(times.batches.len(), MAX_BATCHES);
        for number in 0..2 * MAX_BATCHES {
            let is_known = take_one(&mut times).is_some();
            assert_eq!(is_known, number < MAX_BATCHES - 1, "{number}");
        }
        times.note_requests(1, at(start, 2));
        assert_eq!(next_reply(&mut times, at(start, 3)), Some(1));
    }
}
