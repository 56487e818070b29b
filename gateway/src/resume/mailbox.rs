//! Mailbox of a session: its client's next connection, or the call to give way.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::resume::connection::Resumption;

/// Mailbox of a session.
#[derive(Debug)]
pub(super) struct Mailbox<C>(Mutex<State<C>>);

#[derive(Debug)]
struct State<C> {
    /// The latest connection: it replaces one that the session has not taken yet.
    next: Option<Box<Resumption<C>>>,
    is_evicted: bool,
    is_closed: bool,
    /// The session's task.
    waker: Option<Waker>,
}

/// Call to a session.
#[derive(Debug)]
pub(crate) enum Call<C> {
    /// The client is back.
    Resume(Box<Resumption<C>>),
    /// The memory of detached sessions is full.
    Evict,
}

impl<C> Mailbox<C> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            next: None,
            is_evicted: false,
            is_closed: false,
            waker: None,
        }))
    }

    /// Hands a connection to the session; returns it if the session has ended.
    pub(super) fn deliver(&self, next: Box<Resumption<C>>) -> Result<(), Box<Resumption<C>>> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(next);
        }
        let replaced = state.next.replace(next);
        let waker = state.waker.take();
        drop(state);
        drop(replaced);
        waker.into_iter().for_each(Waker::wake);
        Ok(())
    }

    /// Tells the session that it has to give way, unless its client comes back first.
    pub(super) fn evict(&self) {
        let mut state = self.lock();
        state.is_evicted = true;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Waits for the next call.
    pub(super) fn poll_call(&self, cx: &mut Context<'_>) -> Poll<Call<C>> {
        let mut state = self.lock();
        if let Some(next) = state.next.take() {
            state.is_evicted = false;
            return Poll::Ready(Call::Resume(next));
        }
        if std::mem::take(&mut state.is_evicted) {
            return Poll::Ready(Call::Evict);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Takes no further connection; returns one that is waiting.
    pub(super) fn close(&self) -> Option<Box<Resumption<C>>> {
        let mut state = self.lock();
        state.is_closed = true;
        state.next.take()
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        // A poisoned lock can't occur: no code panics while holding it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
