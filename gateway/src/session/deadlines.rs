//! Deadlines of a session's end: its steps share the time that the whole has.

use std::time::Duration;

use crate::limits::Limits;
use crate::runtime::stop::GRACE_PERIOD;
use crate::session::session_end::SessionEnd;

/// Wait for replies after the client's Close: too short for a person to notice, and long
/// enough for a reply that is on its way.
const AFTER_CLOSE: Duration = Duration::from_millis(200);

/// Total for a session's end if the drain has no time limit, or if no drain is going on.
const TOTAL: Duration = Duration::from_secs(10);

/// Deadlines of the steps, each from the end of the step before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadlines {
    /// Time for the replies that are owed; `None` waits without a limit.
    pub(crate) replies: Option<Duration>,
    /// Time until the upstream is told, by a half-close, that no more messages come; it is a
    /// part of the time for replies. `None` leaves it open.
    ///
    /// An upstream that answers several messages with one frame, or with none, ends its side
    /// then when it is done. Others end theirs at once, so that replies would be lost.
    pub(crate) half_close: Option<Duration>,
    /// Time for the closing handshake.
    pub(crate) close: Duration,
    /// Time for a [lingering close](crate::io::lingering_close).
    pub(crate) linger: Duration,
}

impl Deadlines {
    pub(crate) fn new(end: &SessionEnd, limits: &Limits) -> Self {
        match end {
            SessionEnd::Shutdown => Self::of_drain(limits),
            SessionEnd::ClientClosed(_) => Self {
                replies: Some(AFTER_CLOSE),
                half_close: None,
                ..Self::default()
            },
            _ => Self::default(),
        }
    }

    /// The deadlines in a drain. Together they are shorter than the drain timeout: a session
    /// that is cut off could neither send its Close nor log its end.
    fn of_drain(limits: &Limits) -> Self {
        match limits.drain_timeout {
            None => Self {
                replies: None,
                ..Self::default()
            },
            Some(total) => Self::within(total.saturating_sub(GRACE_PERIOD).max(total / 2)),
        }
    }

    /// Shares `total` out: a sixteenth is left over.
    fn within(total: Duration) -> Self {
        Self {
            replies: Some(total * 5 / 8),
            half_close: Some(total * 3 / 8),
            close: total / 4,
            linger: total / 16,
        }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self::within(TOTAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_a_drain_end_before_its_timeout() {
        for millis in [1, 50, 100, 150, 1000, 10_000, 3_600_000] {
            let drain = Duration::from_millis(millis);
            let limits = Limits {
                drain_timeout: Some(drain),
                ..Limits::default()
            };
            let steps = Deadlines::new(&SessionEnd::Shutdown, &limits);
            let sum = steps.replies.unwrap() + steps.close + steps.linger;
            assert!(sum < drain, "{drain:?}: {steps:?}");
            assert!(steps.half_close < steps.replies, "{drain:?}: {steps:?}");
        }
    }
}
