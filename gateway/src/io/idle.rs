//! Idle timeout of one peer.

use std::mem::take;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::io::ticker::{QuietTime, Ticker};

/// One peer's silence, and the limit that it has.
#[derive(Debug)]
pub(crate) struct IdleTimeout {
    ticker: Ticker,
    lapse: QuietTime,
    limit: Option<Duration>,
    heard: bool,
}

impl IdleTimeout {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self {
            ticker: Ticker::new(&[limit]),
            lapse: QuietTime::default(),
            limit,
            heard: false,
        }
    }

    pub(crate) fn broken(&mut self) {
        self.heard = true;
    }

    /// Ready once it has lasted as long as it may, with how long that is.
    pub(crate) fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        loop {
            let period = ready!(self.ticker.poll_tick(cx));
            let lasted = self.lapse.tick(period, take(&mut self.heard));
            if let Some(limit) = self.limit.filter(|limit| lasted >= *limit) {
                return Poll::Ready(limit);
            }
        }
    }
}
