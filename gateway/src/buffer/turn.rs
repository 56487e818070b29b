//! Turn of a reader: a bounded part of the work that waits, then the other connections'.
//!
//! A thread serves many connections. One whose bytes never end is left after a number of
//! frames or of bytes, until the thread has looked at all the others.

use std::pin::pin;
use std::task::{Context, Poll};

use tokio::task::yield_now;

use crate::buffer::sizes::{MIN_READ_SIZE, TURN_FRAMES, TURN_SIZE};

/// Length that is as much work as a frame, in bytes.
const BYTES_PER_FRAME: usize = TURN_SIZE / TURN_FRAMES;

/// Turns of one reader.
#[derive(Debug)]
pub(crate) struct Turn {
    /// Frames taken, and bytes in units of a frame, since the reader last made way.
    work: usize,
    /// Length of the next read, in bytes.
    read_size: usize,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            work: 0,
            read_size: TURN_SIZE,
        }
    }
}

impl Turn {
    /// Pending once after each turn's work; the task is woken when the others had a turn.
    #[inline]
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.work < TURN_FRAMES {
            return Poll::Ready(());
        }
        self.poll_yield(cx)
    }

    /// Length of the next read, in bytes: of short frames, no more than one turn takes.
    #[inline]
    pub(crate) fn read_size(&self) -> usize {
        self.read_size
    }

    /// Counts `frames` that were taken from `bytes` of a read.
    #[inline]
    pub(crate) fn count(&mut self, bytes: usize, frames: usize) {
        self.work += frames + bytes / BYTES_PER_FRAME;
        if frames >= TURN_FRAMES {
            self.read_size = bytes.clamp(MIN_READ_SIZE, self.read_size);
        } else if bytes >= self.read_size {
            self.read_size = TURN_SIZE.min(2 * self.read_size);
        }
    }

    #[cold]
    fn poll_yield(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.work = 0;
        // A plain wake-up would go before the sockets that have become ready.
        pin!(yield_now()).poll(cx)
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn turn_is_over_after_its_frames_or_bytes() {
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        for (bytes, frames) in [(0, 1), (BYTES_PER_FRAME, 0)] {
            let mut turn = Turn::default();
            for _ in 0..TURN_FRAMES {
                assert!(turn.poll_next(cx).is_ready());
                turn.count(bytes, frames);
            }
            assert!(turn.poll_next(cx).is_pending());
            assert!(turn.poll_next(cx).is_ready());
        }
    }
}
