//! Keeping time away from the threads that pass messages.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use std::{io, thread};

use tokio::runtime::{Builder, Handle};
use tokio::time::error::Elapsed;
use tokio::time::{self, Sleep};

thread_local! {
    /// Who keeps this thread's time, if not its own runtime.
    static TIMER: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// A thread that keeps the time of others.
///
/// A runtime with a clock looks at it, and for the next that is due, whenever it waits for
/// bytes, and sets a timer of the kernel's. Every session has a limit to its silence, so that
/// would be twice a message.
#[derive(Debug, Clone)]
pub struct TimerThread(Handle);

impl TimerThread {
    /// Starts one, for as long as the process lives.
    ///
    /// # Errors
    /// If the system has no thread for it.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let handle = runtime.handle().clone();
        let thread = thread::Builder::new().name("timer".into());
        thread.spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(Self(handle))
    }

    /// Keeps the time of the thread that calls this, from now on.
    pub fn serve_this_thread(&self) {
        TIMER.set(Some(self.0.clone()));
    }
}

/// Waits for `duration`: tokio's, for threads whose runtimes have no clock.
pub fn sleep(duration: Duration) -> Sleep {
    with_timer(|| time::sleep(duration))
}

/// Waits for `task`, at most for `limit`: tokio's, for threads whose runtimes have no clock.
pub async fn timeout<F: Future>(limit: Duration, task: F) -> Result<F::Output, Elapsed> {
    with_timer(|| time::timeout(limit, task)).await
}

/// Waits for `task`, for at most `limit` if there is one; `None` if that ran out.
pub async fn timeout_opt<F: Future>(limit: Option<Duration>, task: F) -> Option<F::Output> {
    let mut task = pin!(task);
    // Polled once first: a future that is ready needs no timer.
    if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(task.as_mut().poll(cx))).await {
        return Some(done);
    }
    match limit {
        Some(limit) => timeout(limit, task).await.ok(),
        None => Some(task.await),
    }
}

/// Calls what makes timers of tokio's.
pub fn with_timer<T>(begin: impl FnOnce() -> T) -> T {
    TIMER.with_borrow(|keeper| {
        let _there = keeper.as_ref().map(Handle::enter);
        begin()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_whose_runtime_has_no_clock_can_wait() {
        const MOMENT: Duration = Duration::from_millis(10);
        let clock = TimerThread::start().unwrap();
        let waiting = thread::spawn(move || {
            clock.serve_this_thread();
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                sleep(MOMENT).await;
                timeout(MOMENT, pending::<()>()).await.is_err()
            })
        });
        assert!(waiting.join().unwrap());
    }
}
