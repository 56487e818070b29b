//! Memory that is used again.
//!
//! A connection that waits has no buffer: what short frames are gathered in is the
//! thread's. Memory that is new costs a page fault for every 4 KiB, about as much as copying them. So
//! what long payloads were in is kept for the next ones: as much as was in use at once, up
//! to a limit for the whole process.

use std::cell::RefCell;
use std::mem::take;
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

use crate::socket::read::LONG;

/// The most that is kept, in bytes: four of the longest messages that are allowed by default.
const MOST: usize = 64 * 1024 * 1024;

/// How much of the short frames of a batch there is room for at first, in bytes.
const SCRATCH: usize = 64 * 1024;

thread_local! {
    /// What one batch of short frames after the other is gathered in.
    static GATHERED: RefCell<BytesMut> = RefCell::default();
}

static SPARE: Mutex<Vec<BytesMut>> = Mutex::new(Vec::new());

/// An empty buffer with room for at least `len` bytes.
pub(crate) fn buffer(len: usize) -> BytesMut {
    let fits = with_spare(|spare| {
        let large_enough = spare.iter().enumerate();
        let large_enough = large_enough.filter(|(_, buffer)| buffer.capacity() >= len);
        let tightest = large_enough.min_by_key(|(_, buffer)| buffer.capacity());
        let index = tightest?.0;
        Some(spare.swap_remove(index))
    });
    fits.unwrap_or_else(|| BytesMut::with_capacity(len))
}

/// Makes room in `buffer` for `more` bytes. All moves that its growth takes cost as much as
/// one copy of it.
pub(crate) fn reserve(buffer: &mut BytesMut, more: usize) {
    let len = buffer.len();
    if len + more < LONG {
        buffer.reserve(more);
    } else if buffer.capacity() - len < more {
        let mut larger = self::buffer(len + more.max(len));
        larger.extend_from_slice(buffer);
        *buffer = larger;
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

/// Takes a buffer back that is written.
pub(crate) fn return_scratch(mut buffer: BytesMut) {
    // One that others still have a part of is theirs.
    if buffer.try_reclaim(SCRATCH) {
        GATHERED.set(buffer);
    }
}

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
        with_spare(|spare| {
            let kept: usize = spare.iter().map(BytesMut::capacity).sum();
            if kept + buffer.capacity() <= MOST {
                spare.push(buffer);
            }
        });
    }
}

fn with_spare<T>(f: impl FnOnce(&mut Vec<BytesMut>) -> T) -> T {
    // Nothing panics while it holds the lock.
    f(&mut SPARE.lock().unwrap_or_else(PoisonError::into_inner))
}
