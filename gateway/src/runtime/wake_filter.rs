//! Wake filter: polls rarely-ready futures (shutdown, timers) only after their own waker
//! fired, so that they cost nothing per message.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::atomic::{AtomicBool, Ordering};

/// Wake filter of one future.
///
/// A task polls all its futures whenever one of them is ready. A stop or a timer costs each
/// message hundreds of instructions that way; behind this filter, it costs a look at a flag.
#[derive(Debug, Default)]
pub(crate) struct WakeFilter {
    flag: Option<Arc<WakeFlag>>,
}

/// Waker that sets a flag, and wakes the task.
#[derive(Debug)]
struct WakeFlag {
    is_set: AtomicBool,
    task: Waker,
}

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_set.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

impl WakeFilter {
    /// Calls `poll` the first time, after a wake-up, in another task, and after it was ready;
    /// returns pending otherwise.
    #[inline]
    pub(crate) fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        match &self.flag {
            Some(flag)
                if !flag.is_set.load(Ordering::Acquire) && flag.task.will_wake(cx.waker()) =>
            {
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
        let known = self.flag.take();
        let flag = known.filter(|flag| flag.task.will_wake(cx.waker()));
        let flag = flag.unwrap_or_else(|| {
            Arc::new(WakeFlag {
                is_set: AtomicBool::new(false),
                task: cx.waker().clone(),
            })
        });
        // Before the poll: a wake-up from now on is for the next one.
        flag.is_set.store(false, Ordering::Release);
        let waker = Waker::from(flag.clone());
        let polled = poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            flag.is_set.store(true, Ordering::Release);
        }
        self.flag = Some(flag);
        polled
    }

    /// Waits for `future`, and polls it only after its waker fired.
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
    async fn future_is_polled_only_after_its_waker_fired() {
        let (done, is_done) = oneshot::channel();
        let (mut polls, mut is_done) = (0, is_done);
        let mut wake_filter = WakeFilter::default();
        let rare = pin!(poll_fn(|cx| {
            polls += 1;
            Pin::new(&mut is_done).poll(cx)
        }));
        let rare = wake_filter.wait(rare);
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
    async fn future_that_moves_to_another_task_wakes_that_task() {
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

/// A lost wake-up is a deadlock, which loom reports.
#[cfg(all(test, feature = "model-check"))]
mod model_check {
    use loom::future::{AtomicWaker, block_on};
    use loom::sync::Arc;
    use loom::{model, thread};

    use super::*;

    /// Future that is ready once another thread has fired it.
    #[derive(Default)]
    struct Event {
        has_fired: AtomicBool,
        waker: AtomicWaker,
    }

    impl Event {
        fn fire(&self) {
            self.has_fired.store(true, Ordering::Release);
            self.waker.wake();
        }

        fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
            self.waker.register_by_ref(cx.waker());
            match self.has_fired.load(Ordering::Acquire) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        }
    }

    /// Calls `wait` with an event that another thread fires at some point.
    fn check(wait: fn(&mut WakeFilter, &Event)) {
        model(move || {
            let event = Arc::new(Event::default());
            let firing = thread::spawn({
                let event = event.clone();
                move || event.fire()
            });
            wait(&mut WakeFilter::default(), &event);
            firing.join().unwrap();
        });
    }

    #[test]
    fn wake_is_not_lost() {
        check(|filter, event| block_on(poll_fn(|cx| filter.poll(cx, |cx| event.poll(cx)))));
    }

    #[test]
    fn wake_is_not_lost_by_a_task_that_polls_more_often() {
        check(|filter, event| {
            block_on(poll_fn(|cx| match filter.poll(cx, |cx| event.poll(cx)) {
                Poll::Pending => filter.poll(cx, |cx| event.poll(cx)),
                ready => ready,
            }));
        });
    }

    #[test]
    fn wake_reaches_the_task_that_polled_last() {
        check(|filter, event| {
            let mut other_task = Context::from_waker(Waker::noop());
            if filter
                .poll(&mut other_task, |cx| event.poll(cx))
                .is_pending()
            {
                block_on(poll_fn(|cx| filter.poll(cx, |cx| event.poll(cx))));
            }
        });
    }

    #[test]
    fn wake_after_a_ready_poll_is_not_lost() {
        check(|filter, event| {
            let mut first = true;
            block_on(poll_fn(|cx| {
                filter.poll(cx, |cx| match std::mem::take(&mut first) {
                    true => Poll::Ready(()),
                    false => event.poll(cx),
                })
            }));
            block_on(poll_fn(|cx| filter.poll(cx, |cx| event.poll(cx))));
        });
    }
}
