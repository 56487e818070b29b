//! Limit on log lines: an event that peers can cause at any rate cannot fill the disk.

use std::mem::take;
use std::time::{Duration, Instant};

/// Limit of a number of lines in each window of time, which begins with its first line.
#[derive(Debug)]
pub(crate) struct LogLimit {
    lines_per_window: u32,
    window: Duration,
    began: Option<Instant>,
    /// Lines since then.
    lines: u32,
    /// Events without a line, since the last line.
    unlogged: u64,
}

impl LogLimit {
    pub(crate) fn new(lines_per_window: u32, window: Duration) -> Self {
        Self {
            lines_per_window,
            window,
            began: None,
            lines: 0,
            unlogged: 0,
        }
    }

    /// Returns the number of events without a line before this one; `None` if this one gets no
    /// line either.
    pub(crate) fn admit(&mut self, now: Instant) -> Option<u64> {
        if self
            .began
            .is_none_or(|began| now.duration_since(began) >= self.window)
        {
            self.began = Some(now);
            self.lines = 0;
        }
        if self.lines == self.lines_per_window {
            self.unlogged += 1;
            return None;
        }
        self.lines += 1;
        Some(take(&mut self.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_window_are_limited_and_the_next_one_counts_the_missing() {
        const WINDOW: Duration = Duration::from_secs(10);
        let (mut limit, now) = (LogLimit::new(10, WINDOW), Instant::now());
        let lines = (0..25).filter(|_| limit.admit(now).is_some()).count();
        assert_eq!(lines, 10);
        assert_eq!(limit.admit(now + WINDOW), Some(15));
        assert_eq!(limit.admit(now + WINDOW), Some(0));
    }
}
