//! Keeping time away from the threads that pass messages.

use std::cell::RefCell;
use std::future::pending;
use std::pin::Pin;
use std::time::{Duration, Instant};
use std::{io, thread};

use hyper::rt::{Sleep as HyperSleep, Timer};
use hyper_util::rt::TokioTimer;
use tokio::runtime::{Builder, Handle};
use tokio::time::error::Elapsed;
use tokio::time::{self, Sleep};

thread_local! {
    /// Who keeps this thread's time, if not its own runtime.
    static KEEPER: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// A thread that keeps the time of others.
///
/// A runtime with a clock looks at it, and for the next that is due, whenever it waits for
/// bytes, and sets a timer of the kernel's. Every session has a limit to its silence, so that
/// would be twice a message.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Handle);

impl Clock {
    /// Starts one, for as long as the process lives.
    ///
    /// # Errors
    /// If the system has no thread for it.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let handle = runtime.handle().clone();
        let thread = thread::Builder::new().name("clock".into());
        thread.spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(Self(handle))
    }

    /// Keeps the time of the thread that calls this, from now on.
    pub(crate) fn serve_this_thread(&self) {
        KEEPER.set(Some(self.0.clone()));
    }
}

/// Waits for `duration`: tokio's, for threads whose runtimes have no clock.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    with_clock(|| time::sleep(duration))
}

/// Waits for `task`, at most for `limit`: tokio's, for threads whose runtimes have no clock.
pub(crate) async fn timeout<F: Future>(limit: Duration, task: F) -> Result<F::Output, Elapsed> {
    with_clock(|| time::timeout(limit, task)).await
}

/// hyper's time limits.
#[derive(Debug, Clone)]
pub(crate) struct HttpTimer;

impl Timer for HttpTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn HyperSleep>> {
        with_clock(|| TokioTimer::new().sleep(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn HyperSleep>> {
        with_clock(|| TokioTimer::new().sleep_until(deadline))
    }
}

/// Calls what makes timers of tokio's.
pub(crate) fn with_clock<T>(begin: impl FnOnce() -> T) -> T {
    KEEPER.with_borrow(|keeper| {
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
        let clock = Clock::start().unwrap();
        let waiting = thread::spawn(move || {
            clock.serve_this_thread();
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                sleep(MOMENT).await;
                let http = HttpTimer;
                http.sleep(MOMENT).await;
                http.sleep_until(Instant::now() + MOMENT).await;
                timeout(MOMENT, pending::<()>()).await.is_err()
            })
        });
        assert!(waiting.join().unwrap());
    }
}
