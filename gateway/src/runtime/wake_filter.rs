//! Waiting for what hardly ever happens, beside what happens with every message.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Polls only what asked to be polled.
///
/// A task polls all that it waits for whenever any of it is ready. A stop or a clock costs
/// each message hundreds of instructions that way; behind this, it costs a look at a flag.
#[derive(Debug, Default)]
pub(crate) struct WakeFilter {
    bell: Option<Arc<WakeFlag>>,
}

/// Notes that it was woken, and wakes the task.
#[derive(Debug)]
struct WakeFlag {
    rung: AtomicBool,
    task: Waker,
}

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

impl WakeFilter {
    /// Calls `poll` the first time, when it was woken since, and when it was ready the last
    /// time; pending otherwise.
    #[inline]
    pub(crate) fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        match &self.bell {
            Some(bell) if !bell.rung.load(Ordering::Acquire) && bell.task.will_wake(cx.waker()) => {
                Poll::Pending
            }
            _ => self.poll_now(cx, poll),
        }
    }

    #[cold]
    fn poll_now<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let known = self.bell.take();
        let bell = known.filter(|bell| bell.task.will_wake(cx.waker()));
        let bell = bell.unwrap_or_else(|| {
            Arc::new(WakeFlag {
                rung: AtomicBool::new(true),
                task: cx.waker().clone(),
            })
        });
        // Before it is polled: what rings from then on is for the next time.
        bell.rung.store(false, Ordering::Release);
        let waker = Waker::from(bell.clone());
        let polled = poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            bell.rung.store(true, Ordering::Release);
        }
        self.bell = Some(bell);
        polled
    }

    /// Waits for `future`, and polls it only when it asks for it.
    pub(crate) fn wait<F: Future>(
        &mut self,
        mut future: Pin<&mut F>,
    ) -> impl Future<Output = F::Output> {
        poll_fn(move |cx| self.poll(cx, |cx| future.as_mut().poll(cx)))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::sync::oneshot;
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn what_did_not_ask_is_not_polled() {
        let (done, is_done) = oneshot::channel();
        let (mut polls, mut is_done) = (0, is_done);
        let mut rarely = WakeFilter::default();
        let rare = pin!(poll_fn(|cx| {
            polls += 1;
            Pin::new(&mut is_done).poll(cx)
        }));
        let rare = rarely.wait(rare);
        let busy = async {
            for _ in 0..100 {
                yield_now().await;
            }
            done.send(()).unwrap();
        };
        let (received, ()) = tokio::join!(rare, busy);
        assert_eq!((received, polls), (Ok(()), 2));
    }

    #[tokio::test]
    async fn another_task_hears_of_it_too() {
        let (done, is_done) = oneshot::channel::<()>();
        let mut rare = Box::pin(async { WakeFilter::default().wait(pin!(is_done)).await });
        tokio::select! {
            biased;
            _ = &mut rare => panic!("nothing was sent"),
            () = yield_now() => {}
        }
        let elsewhere = tokio::spawn(rare);
        yield_now().await;
        done.send(()).unwrap();
        assert_eq!(elsewhere.await.unwrap(), Ok(()));
    }
}
