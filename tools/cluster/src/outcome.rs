//! The outcome of a scenario: the counts of all clients at an entrypoint, and their checks.

use std::time::Duration;

use crate::client::{Reconnect, Tally};
use crate::connection::Entrypoint;
use crate::report::Report;

/// The time in which a client has to be connected again after its backoff, on a machine under
/// full load.
const MAX_CONNECT_TIME: Duration = Duration::from_secs(1);

/// The counts of all clients at one kind of entrypoint.
pub(crate) struct Outcome<'a> {
    name: &'static str,
    tallies: Vec<&'a Tally>,
}

impl<'a> Outcome<'a> {
    /// The outcome of WebSocket clients.
    pub(crate) fn of_bridge(all: &'a [(Entrypoint, Tally)]) -> Self {
        Self::of(all, "WebSocket", |it| matches!(it, Entrypoint::Bridge(_)))
    }

    /// The outcome of TCP clients.
    pub(crate) fn of_echo(all: &'a [(Entrypoint, Tally)]) -> Self {
        Self::of(all, "TCP", |it| matches!(it, Entrypoint::Echo(_)))
    }

    fn of(
        all: &'a [(Entrypoint, Tally)],
        name: &'static str,
        is_included: fn(&Entrypoint) -> bool,
    ) -> Self {
        let included = all.iter().filter(|(entrypoint, _)| is_included(entrypoint));
        let tallies = included.map(|(_, tally)| tally).collect();
        Self { name, tallies }
    }

    pub(crate) fn replies(&self) -> u64 {
        self.sum(|tally| tally.replies)
    }

    pub(crate) fn reconnects(&self) -> impl Iterator<Item = &Reconnect> {
        self.tallies.iter().flat_map(|tally| &tally.reconnects)
    }

    /// The longest time between two replies, among the clients selected by `is_included`.
    pub(crate) fn longest_gap(&self, is_included: fn(&Tally) -> bool) -> Duration {
        let included = self.tallies.iter().filter(|tally| is_included(tally));
        let gaps = included.map(|tally| tally.longest_gap);
        gaps.max().unwrap_or_default()
    }

    /// Prints the figures, and checks that no message was lost, that every lost connection
    /// had the close code `code`, and that every client reconnected at its first attempt.
    pub(crate) fn report(&self, report: &mut Report, code: u16) {
        let name = self.name;
        let backoff = self.reconnects().map(|it| it.backoff).max();
        let gap = self.longest_gap(|tally| !tally.reconnects.is_empty());
        report.figure(&format!("{name} clients"), self.tallies.len());
        report.figure("reconnects", self.reconnects().count());
        report.figure("replies", self.replies());
        report.figure("messages sent again", self.sum(|tally| tally.resent));
        report.figure("longest gap", seconds(gap));
        report.figure("longest backoff", seconds(backoff.unwrap_or_default()));
        for fault in self.tallies.iter().filter_map(|tally| tally.fault.as_ref()) {
            report.fail(fault);
        }
        let lost = self.sum(|tally| tally.sent) - self.replies();
        report.check_equal(&format!("{name} messages lost"), lost, 0);
        report.check(
            format_args!("every lost connection had the close code {code}"),
            self.reconnects().all(|it| it.code == code),
        );
        let failed = self.reconnects().map(|it| it.failed_attempts).sum();
        report.check_equal("failed attempts to reconnect", failed, 0);
        let connecting = self
            .reconnects()
            .map(|it| it.downtime.saturating_sub(it.backoff));
        let connecting = connecting.max().unwrap_or_default();
        report.check(
            format_args!("reconnected {} after the backoff", seconds(connecting)),
            connecting < MAX_CONNECT_TIME,
        );
    }

    fn sum(&self, of: fn(&Tally) -> u64) -> u64 {
        self.tallies.iter().map(|tally| of(tally)).sum()
    }
}

/// Formats a duration in seconds.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
