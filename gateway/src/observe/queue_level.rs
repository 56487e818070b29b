//! Queue level: bounds the bytes in the recorder's queue, and counts dropped entries.

use crate::observe::drop_counter::DropCounter;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// Number of bytes in a queue. Only a single entry that is longer than the capacity may exceed
/// it.
#[derive(Debug, Default)]
pub(super) struct QueueLevel {
    queued: AtomicUsize,
    pub(super) dropped: DropCounter,
}

impl QueueLevel {
    /// Returns true if an entry of `size` bytes fits into `capacity`, and reserves them until
    /// [`release`](Self::release). Otherwise counts it as dropped.
    pub(super) fn reserve(&self, size: usize, capacity: usize) -> bool {
        let queued = self.queued.fetch_add(size, Ordering::Relaxed);
        let fits = queued == 0 || queued + size <= capacity;
        if !fits {
            self.release(size);
            self.dropped.increment();
        }
        fits
    }

    /// Releases the bytes of an entry that has left the queue.
    pub(super) fn release(&self, size: usize) {
        self.queued.fetch_sub(size, Ordering::Relaxed);
    }
}

#[cfg(all(test, feature = "model-check"))]
mod model_check {
    use loom::sync::{Arc, Mutex};
    use loom::{model, thread};

    use super::*;

    const CAPACITY: usize = 10;

    /// Queues an entry of each of `sizes`, and takes it off the queue, on a thread each.
    fn check(sizes: [usize; 2]) {
        model(move || {
            let level = Arc::new(QueueLevel::default());
            let queue = Arc::new(Mutex::new(Vec::new()));
            let threads = sizes.map(|size| {
                let (level, queue) = (level.clone(), queue.clone());
                thread::spawn(move || {
                    if !level.reserve(size, CAPACITY) {
                        return level.dropped.take();
                    }
                    let (len, bytes) = {
                        let mut queue = queue.lock().unwrap();
                        queue.push(size);
                        (queue.len(), queue.iter().sum::<usize>())
                    };
                    assert!(bytes <= CAPACITY || len == 1, "{bytes} bytes are queued");
                    queue.lock().unwrap().retain(|queued| *queued != size);
                    level.release(size);
                    0
                })
            });
            let reported: u64 = threads.map(|thread| thread.join().unwrap()).iter().sum();
            assert_eq!(level.dropped.take(), 0);
            assert!(reported < 2, "the first entry always fits");
            assert!(level.reserve(CAPACITY, CAPACITY), "all bytes were released");
        });
    }

    #[test]
    fn queue_is_never_over_its_capacity() {
        check([4, 6]);
        check([5, 6]);
    }

    #[test]
    fn entry_longer_than_the_queue_is_queued_alone() {
        check([1, 11]);
        check([12, 11]);
    }
}
