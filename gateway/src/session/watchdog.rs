//! Watchdog of a session: the idle timeout of both sides, and the keep-alive ping.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::io::ticker::{QuietTime, Ticker};
use crate::limits::Limits;
use crate::session::session_end::SessionEnd;

/// A watchdog that notices a silent client, and a side that stopped reading.
#[derive(Debug)]
pub(crate) struct Watchdog {
    ticker: Ticker,
    idle_timeout: Option<Duration>,
    ping_interval: Option<Duration>,
    /// Time since the client sent bytes.
    client_silent: QuietTime,
    /// Time since the client read bytes that wait for it.
    client_stalled: QuietTime,
    /// Time since the upstream moved bytes that it has to: a begun frame, or frames for it.
    upstream_stalled: QuietTime,
    /// Set if the client was pinged since it last sent bytes.
    pinged: bool,
}

/// Movement of bytes in a session since the last tick, and bytes that wait to move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Movement {
    /// The client sent bytes.
    pub(crate) client_sent: bool,
    /// The client read bytes.
    pub(crate) client_read: bool,
    /// The upstream sent or read bytes.
    pub(crate) upstream_moved: bool,
    /// Messages wait for the client to read them.
    pub(crate) client_blocked: bool,
    /// Frames wait for the upstream to read them: the client is not read from.
    pub(crate) upstream_blocked: bool,
    /// A frame from the upstream has begun.
    pub(crate) inside_frame: bool,
}

/// The verdict of a tick.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The client is due for a keep-alive ping.
    Ping,
    /// The session is over.
    Over(SessionEnd),
}

impl Watchdog {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            ticker: Ticker::new(&[limits.idle_timeout, limits.ping_interval]),
            idle_timeout: limits.idle_timeout,
            ping_interval: limits.ping_interval,
            client_silent: QuietTime::default(),
            client_stalled: QuietTime::default(),
            upstream_stalled: QuietTime::default(),
            pinged: false,
        }
    }

    /// Ready at a tick with a verdict on `movement`; `None` if nothing has to be done.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        movement: impl FnOnce() -> Movement,
    ) -> Poll<Option<Verdict>> {
        let period = ready!(self.ticker.poll_tick(cx));
        Poll::Ready(self.tick(period, movement()))
    }

    fn tick(&mut self, period: Duration, seen: Movement) -> Option<Verdict> {
        // No deadline runs for a side that is not read from, or that has nothing to read.
        let heard = seen.client_sent || seen.upstream_blocked;
        let silent = self.client_silent.tick(period, heard);
        let reads = seen.client_read || !seen.client_blocked;
        let unread = self.client_stalled.tick(period, reads);
        let busy = seen.upstream_blocked || (seen.inside_frame && !seen.client_blocked);
        let stalled = self
            .upstream_stalled
            .tick(period, seen.upstream_moved || !busy);
        self.pinged &= !heard;

        if let Some(idle) = self.idle_timeout {
            if stalled >= idle {
                return Some(Verdict::Over(SessionEnd::UpstreamStalled(idle)));
            }
            if unread >= idle {
                return Some(Verdict::Over(SessionEnd::ClientStalled(idle)));
            }
            if silent >= idle {
                return Some(Verdict::Over(SessionEnd::ClientSilent(idle)));
            }
        }
        match self.ping_interval {
            Some(interval) if silent >= interval && !self.pinged && !seen.client_blocked => {
                self.pinged = true;
                Some(Verdict::Ping)
            }
            _ => None,
        }
    }
}
