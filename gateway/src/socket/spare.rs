//! Memory that is used again.
//!
//! A connection that waits has no buffers: what a batch of short frames is gathered in
//! belongs to the thread. What long payloads were in is kept for the next ones, because
//! memory that is new costs a page fault for every 4 KiB, about as much as copying them.

use std::cell::RefCell;
use std::mem::{replace, take};
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

use crate::socket::read::LONG;

/// The most that is kept for long payloads, in bytes: four of the longest that are allowed
/// by default.
const MOST: usize = 64 * 1024 * 1024;

/// How much room there is for a batch of short frames at first, in bytes.
const SCRATCH: usize = 64 * 1024;

static SPARE: Mutex<Spare> = Mutex::new(Spare(Vec::new()));

thread_local! {
    /// What one batch of short frames after the other is gathered in.
    static GATHERED: RefCell<BytesMut> = RefCell::default();
}

/// An empty buffer with room for `len` bytes, and not for many more if that can be had.
pub(crate) fn buffer(len: usize) -> BytesMut {
    let tightest = with_spare(|spare| spare.tightest(len));
    tightest.unwrap_or_else(|| BytesMut::with_capacity(len))
}

/// Makes room in `buffer` for `more` bytes: for all that are `hoped` for if there is spare
/// memory for them, or else for a few times what is in it. So all moves of a buffer that grows
/// cost a third of one copy, and a payload that is kept holds on to little more than itself.
pub(crate) fn reserve(buffer: &mut BytesMut, more: usize, hoped: usize) {
    let len = buffer.len();
    if len + more < LONG {
        buffer.reserve(more);
    } else if buffer.capacity() - len < more {
        let for_all = with_spare(|spare| spare.tightest(len.saturating_add(hoped.max(more))));
        let mut larger = for_all.unwrap_or_else(|| self::buffer(len + more.max(3 * len)));
        larger.extend_from_slice(buffer);
        // What it was in is spare.
        drop(share(replace(buffer, larger)));
    }
}

/// What is in `buffer`, to be shared; when nobody has it any more, its memory is spare.
pub(crate) fn share(buffer: BytesMut) -> Bytes {
    if buffer.capacity() < LONG {
        return buffer.freeze();
    }
    Bytes::from_owner(Lent(buffer))
}

/// An empty buffer for a batch of short frames. A thread has one that is used again and
/// again, as long as it is [returned](return_scratch).
pub(crate) fn scratch() -> BytesMut {
    let scratch = GATHERED.take();
    match scratch.capacity() {
        0 => BytesMut::with_capacity(SCRATCH),
        _ => scratch,
    }
}

/// Takes the memory of a batch back, once that is written.
pub(crate) fn return_scratch(mut buffer: BytesMut) {
    // Memory of which others have a part is theirs.
    if buffer.try_reclaim(SCRATCH) {
        GATHERED.set(buffer);
    }
}

/// Becomes spare when it is dropped.
struct Lent(BytesMut);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut buffer = take(&mut self.0);
        buffer.clear();
        with_spare(|spare| spare.keep(buffer));
    }
}

/// Buffers that nobody has, the smallest first.
#[derive(Debug)]
struct Spare(Vec<BytesMut>);

impl Spare {
    /// The smallest with room for `len` bytes, if it is no more than a few times as large.
    fn tightest(&mut self, len: usize) -> Option<BytesMut> {
        let index = self.0.partition_point(|buffer| buffer.capacity() < len);
        let is_tight = self.0.get(index)?.capacity() / 4 <= len;
        is_tight.then(|| self.0.remove(index))
    }

    /// Adds `buffer`, if there is room for it among [`MOST`].
    fn keep(&mut self, buffer: BytesMut) {
        let (len, kept) = (buffer.capacity(), self.0.iter().map(BytesMut::capacity));
        if kept.sum::<usize>() + len <= MOST {
            let index = self.0.partition_point(|other| other.capacity() < len);
            self.0.insert(index, buffer);
        }
    }
}

fn with_spare<T>(f: impl FnOnce(&mut Spare) -> T) -> T {
    // Nothing panics while it holds the lock.
    f(&mut SPARE.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grew_keeps_its_bytes() {
        let mut buffer = BytesMut::new();
        for byte in 0..100 {
            reserve(&mut buffer, LONG, 0);
            buffer.resize(buffer.len() + LONG, byte);
        }
        let shared = share(buffer);
        for (byte, chunk) in shared.chunks(LONG).enumerate() {
            assert!(chunk.iter().all(|&b| usize::from(b) == byte));
        }
    }

    #[test]
    fn what_is_kept_is_found_by_its_size() {
        let mut spare = Spare(Vec::new());
        for len in [300, 100, 200] {
            spare.keep(BytesMut::with_capacity(len));
        }
        let size = |buffer: Option<BytesMut>| buffer.map(|buffer| buffer.capacity());
        assert_eq!(size(spare.tightest(150)), Some(200));
        assert_eq!(size(spare.tightest(150)), Some(300));
        assert_eq!(size(spare.tightest(150)), None);
        assert_eq!(size(spare.tightest(100)), Some(100));
        spare.keep(BytesMut::with_capacity(1000));
        assert_eq!(size(spare.tightest(100)), None);
    }

    #[test]
    fn no_more_is_kept_than_the_limit() {
        let mut spare = Spare(Vec::new());
        for _ in 0..3 {
            spare.keep(BytesMut::with_capacity(MOST / 2));
        }
        assert_eq!(spare.0.len(), 2);
    }
}
