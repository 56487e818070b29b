//! What clients saw, all together.

use std::time::Duration;

use crate::client::{Move, Tally};
use crate::link::Door;
use crate::report::Report;

/// What the system may take for a connection, on a machine at its limit.
const CONNECTING: Duration = Duration::from_secs(1);

/// What came of all clients at one kind of door.
pub(crate) struct Outcome<'a> {
    name: &'static str,
    tallies: Vec<&'a Tally>,
}

impl<'a> Outcome<'a> {
    /// Of WebSocket clients.
    pub(crate) fn of_bridge(all: &'a [(Door, Tally)]) -> Self {
        Self::of(all, "WebSocket", |door| matches!(door, Door::Bridge(_)))
    }

    /// Of TCP clients.
    pub(crate) fn of_echo(all: &'a [(Door, Tally)]) -> Self {
        Self::of(all, "TCP", |door| matches!(door, Door::Echo(_)))
    }

    fn of(all: &'a [(Door, Tally)], name: &'static str, is_theirs: fn(&Door) -> bool) -> Self {
        let theirs = all.iter().filter(|(door, _)| is_theirs(door));
        let tallies = theirs.map(|(_, tally)| tally).collect();
        Self { name, tallies }
    }

    pub(crate) fn replies(&self) -> u64 {
        self.sum(|tally| tally.replies)
    }

    /// The connections that were lost, and followed by others.
    pub(crate) fn moves(&self) -> impl Iterator<Item = &Move> {
        self.tallies.iter().flat_map(|tally| &tally.moves)
    }

    /// The longest time between two replies, of those clients for which `is_meant`.
    pub(crate) fn longest_gap(&self, is_meant: fn(&Tally) -> bool) -> Duration {
        let meant = self.tallies.iter().filter(|tally| is_meant(tally));
        meant
            .map(|tally| tally.longest_gap)
            .max()
            .unwrap_or_default()
    }

    /// Tells the figures, and checks that nothing was lost and that all who lost their
    /// connection, which has to be with `code`, came back as the page does.
    pub(crate) fn tell(&self, report: &mut Report, code: u16) {
        let name = self.name;
        let waited = self.moves().map(|it| it.waited).max().unwrap_or_default();
        let moved = self.longest_gap(|tally| !tally.moves.is_empty());
        report.figure(&format!("{name} clients"), self.tallies.len());
        report.figure("connections that ended, and moved", self.moves().count());
        report.figure("replies", self.replies());
        report.figure("messages sent again", self.sum(|tally| tally.again));
        report.figure("longest gap", seconds(moved));
        report.figure("longest backoff", seconds(waited));
        for fault in self.tallies.iter().filter_map(|tally| tally.fault.as_ref()) {
            report.check(fault, false);
        }
        let lost = self.sum(|tally| tally.sent) - self.replies();
        report.equal(&format!("{name} messages lost"), lost, 0);
        report.check(
            format_args!("every connection that ended had the code {code}"),
            self.moves().all(|it| it.code == code),
        );
        let failed = self.moves().map(|it| it.failed_attempts).sum();
        report.equal("attempts to come back that failed", failed, 0);
        let late = self.moves().map(|it| it.away.saturating_sub(it.waited));
        let late = late.max().unwrap_or_default();
        report.check(
            format_args!("back after the backoff and {}", seconds(late)),
            late < CONNECTING,
        );
    }

    fn sum(&self, of: fn(&Tally) -> u64) -> u64 {
        self.tallies.iter().map(|tally| of(tally)).sum()
    }
}

/// A time as people read it.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
