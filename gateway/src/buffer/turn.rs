//! Turn of a reader or writer: a bounded part of the work that waits, then the other connections'.
//!
//! A thread serves many connections. One whose bytes never end is left after a number of
//! frames or of bytes, until its turn comes in the thread's [queue](crate::runtime::turn_queue). A turn of bytes gets
//! longer while the others need little time: long messages take fewer system calls then, and
//! wake their receivers less often.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::sync::oneshot::Receiver;

use crate::buffer::sizes::{MAX_TURN_SHIFT, MIN_READ_SIZE, TURN_FRAMES, TURN_SIZE};
use crate::runtime::turn_queue;

/// Length that is as much work as a frame, in bytes.
const BYTES_PER_FRAME: usize = TURN_SIZE / TURN_FRAMES;

/// Time that all other turns of the thread take together, at most, for a turn to get longer: two
/// or three of the longest.
const SHORT_WAIT: Duration = Duration::from_micros(400);

/// Turns of one reader or writer.
#[derive(Debug)]
pub(crate) struct Turn {
    /// End of the last turn, and the place in the thread's queue, until the next begins.
    waiting: Option<(Instant, Receiver<()>)>,
    /// Frames taken, and bytes in units of a frame, in this turn.
    work: u32,
    /// Length of the next read of short frames, in bytes.
    read_size: u32,
    /// Number of times that [`TURN_SIZE`] is doubled for this turn.
    shift: u32,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            waiting: None,
            work: 0,
            read_size: TURN_SIZE as u32,
            shift: 0,
        }
    }
}

impl Turn {
    /// Pending after each turn's work, until the others had a turn.
    #[inline]
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if (self.work as usize) < TURN_FRAMES {
            return Poll::Ready(());
        }
        self.poll_queue(cx)
    }

    /// Length of the next write, or read of a long payload, in bytes.
    #[inline]
    pub(crate) fn size(&self) -> usize {
        TURN_SIZE << self.shift
    }

    /// Length of the next read, in bytes: of short frames, no more than one turn takes.
    #[inline]
    pub(crate) fn read_size(&self) -> usize {
        match self.read_size as usize {
            TURN_SIZE => self.size(),
            short => short,
        }
    }

    /// Counts `frames` that were taken from `bytes` of a read.
    #[inline]
    pub(crate) fn count(&mut self, bytes: usize, frames: usize) {
        self.work += (frames + ((bytes / BYTES_PER_FRAME) >> self.shift)) as u32;
        let read_size = self.read_size as usize;
        if frames >= TURN_FRAMES {
            self.read_size = bytes.clamp(MIN_READ_SIZE, read_size) as u32;
        } else if bytes >= read_size {
            self.read_size = TURN_SIZE.min(2 * read_size) as u32;
        }
    }

    #[cold]
    fn poll_queue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let waiting = &mut self.waiting;
        let (ended, next) = waiting.get_or_insert_with(|| (Instant::now(), turn_queue::join()));
        // Fails if the runtime shuts down: the turn is as good as any.
        let _ = ready!(Pin::new(next).poll(cx));
        let wait = ended.elapsed();
        *waiting = None;
        self.work = 0;
        self.resize(wait);
        Poll::Ready(())
    }

    /// Sets the length of the next turn, after those of the others took `wait`.
    fn resize(&mut self, wait: Duration) {
        self.shift = match wait < SHORT_WAIT {
            true => MAX_TURN_SHIFT.min(self.shift + 1),
            false => self.shift.saturating_sub(1),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[test]
    fn reads_of_short_frames_get_shorter_and_those_of_long_ones_longer_again() {
        let mut turn = Turn::default();
        turn.count(6 * TURN_FRAMES, TURN_FRAMES);
        assert_eq!(turn.read_size(), 6 * TURN_FRAMES);
        turn.count(100, 1);
        assert_eq!(turn.read_size(), 6 * TURN_FRAMES);
        turn.count(TURN_FRAMES, TURN_FRAMES);
        assert_eq!(turn.read_size(), MIN_READ_SIZE);
        for _ in 0..10 {
            turn.count(turn.read_size(), 1);
        }
        assert_eq!(turn.read_size(), TURN_SIZE);
    }

    #[tokio::test]
    async fn turn_is_over_after_its_frames_or_bytes() {
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        for (bytes, frames) in [(0, 1), (BYTES_PER_FRAME, 0)] {
            let mut turn = Turn::default();
            for _ in 0..TURN_FRAMES {
                assert!(turn.poll_next(cx).is_ready());
                turn.count(bytes, frames);
            }
            assert!(turn.poll_next(cx).is_pending());
            poll_fn(|cx| turn.poll_next(cx)).await;
            assert!(turn.poll_next(cx).is_ready());
        }
    }

    #[test]
    fn turns_get_longer_while_the_others_need_little_time() {
        let mut turn = Turn::default();
        for size in [2, 4, 4] {
            turn.resize(SHORT_WAIT / 2);
            assert_eq!(turn.size(), size * TURN_SIZE);
            assert_eq!(turn.read_size(), turn.size());
        }
        for size in [2, 1, 1] {
            turn.resize(SHORT_WAIT);
            assert_eq!(turn.size(), size * TURN_SIZE);
        }
    }

    #[tokio::test]
    async fn long_turn_takes_more_bytes_but_no_more_frames() {
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        let mut turn = Turn::default();
        turn.resize(Duration::ZERO);
        turn.count(2 * TURN_SIZE - 1, 0);
        assert!(turn.poll_next(cx).is_ready());
        turn.count(0, TURN_FRAMES);
        assert!(turn.poll_next(cx).is_pending());
    }
}
