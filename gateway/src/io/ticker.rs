//! A coarse ticker for timeouts: no message asks for the time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use net::timer::sleep;
use tokio::time::{Instant, Sleep};

use crate::runtime::wake_filter::WakeFilter;

/// How finely silence is measured: a limit is overrun by at most this part of it.
const TICKS_PER_LIMIT: u32 = 8;

/// No time limit asks for a finer clock than this.
const SHORTEST_TICK: Duration = Duration::from_millis(10);

/// A clock that ticks often enough to tell when the shortest of some time limits is over.
#[derive(Debug)]
pub(crate) struct Ticker {
    /// None where there is no limit to watch.
    tick: Option<(Pin<Box<Sleep>>, Duration)>,
    rarely: WakeFilter,
}

impl Ticker {
    pub(crate) fn new(limits: &[Option<Duration>]) -> Self {
        let shortest = limits.iter().flatten().min();
        let period = shortest.map(|limit| (*limit / TICKS_PER_LIMIT).max(SHORTEST_TICK));
        Self {
            tick: period.map(|period| (Box::pin(sleep(period)), period)),
            rarely: WakeFilter::default(),
        }
    }

    /// The time since the tick before, when it is time for one. To be asked until it is
    /// pending, which arms it again.
    pub(crate) fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some((sleep, period)) = &mut self.tick else {
            return Poll::Pending;
        };
        ready!(self.rarely.poll(cx, |cx| sleep.as_mut().poll(cx)));
        sleep.as_mut().reset(Instant::now() + *period);
        Poll::Ready(*period)
    }
}

/// For how long something that should happen has not.
#[derive(Debug, Default)]
pub(crate) struct QuietTime(Duration);

impl QuietTime {
    /// Counts a tick of `period`, at which it had `happened` or not, and returns for how
    /// long it has not.
    pub(crate) fn tick(&mut self, period: Duration, happened: bool) -> Duration {
        self.0 = if happened {
            Duration::ZERO
        } else {
            self.0 + period
        };
        self.0
    }
}
