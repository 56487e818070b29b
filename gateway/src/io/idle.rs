//! Idle timeout of one peer.

use std::mem::take;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::io::ticker::{QuietTime, Ticker};

/// Idle timeout: elapses once a peer has been idle for its limit.
#[derive(Debug)]
pub(crate) struct IdleTimeout {
    ticker: Ticker,
    idle: QuietTime,
    limit: Option<Duration>,
    /// Set by [`reset`](Self::reset) until the next tick.
    was_active: bool,
}

impl IdleTimeout {
    /// Creates an idle timeout; one without a limit never elapses.
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self {
            ticker: Ticker::new(&[limit]),
            idle: QuietTime::default(),
            limit,
            was_active: false,
        }
    }

    /// Starts anew, as the peer is active.
    pub(crate) fn reset(&mut self) {
        self.was_active = true;
    }

    /// Waits until the timeout has elapsed, and returns its limit.
    pub(crate) fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        loop {
            let period = ready!(self.ticker.poll_tick(cx));
            let idle = self.idle.tick(period, take(&mut self.was_active));
            if let Some(limit) = self.limit.filter(|limit| idle >= *limit) {
                return Poll::Ready(limit);
            }
        }
    }
}
