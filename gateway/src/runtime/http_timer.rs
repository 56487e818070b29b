//! hyper's timers, on the timer thread.

use std::pin::Pin;
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use hyper_util::rt::TokioTimer;
use net::timer::with_timer;

/// A timer for hyper that works on threads whose runtimes have none.
#[derive(Debug, Clone)]
pub(crate) struct HttpTimer;

impl Timer for HttpTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        with_timer(|| TokioTimer::new().sleep(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        with_timer(|| TokioTimer::new().sleep_until(deadline))
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use net::timer::TimerThread;
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn http_timer_works_on_a_thread_whose_runtime_has_no_timer() {
        const MOMENT: Duration = Duration::from_millis(10);
        let timer = TimerThread::start().unwrap();
        let waiting = thread::spawn(move || {
            timer.serve_this_thread();
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                HttpTimer.sleep(MOMENT).await;
                HttpTimer.sleep_until(Instant::now() + MOMENT).await;
            });
        });
        waiting.join().unwrap();
    }
}
