//! Noticing that a peer has fallen silent, or takes nothing.

use std::io::{self, IoSlice};
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::socket::clock::sleep;
use crate::socket::rarely::Rarely;

/// How finely silence is measured: a limit is overrun by at most this part of it.
const TICKS_PER_LIMIT: u32 = 8;

/// No time limit asks for a finer clock than this.
const SHORTEST_TICK: Duration = Duration::from_millis(10);

/// A stream that notes when bytes move on it, in either direction.
///
/// Traffic only sets a flag; a [`Ticker`] looks at it now and then. So no message asks
/// for the time, and a long one that arrives slowly is no silence.
#[derive(Debug)]
pub(crate) struct Pulse<S> {
    stream: S,
    read: bool,
    wrote: bool,
}

impl<S> Pulse<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            read: false,
            wrote: false,
        }
    }

    /// Whether bytes were read since this was asked last.
    pub(crate) fn take_read(&mut self) -> bool {
        take(&mut self.read)
    }

    /// Whether bytes were written since this was asked last.
    pub(crate) fn take_wrote(&mut self) -> bool {
        take(&mut self.wrote)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Pulse<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read |= buf.filled().len() > before;
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Pulse<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote |= matches!(written, Poll::Ready(Ok(1..)));
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote |= matches!(written, Poll::Ready(Ok(1..)));
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A clock that ticks often enough to tell when the shortest of some time limits is over.
#[derive(Debug)]
pub(crate) struct Ticker {
    /// None where there is no limit to watch.
    tick: Option<(Pin<Box<Sleep>>, Duration)>,
    rarely: Rarely,
}

impl Ticker {
    pub(crate) fn new(limits: &[Option<Duration>]) -> Self {
        let shortest = limits.iter().flatten().min();
        let period = shortest.map(|limit| (*limit / TICKS_PER_LIMIT).max(SHORTEST_TICK));
        Self {
            tick: period.map(|period| (Box::pin(sleep(period)), period)),
            rarely: Rarely::default(),
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

/// A stream on which a write fails that has been waiting for as long as it may.
#[derive(Debug)]
pub(crate) struct WriteLimit<S> {
    stream: S,
    limit: Option<Duration>,
    ticker: Ticker,
    waiting: Lapse,
}

impl<S> WriteLimit<S> {
    pub(crate) fn new(stream: S, limit: Option<Duration>) -> Self {
        Self {
            stream,
            limit,
            ticker: Ticker::new(&[limit]),
            waiting: Lapse::default(),
        }
    }

    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    /// Passes `wrote` on, unless it has been pending for too long.
    fn judge<T>(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.waiting = Lapse::default();
            return wrote;
        }
        loop {
            let period = ready!(self.ticker.poll_tick(cx));
            let waited = self.waiting.tick(period, false);
            if self.limit.is_some_and(|limit| waited >= limit) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteLimit<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteLimit<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.judge(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.judge(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.judge(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.judge(cx, shut)
    }
}

/// For how long something that should happen has not.
#[derive(Debug, Default)]
pub(crate) struct Lapse(Duration);

impl Lapse {
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

/// One peer's silence, and the limit that it has.
#[derive(Debug)]
pub(crate) struct Silence {
    ticker: Ticker,
    lapse: Lapse,
    limit: Option<Duration>,
    heard: bool,
}

impl Silence {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self {
            ticker: Ticker::new(&[limit]),
            lapse: Lapse::default(),
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
