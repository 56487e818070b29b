//! Watchdog of a session: liveness of both sides, and the keep-alive ping.
//!
//! A client is alive while it sends bytes or takes them. No deadline runs for an answer that
//! was not asked for, or that the gateway does not read: backpressure is no silence.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::io::ticker::{QuietTime, Ticker};
use crate::limits::Limits;
use crate::session::client_side::ClientMovement;
use crate::session::session_end::SessionEnd;

/// Slowest client that a ping timeout allows for, in bytes a second. The ping is behind bytes
/// that the kernel took, and that the client may still have to receive.
const SLOWEST_CLIENT: usize = 64 * 1024;

/// Bytes that may be on their way to a client: the buffers of both kernels.
const MAX_IN_FLIGHT: usize = 8 << 20;

/// A watchdog that notices a silent client, and a side that stopped reading.
#[derive(Debug)]
pub(crate) struct Watchdog {
    ticker: Ticker,
    idle_timeout: Option<Duration>,
    ping_interval: Option<Duration>,
    ping_timeout: Option<Duration>,
    /// Time since the client sent bytes.
    unheard: QuietTime,
    /// Bytes written to the client since it sent some.
    written_unheard: usize,
    /// Time since the client sent or took bytes.
    silent: QuietTime,
    /// Time since the client took bytes that wait for it.
    client_stalled: QuietTime,
    /// Time since the upstream moved bytes that it has to: a begun frame, or frames for it.
    upstream_stalled: QuietTime,
    /// Time that a ping has waited for an answer; `None` if none is unanswered.
    unanswered: Option<QuietTime>,
}

/// Movement of bytes in a session since the last tick, and bytes that wait to move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Movement {
    pub(crate) client: ClientMovement,
    /// The upstream sent or took bytes.
    pub(crate) upstream_moved: bool,
    /// Frames wait for the upstream to take them: the client is not read from.
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
        let ping_timeout = limits.ping_interval.and(limits.ping_timeout);
        Self {
            ticker: Ticker::new(&[limits.idle_timeout, limits.ping_interval, ping_timeout]),
            idle_timeout: limits.idle_timeout,
            ping_interval: limits.ping_interval,
            ping_timeout,
            unheard: QuietTime::default(),
            written_unheard: 0,
            silent: QuietTime::default(),
            client_stalled: QuietTime::default(),
            upstream_stalled: QuietTime::default(),
            unanswered: None,
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
        let unread = seen.upstream_blocked || seen.client.pongs_blocked;
        let heard = seen.client.has_sent || unread;
        let took = seen.client.written > 0;
        self.written_unheard = match heard {
            true => 0,
            false => self.written_unheard.saturating_add(seen.client.written),
        };
        let unheard = self.unheard.tick(period, heard);
        let ended = self.stalled(period, seen).or_else(|| {
            let silent = self.silent.tick(period, heard || took);
            let limit = self.idle_timeout.filter(|limit| silent >= *limit)?;
            Some(SessionEnd::ClientSilent(limit))
        });
        let ended = ended.or_else(|| {
            self.unanswered.take_if(|_| heard);
            // The ping is on its way only once the bytes before it were taken.
            let waits_only = !took && !seen.client.is_blocked;
            let waited = self.unanswered.as_mut()?.tick(period, !waits_only);
            let limit = self.ping_timeout?;
            let is_over = waited >= limit + time_to_take(self.written_unheard);
            is_over.then_some(SessionEnd::PingUnanswered(limit))
        });
        if let Some(end) = ended {
            return Some(Verdict::Over(end));
        }
        let is_due = self.unanswered.is_none() && unheard >= self.ping_interval?;
        is_due.then(|| {
            self.unanswered = Some(QuietTime::default());
            Verdict::Ping
        })
    }

    /// Returns the end if a side has not moved the bytes that it has to for the idle timeout.
    fn stalled(&mut self, period: Duration, seen: Movement) -> Option<SessionEnd> {
        let took = seen.client.written > 0 || !seen.client.is_blocked;
        let client = self.client_stalled.tick(period, took);
        let is_read = !seen.client.is_blocked && !seen.client.holds_back;
        let busy = seen.upstream_blocked || (seen.inside_frame && is_read);
        let moved = seen.upstream_moved || !busy;
        let upstream = self.upstream_stalled.tick(period, moved);
        let idle = self.idle_timeout?;
        match (upstream >= idle, client >= idle) {
            (true, _) => Some(SessionEnd::UpstreamStalled(idle)),
            (false, true) => Some(SessionEnd::ClientStalled(idle)),
            (false, false) => None,
        }
    }
}

/// The time that a slow client needs for the part of `written` bytes that may be on its way.
fn time_to_take(written: usize) -> Duration {
    Duration::from_secs((written.min(MAX_IN_FLIGHT) / SLOWEST_CLIENT) as u64)
}
