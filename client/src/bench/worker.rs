//! One connection under load.

use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use net::error_text::io_error_text;
use net::stream::Stream;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;

use crate::bench::messages::{Messages, masked};
use crate::bench::replies::{Replies, ReplyError};

/// Latencies above this are taken for it, in nanoseconds: an hour.
const LONGEST: u64 = 3_600_000_000_000;

/// How much is read at once, in bytes: all that is ready, most often.
const LANDING_LEN: usize = 256 * 1024;

thread_local! {
    /// Where every read lands: connections have no buffers of their own.
    static LANDING: RefCell<Box<[u8]>> = RefCell::new(vec![0; LANDING_LEN].into_boxed_slice());
}

/// How long a phase lasts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// It has lasted so long.
    Lasted(Duration),
    /// This many messages have been sent.
    Sent(u64),
}

/// A part of the run, and what came of it: begun with nothing under way, and over when
/// every message that was sent in it is answered.
pub(super) struct Phase {
    begun: Instant,
    until: Until,
    sent: Cell<u64>,
    answered: Cell<u64>,
    /// In nanoseconds.
    latency: RefCell<Histogram<u64>>,
}

impl Phase {
    pub(super) fn new(until: Until) -> Self {
        let latency = Histogram::new_with_bounds(1, LONGEST, 3).expect("bounds in order");
        Self {
            begun: Instant::now(),
            until,
            sent: Cell::new(0),
            answered: Cell::new(0),
            latency: RefCell::new(latency),
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(super) fn answered(&self) -> u64 {
        self.answered.get()
    }

    pub(super) fn latency(&self) -> Ref<'_, Histogram<u64>> {
        self.latency.borrow()
    }

    /// How many of the `wanted` messages may still be sent.
    fn grant(&self, wanted: u64, now: Instant) -> u64 {
        let granted = match self.until {
            Until::Lasted(length) if now - self.begun < length => wanted,
            Until::Lasted(_) => 0,
            Until::Sent(count) => wanted.min(count - self.sent.get()),
        };
        self.sent.set(self.sent.get() + granted);
        granted
    }

    fn record(&self, count: u64, sent: Instant, now: Instant) {
        let nanos = (now - sent).as_nanos().try_into().unwrap_or(u64::MAX);
        self.latency.borrow_mut().saturating_record_n(nanos, count);
    }
}

/// Why a connection cannot go on.
#[derive(Debug, Error)]
pub(super) enum WorkError {
    #[error("connection lost: {}", io_error_text(.0))]
    Io(#[from] io::Error),
    #[error(transparent)]
    Reply(#[from] ReplyError),
    #[error("closed by the server")]
    Ended,
    #[error("a reply too many, to a message that was not sent yet")]
    Unasked,
}

/// A connection, what it sends and what it waits for.
pub(super) struct Worker {
    /// Among all connections, the first being 0.
    number: usize,
    stream: Stream,
    messages: Rc<Messages>,
    /// Where in the requests to go on.
    at: usize,
    /// How many bytes from there on are due.
    due: usize,
    /// Control frames, due at the next boundary between messages.
    pongs: Vec<u8>,
    replies: Replies,
    /// When messages were handed over, and how many at once; those not answered yet.
    under_way: VecDeque<(Instant, u64)>,
}

impl Worker {
    /// Connection `number` of all, which begins with the message of that number.
    pub(super) fn new(
        number: usize,
        stream: Stream,
        messages: Rc<Messages>,
        is_websocket: bool,
    ) -> Self {
        Self {
            number,
            stream,
            at: messages.requests.start_of(number),
            due: 0,
            pongs: Vec::new(),
            replies: Replies::new(Rc::clone(&messages), number, is_websocket),
            messages,
            under_way: VecDeque::new(),
        }
    }

    /// Keeps `in_flight` messages under way until `phase` grants no more and all are
    /// answered.
    pub(super) async fn exchange(
        &mut self,
        phase: &Phase,
        in_flight: u32,
    ) -> Result<(), WorkError> {
        self.grant(phase, in_flight.into(), Instant::now());
        poll_fn(|cx| self.poll_exchange(cx, phase)).await
    }

    fn poll_exchange(
        &mut self,
        cx: &mut Context<'_>,
        phase: &Phase,
    ) -> Poll<Result<(), WorkError>> {
        while !self.under_way.is_empty() {
            // A server that takes nothing may have to be read from first.
            let _ = self.poll_write(cx)?;
            ready!(self.poll_read(cx, phase))?;
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Ends the connection, and waits for the server to do so, too.
    pub(super) async fn close(mut self) {
        // All was answered: whatever fails now is no loss.
        if self.replies.is_websocket() {
            let _ = self.stream.write_all(&masked(Frame::close(None), 0)).await;
        }
        let _ = self.stream.shutdown().await;
        let _ = tokio::io::copy(&mut self.stream, &mut tokio::io::sink()).await;
    }

    fn grant(&mut self, phase: &Phase, wanted: u64, now: Instant) {
        let granted = phase.grant(wanted, now);
        if granted > 0 {
            self.under_way.push_back((now, granted));
            self.due += granted as usize * self.messages.requests.message_len();
        }
    }

    /// Writes what is due, until the connection takes no more.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let requests = &self.messages.requests;
        let mut stream = Pin::new(&mut self.stream);
        while self.due > 0 || !self.pongs.is_empty() {
            let begun = self.at % requests.message_len();
            if begun == 0 && !self.pongs.is_empty() {
                let count = ready!(stream.as_mut().poll_write(cx, &self.pongs))?;
                self.pongs.drain(..count);
                continue;
            }
            // Pongs go between messages.
            let len = match self.pongs.is_empty() {
                true => self.due,
                false => requests.message_len() - begun,
            };
            let slices = requests.slices(self.at, len);
            let count = ready!(stream.as_mut().poll_write_vectored(cx, &slices))?;
            self.at = requests.after(self.at, count);
            self.due -= count;
        }
        stream.poll_flush(cx)
    }

    /// Reads what is ready, and makes a message due for each reply.
    fn poll_read(&mut self, cx: &mut Context<'_>, phase: &Phase) -> Poll<Result<(), WorkError>> {
        let mut pings = Vec::new();
        let completed = LANDING.with_borrow_mut(|landing| {
            let mut landed = ReadBuf::new(landing);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut landed))?;
            Poll::Ready(match landed.filled() {
                [] => Err(WorkError::Ended),
                bytes => Ok(self.replies.take(bytes, &mut pings)?),
            })
        });
        let completed = ready!(completed)?;
        for payload in pings {
            self.pongs.extend(masked(Frame::pong(payload), 0));
        }
        let now = Instant::now();
        self.answered(phase, completed as u64, now)?;
        self.grant(phase, completed as u64, now);
        Poll::Ready(Ok(()))
    }

    fn answered(&mut self, phase: &Phase, completed: u64, now: Instant) -> Result<(), WorkError> {
        phase.answered.set(phase.answered.get() + completed);
        let mut left = completed;
        while left > 0 {
            let (sent, count) = self.under_way.front_mut().ok_or(WorkError::Unasked)?;
            let these = left.min(*count);
            phase.record(these, *sent, now);
            *count -= these;
            left -= these;
            if *count == 0 {
                self.under_way.pop_front();
            }
        }
        Ok(())
    }
}
