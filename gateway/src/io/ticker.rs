//! Coarse ticker for timeouts, so that no message asks for the time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use net::timer::sleep;
use tokio::time::{Instant, Sleep};

use crate::runtime::wake_filter::WakeFilter;

/// Ticks in a time limit: a limit is overrun by at most one tick.
const TICKS_PER_LIMIT: u32 = 8;

/// Shortest period of a ticker: no time limit needs a finer one.
const MIN_PERIOD: Duration = Duration::from_millis(10);

/// Ticker with an eighth of the shortest time limit as its period.
#[derive(Debug)]
pub(crate) struct Ticker {
    /// The next tick and the period; `None` without a limit.
    tick: Option<(Pin<Box<Sleep>>, Duration)>,
    wake_filter: WakeFilter,
}

impl Ticker {
    /// Creates a ticker for `limits`; it never ticks if all are `None`.
    pub(crate) fn new(limits: &[Option<Duration>]) -> Self {
        let shortest = limits.iter().flatten().min();
        let period = shortest.map(|limit| (*limit / TICKS_PER_LIMIT).max(MIN_PERIOD));
        Self {
            tick: period.map(|period| (Box::pin(sleep(period)), period)),
            wake_filter: WakeFilter::default(),
        }
    }

    /// Waits for the next tick, and returns the period. Has to be polled until it is pending,
    /// as only then a waker is registered.
    pub(crate) fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some((sleep, period)) = &mut self.tick else {
            return Poll::Pending;
        };
        ready!(self.wake_filter.poll(cx, |cx| sleep.as_mut().poll(cx)));
        sleep.as_mut().reset(Instant::now() + *period);
        Poll::Ready(*period)
    }
}

/// Time since an expected event last happened, in ticks.
#[derive(Debug, Default)]
pub(crate) struct QuietTime(Duration);

impl QuietTime {
    /// Counts a tick of `period`, or starts anew if the event has `happened`. Returns the
    /// quiet time.
    pub(crate) fn tick(&mut self, period: Duration, happened: bool) -> Duration {
        self.0 = if happened {
            Duration::ZERO
        } else {
            self.0 + period
        };
        self.0
    }
}
