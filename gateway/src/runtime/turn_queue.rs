//! Turn queue of a thread: connections with more work than a turn have their next turns in order,
//! a few between two looks at the sockets.
//!
//! A runtime polls all tasks that can go on before it looks at the sockets again. So a request beside
//! N long messages would wait for N turns at each of its hops. Here only the first of the queue
//! can go on: as many as take a tenth of a millisecond, or as long as all other tasks took.

use std::cell::RefCell;
use std::future::poll_fn;
use std::iter;
use std::mem::replace;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot::{Receiver, Sender, channel};
use tokio::task::yield_now;
use tokio::time::Instant;

/// Time between two looks at the sockets that turns have at least: a look takes some microseconds.
const MIN_SLICE: Duration = Duration::from_micros(100);

/// Time that a turn is taken to need at least.
const MIN_TURN_TIME: Duration = Duration::from_micros(20);

/// Number of turns that follow each other at most.
const MAX_TURNS: u128 = 1024;

thread_local! {
    /// Queue of the thread, for the runtime that the thread ran last.
    static QUEUE: RefCell<Option<(Id, UnboundedSender<Sender<()>>)>> = const { RefCell::new(None) };
}

/// Place in the thread's queue. It resolves when the turn comes: at once outside of a runtime, where
/// there are no others. A dropped receiver has left the queue.
pub(crate) fn join() -> Receiver<()> {
    let (turn, comes) = channel();
    match Handle::try_current() {
        Ok(runtime) => QUEUE.with_borrow_mut(|queue| {
            let serves = |(id, queue): &mut (Id, UnboundedSender<_>)| {
                *id == runtime.id() && !queue.is_closed()
            };
            let known = queue.take_if(serves);
            let (id, sender) = known.unwrap_or_else(|| (runtime.id(), start(&runtime)));
            // Fails if the runtime shuts down, and with it the one who waits.
            let _ = sender.send(turn);
            *queue = Some((id, sender));
        }),
        Err(_) => drop(turn.send(())),
    }
    comes
}

/// New queue, and the task that serves it.
fn start(runtime: &Handle) -> UnboundedSender<Sender<()>> {
    let (sender, waiting) = unbounded_channel();
    runtime.spawn(serve(waiting));
    sender
}

/// Loop that gives turns to those who wait, until the thread ends.
async fn serve(mut waiting: UnboundedReceiver<Sender<()>>) {
    // Not yet measured.
    let mut turn_time = Duration::MAX;
    while let Some(first) = waiting.recv().await {
        let start = Instant::now();
        // All that can go on does so, then the runtime looks at the sockets, then this task goes on.
        yield_now().await;
        let turns = turns_in(start.elapsed(), turn_time);
        let start = Instant::now();
        let next = iter::from_fn(|| waiting.try_recv().ok());
        let given = iter::once(first)
            .chain(next)
            .filter_map(|turn| turn.send(()).ok());
        let given = given.take(turns).count();
        after_others().await;
        if given > 0 {
            turn_time = start.elapsed() / given as u32;
        }
    }
}

/// Number of turns that take as long as `others` did, and that are worth a look at the sockets.
fn turns_in(others: Duration, turn_time: Duration) -> usize {
    let turns = others.max(MIN_SLICE).as_nanos() / turn_time.max(MIN_TURN_TIME).as_nanos();
    turns.clamp(1, MAX_TURNS) as usize
}

/// Yield to the tasks that can already go on, before the runtime looks at the sockets.
async fn after_others() {
    let mut woken = false;
    poll_fn(|cx| {
        if replace(&mut woken, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_have_as_much_time_as_the_others() {
        let [turn, others] = [50, 1000].map(Duration::from_micros);
        assert_eq!(turns_in(others, turn), 20);
        assert_eq!(turns_in(turn, others), 1);
        assert_eq!(turns_in(Duration::ZERO, MIN_SLICE / 3), 3);
    }

    #[test]
    fn number_of_turns_is_bounded() {
        assert_eq!(turns_in(Duration::ZERO, Duration::MAX), 1);
        assert_eq!(turns_in(Duration::MAX, Duration::ZERO), MAX_TURNS as usize);
    }
}
