//! Failures to accept a connection: the pause before the next attempt, and rate-limited log lines.

use std::io;
use std::time::{Duration, Instant};

use net::error_text::io_error_text;
use tracing::warn;

use crate::log_limit::LogLimit;

/// The number of failures in a row that may be those of single connections: one was aborted, or a
/// firewall refused it. After them, the system has no descriptors, memory or network.
const SINGLE_FAILURES: u32 = 16;

/// The pause after a failure of the system, in which a descriptor may become free.
const PAUSE: Duration = Duration::from_millis(50);

/// The time between two log lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// The failures of a listener.
#[derive(Debug)]
pub(super) struct AcceptFailures {
    in_a_row: u32,
    /// Limits the lines about failures of the system.
    log_limit: LogLimit,
}

impl Default for AcceptFailures {
    fn default() -> Self {
        Self {
            in_a_row: 0,
            log_limit: LogLimit::new(1, LINE_INTERVAL),
        }
    }
}

impl AcceptFailures {
    /// Notes that a connection was accepted.
    pub(super) fn accepted(&mut self) {
        self.in_a_row = 0;
    }

    /// Notes a failure. Returns the pause before the next attempt; none if the failure may be
    /// that of one connection.
    pub(super) fn failed(&mut self, error: &io::Error, listener: &str) -> Option<Duration> {
        let attempts = self.failed_at(Instant::now())?;
        if attempts > 0 {
            let error = io_error_text(error);
            warn!(
                listener,
                error, attempts, "cannot accept connections; they wait, and are tried again"
            );
        }
        Some(PAUSE)
    }

    /// Returns the number of failures to log, 0 for no line; `None` if the failure may be that
    /// of one connection.
    fn failed_at(&mut self, now: Instant) -> Option<u64> {
        self.in_a_row = self.in_a_row.saturating_add(1);
        if self.in_a_row <= SINGLE_FAILURES {
            return None;
        }
        let unlogged = self.log_limit.admit(now);
        Some(unlogged.map_or(0, |unlogged| unlogged + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_of_one_connection_is_retried_at_once_and_never_logged() {
        let mut failures = AcceptFailures::default();
        for _ in 0..1000 {
            let aborted = io::Error::from(io::ErrorKind::ConnectionAborted);
            assert_eq!(failures.failed(&aborted, "http"), None);
            failures.accepted();
        }
    }

    #[test]
    fn failures_of_the_system_are_logged_once_in_ten_seconds_with_their_number() {
        let mut failures = AcceptFailures::default();
        let begin = Instant::now();
        for _ in 0..SINGLE_FAILURES {
            assert_eq!(failures.failed_at(begin), None);
        }
        let at = |tick: u32| begin + PAUSE * tick;
        let lines: Vec<_> = (0..=400)
            .filter_map(|tick| failures.failed_at(at(tick)))
            .collect();
        let lines: Vec<_> = lines.into_iter().filter(|&count| count > 0).collect();
        assert_eq!(lines, [1, 200, 200]);
    }
}
