//! Watching over a session: who has to do something, and has not for too long.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::io::ticker::{QuietTime, Ticker};
use crate::limits::Limits;
use crate::session::session_end::SessionEnd;

/// Notices when a session's client or upstream should be given up.
#[derive(Debug)]
pub(crate) struct Watch {
    ticker: Ticker,
    idle_timeout: Option<Duration>,
    ping_interval: Option<Duration>,
    /// The client says nothing, not even that it is there.
    client_silent: QuietTime,
    /// The client takes nothing of what it is sent.
    client_stalled: QuietTime,
    /// The upstream has stopped inside a frame, or takes nothing.
    upstream_stalled: QuietTime,
    /// Whether the client was asked if it is there, since it last spoke.
    pinged: bool,
}

/// What moved in a session since the last tick, and what could have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Movement {
    pub(crate) client_spoke: bool,
    pub(crate) client_took: bool,
    pub(crate) upstream_moved: bool,
    /// Messages wait for the client to take them.
    pub(crate) client_owes: bool,
    /// Frames wait for the upstream to take them: the client is not being heard.
    pub(crate) upstream_owes: bool,
    /// A frame from the upstream has begun.
    pub(crate) inside_frame: bool,
}

/// What a tick shows.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The client is to be asked whether it is there.
    Ping,
    /// The session is over.
    Over(SessionEnd),
}

impl Watch {
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

    /// Ready at a tick, for which `movement` is asked; `None` when all is well.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        movement: impl FnOnce() -> Movement,
    ) -> Poll<Option<Verdict>> {
        let period = ready!(self.ticker.poll_tick(cx));
        Poll::Ready(self.tick(period, movement()))
    }

    fn tick(&mut self, period: Duration, seen: Movement) -> Option<Verdict> {
        // Whoever is not listened to, or not spoken to, cannot be late.
        let heard = seen.client_spoke || seen.upstream_owes;
        let silent = self.client_silent.tick(period, heard);
        let took = seen.client_took || !seen.client_owes;
        let deaf = self.client_stalled.tick(period, took);
        let busy = seen.upstream_owes || (seen.inside_frame && !seen.client_owes);
        let stalled = self
            .upstream_stalled
            .tick(period, seen.upstream_moved || !busy);
        self.pinged &= !heard;

        if let Some(idle) = self.idle_timeout {
            if stalled >= idle {
                return Some(Verdict::Over(SessionEnd::UpstreamStalled(idle)));
            }
            if deaf >= idle {
                return Some(Verdict::Over(SessionEnd::ClientStalled(idle)));
            }
            if silent >= idle {
                return Some(Verdict::Over(SessionEnd::ClientSilent(idle)));
            }
        }
        match self.ping_interval {
            Some(interval) if silent >= interval && !self.pinged && !seen.client_owes => {
                self.pinged = true;
                Some(Verdict::Ping)
            }
            _ => None,
        }
    }
}
