//! The far ends of a session, in memory, as unhelpful as a script has them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// One connection, seen from afar; its [`Near`] end is the session's.
#[derive(Debug, Clone, Default)]
pub struct Far(Rc<RefCell<State>>);

/// The session's end of a connection.
#[derive(Debug)]
pub struct Near(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    /// Sent from afar and not read yet.
    queue: VecDeque<u8>,
    record: Record,
    ended: bool,
    /// How many bytes are still taken; `None` is any number.
    room: Option<usize>,
    /// The most that a call moves.
    tear: Option<usize>,
    /// Every so-manieth call that could move something is pending instead.
    delay: u32,
    calls: u32,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// What went over a connection.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// From afar.
    pub sent: Vec<u8>,
    /// To afar.
    pub taken: Vec<u8>,
    /// Whether a write had to wait for room.
    pub blocked: bool,
    /// Whether the far end ended its side.
    pub ended: bool,
    /// Whether the connection was reset.
    pub reset: bool,
}

impl Far {
    pub fn near(&self) -> Near {
        Near(self.0.clone())
    }

    pub fn record(&self) -> Record {
        self.0.borrow().record.clone()
    }

    pub fn send(&self, bytes: &[u8]) {
        self.change(|state| {
            if !state.ended {
                state.queue.extend(bytes);
                state.record.sent.extend(bytes);
            }
        });
    }

    /// Takes `count` bytes more, and then none; `None` is any number.
    pub fn take(&self, count: Option<usize>) {
        self.change(|state| state.room = count);
    }

    pub fn leave(&self, reset: bool) {
        self.change(|state| {
            state.ended = true;
            state.record.ended = true;
            state.record.reset |= reset;
        });
    }

    pub fn tear(&self, most: Option<usize>) {
        self.change(|state| state.tear = most);
    }

    pub fn delay(&self, every: u32) {
        self.change(|state| state.delay = every);
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
    /// How many bytes a call moves that could move `count`; none that is delayed.
    fn fault(&mut self, cx: &mut Context<'_>, count: usize) -> io::Result<usize> {
        if self.record.reset {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.calls = self.calls.wrapping_add(u32::from(count > 0));
        if count > 0 && self.delay > 1 && self.calls.is_multiple_of(self.delay) {
            cx.waker().wake_by_ref();
            return Ok(0);
        }
        Ok(self.tear.unwrap_or(count).min(count))
    }
}

impl AsyncRead for Near {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        let ready = buf.remaining().min(state.queue.len());
        let count = state.fault(cx, ready)?;
        if count == 0 && (ready > 0 || !state.ended) {
            state.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let bytes: Vec<u8> = state.queue.drain(..count).collect();
        buf.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Near {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.borrow_mut();
        let room = state.room.unwrap_or(buf.len()).min(buf.len());
        let count = state.fault(cx, room)?;
        if count == 0 && !buf.is_empty() {
            state.record.blocked |= room == 0;
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.room = state.room.map(|room| room - count);
        state.record.taken.extend(&buf[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
