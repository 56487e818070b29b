//! A timer thread, and the sleeps and timeouts that use it.

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
    /// The timer thread that serves this thread; `None` if its own runtime has timers.
    static TIMER: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// A thread whose runtime drives the timers of others.
///
/// A runtime with timers reads the clock, and passes the next deadline to `epoll_wait`, each
/// time that it waits for bytes: twice a message. A runtime without does neither.
#[derive(Debug, Clone)]
pub struct TimerThread(Handle);

impl TimerThread {
    /// Starts a timer thread, which runs until the process ends.
    ///
    /// # Errors
    /// Those of starting a thread, or its runtime.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let handle = runtime.handle().clone();
        let thread = thread::Builder::new().name("timer".into());
        thread.spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(Self(handle))
    }

    /// Drives the timers of the calling thread, from now on.
    pub fn serve_this_thread(&self) {
        TIMER.set(Some(self.0.clone()));
    }
}

/// Waits for `duration`: tokio's `sleep`, for runtimes with and without timers.
pub fn sleep(duration: Duration) -> Sleep {
    with_timer(|| time::sleep(duration))
}

/// Waits for `future`, at most for `limit`: tokio's `timeout`, for runtimes with and without
/// timers.
///
/// # Errors
/// [`Elapsed`] if `limit` ran out.
pub async fn timeout<F: Future>(limit: Duration, future: F) -> Result<F::Output, Elapsed> {
    with_timer(|| time::timeout(limit, future)).await
}

/// Waits for `future`, at most for `limit`; `None` if that ran out.
///
/// Without a limit, waits as long as it takes. Polls once first: a future that is ready
/// needs no timer.
pub async fn timeout_opt<F: Future>(limit: Option<Duration>, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
        return Some(output);
    }
    match limit {
        Some(limit) => timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}

/// Calls `create`, whose tokio timers are driven by the timer thread that serves this thread.
pub fn with_timer<T>(create: impl FnOnce() -> T) -> T {
    TIMER.with_borrow(|timer| {
        let _context = timer.as_ref().map(Handle::enter);
        create()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtime_without_timers_can_sleep_and_time_out() {
        const MOMENT: Duration = Duration::from_millis(10);
        let timer = TimerThread::start().unwrap();
        let waiting = thread::spawn(move || {
            timer.serve_this_thread();
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                sleep(MOMENT).await;
                timeout(MOMENT, pending::<()>()).await.is_err()
            })
        });
        assert!(waiting.join().unwrap());
    }
}
