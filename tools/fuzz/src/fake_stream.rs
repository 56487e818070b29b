//! Fake streams: connections in memory whose remote end follows a script, with short reads and
//! writes, pending calls, backpressure and resets.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The remote end of a connection, which the script controls.
#[derive(Debug, Clone, Default)]
pub struct FakePeer(Rc<RefCell<State>>);

/// The session's end of a connection.
#[derive(Debug)]
pub struct FakeStream(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    /// Bytes from the peer that the session has not read yet.
    queue: VecDeque<u8>,
    transcript: Transcript,
    ended: bool,
    /// The number of bytes that the peer still accepts; `None` is any number.
    window: Option<usize>,
    /// The most bytes that a call transfers.
    max_chunk: Option<usize>,
    /// Every n-th call that could transfer bytes is pending instead; below 2 is none.
    pending_every: u32,
    calls: u32,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// The transcript of a connection.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// Bytes from the peer.
    pub sent: Vec<u8>,
    /// Bytes to the peer.
    pub received: Vec<u8>,
    /// True if a write had to wait until the peer accepted more.
    pub blocked: bool,
    /// True if the peer ended its side.
    pub ended: bool,
    /// True if the connection was reset.
    pub reset: bool,
}

impl FakePeer {
    /// The session's end.
    pub fn stream(&self) -> FakeStream {
        FakeStream(self.0.clone())
    }

    pub fn transcript(&self) -> Transcript {
        self.0.borrow().transcript.clone()
    }

    pub fn send(&self, bytes: &[u8]) {
        self.change(|state| {
            if !state.ended {
                state.queue.extend(bytes);
                state.transcript.sent.extend(bytes);
            }
        });
    }

    /// Accepts `count` bytes more, and then none; `None` is any number.
    pub fn accept(&self, count: Option<usize>) {
        self.change(|state| state.window = count);
    }

    /// Ends the peer's side, or resets the connection.
    pub fn close(&self, reset: bool) {
        self.change(|state| {
            state.ended = true;
            state.transcript.ended = true;
            state.transcript.reset |= reset;
        });
    }

    /// Limits each read and write to `max` bytes.
    pub fn limit_chunks(&self, max: Option<usize>) {
        self.change(|state| state.max_chunk = max);
    }

    /// Makes every n-th call pending that could transfer bytes.
    pub fn make_pending(&self, every: u32) {
        self.change(|state| state.pending_every = every);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.0.borrow_mut();
        change(&mut state);
        let wakers = [state.reader.take(), state.writer.take()];
        drop(state);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

impl State {
    /// Returns how many of `count` bytes a call transfers: 0 if it is to be pending.
    fn inject_faults(&mut self, cx: &mut Context<'_>, count: usize) -> io::Result<usize> {
        if self.transcript.reset {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.calls = self.calls.wrapping_add(u32::from(count > 0));
        let every = self.pending_every;
        if count > 0 && every > 1 && self.calls.is_multiple_of(every) {
            cx.waker().wake_by_ref();
            return Ok(0);
        }
        Ok(self.max_chunk.unwrap_or(count).min(count))
    }
}

impl AsyncRead for FakeStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        let ready = buf.remaining().min(state.queue.len());
        let count = state.inject_faults(cx, ready)?;
        if count == 0 && (ready > 0 || !state.ended) {
            state.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let bytes: Vec<u8> = state.queue.drain(..count).collect();
        buf.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for FakeStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.borrow_mut();
        let accepted = state.window.unwrap_or(buf.len()).min(buf.len());
        let count = state.inject_faults(cx, accepted)?;
        if count == 0 && !buf.is_empty() {
            state.transcript.blocked |= accepted == 0;
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.window = state.window.map(|window| window - count);
        state.transcript.received.extend(&buf[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
