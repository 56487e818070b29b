//! Memory that is used again.
//!
//! A connection that waits has no buffers: what a batch of short frames is gathered in
//! belongs to the thread. What long payloads were in is kept for the next ones, because
//! memory that is new costs a page fault for every 4 KiB, about as much as copying them.

use std::cell::Cell;
use std::mem::{replace, take};
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

use crate::buffer::sizes::SHARE_FROM;

/// The most that is kept for long payloads, in bytes: four of the longest that are allowed
/// by default, with their headers and what two threads read to.
const MOST: usize = 4 * (16 << 20) + (1 << 20);

/// How much room there is for a batch of short frames at first, in bytes.
const SCRATCH: usize = 64 * 1024;

static SPARE: Mutex<Spare> = Mutex::new(Spare {
    buffers: Vec::new(),
    len: 0,
});

thread_local! {
    /// What one batch of short frames after the other is gathered in.
    static GATHERED: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

/// An empty buffer with room for `len` bytes, and not for many more if that can be had.
pub(crate) fn buffer(len: usize) -> BytesMut {
    // In steps, so that it is of use for what is a few bytes longer, too.
    fitting(len).unwrap_or_else(|| BytesMut::with_capacity(len.next_multiple_of(SHARE_FROM)))
}

/// An empty buffer with room for `len` bytes, and not for many more, if one is spare.
pub(crate) fn fitting(len: usize) -> Option<BytesMut> {
    with_spare(|spare| spare.tightest(len))
}

/// Keeps the memory of a buffer for the next who needs so much.
pub(crate) fn keep(mut buffer: BytesMut) {
    buffer.clear();
    with_spare(|spare| spare.keep(buffer));
}

/// Makes room in `buffer` for `more` bytes, of which `left` are to come if that is known: for
/// all of them if there is spare memory, or else for a few times what is in it. So all moves
/// of a buffer that grows cost a third of one copy, and a payload that is kept holds on to
/// little more than itself.
pub(crate) fn reserve(buffer: &mut BytesMut, more: usize, left: Option<usize>) {
    let len = buffer.len();
    if len + more < SHARE_FROM {
        buffer.reserve(more);
    } else if buffer.capacity() - len < more {
        let for_all = fitting(len.saturating_add(left.unwrap_or_default().max(more)));
        let growth = left.map_or(3 * len, |left| left.min(3 * len)).max(more);
        let mut larger = for_all.unwrap_or_else(|| self::buffer(len + growth));
        larger.extend_from_slice(buffer);
        keep(replace(buffer, larger));
    }
}

/// What is in `buffer`, to be shared; when nobody has it any more, its memory is spare.
pub(crate) fn share(buffer: BytesMut) -> Bytes {
    if buffer.capacity() < SHARE_FROM {
        return buffer.freeze();
    }
    Bytes::from_owner(Lent(buffer))
}

/// An empty buffer for a batch of short frames. A thread has one that is used again and
/// again, as long as it is [returned](return_scratch).
pub(crate) fn scratch() -> BytesMut {
    GATHERED
        .take()
        .unwrap_or_else(|| BytesMut::with_capacity(SCRATCH))
}

/// Takes the memory of a batch back, once that is written.
pub(crate) fn return_scratch(mut buffer: BytesMut) {
    // Memory of which others have a part is theirs.
    if buffer.try_reclaim(SCRATCH) {
        GATHERED.set(Some(buffer));
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
        keep(take(&mut self.0));
    }
}

/// Buffers that nobody has.
#[derive(Debug, Default)]
struct Spare {
    /// The smallest first.
    buffers: Vec<BytesMut>,
    /// How much memory they have, in bytes.
    len: usize,
}

impl Spare {
    /// The smallest with room for `len` bytes, if it is no more than a few times as large.
    fn tightest(&mut self, len: usize) -> Option<BytesMut> {
        let index = self.place_of(len);
        let room = self.buffers.get(index)?.capacity();
        if room / 4 > len {
            return None;
        }
        self.len -= room;
        Some(self.buffers.remove(index))
    }

    /// Adds `buffer`, if there is room for it among [`MOST`].
    fn keep(&mut self, buffer: BytesMut) {
        let len = buffer.capacity();
        if len > 0 && self.len + len <= MOST {
            self.len += len;
            self.buffers.insert(self.place_of(len), buffer);
        }
    }

    /// Where the first is that has room for `len` bytes.
    fn place_of(&self, len: usize) -> usize {
        self.buffers
            .partition_point(|buffer| buffer.capacity() < len)
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
            reserve(&mut buffer, SHARE_FROM, None);
            buffer.resize(buffer.len() + SHARE_FROM, byte);
        }
        let shared = share(buffer);
        for (byte, chunk) in shared.chunks(SHARE_FROM).enumerate() {
            assert!(chunk.iter().all(|&b| usize::from(b) == byte));
        }
    }

    #[test]
    fn a_buffer_has_room_for_what_is_a_few_bytes_longer() {
        let once = SHARE_FROM * 100 + 4;
        assert!(buffer(once).capacity() >= once + 10);
    }

    #[test]
    fn what_grows_to_a_length_that_is_known_takes_no_more() {
        // So long that no other test leaves a spare one.
        let mut buffer = BytesMut::zeroed(SHARE_FROM * 2000);
        reserve(&mut buffer, SHARE_FROM, Some(SHARE_FROM * 2));
        assert!((SHARE_FROM * 2002..SHARE_FROM * 2010).contains(&buffer.capacity()));
    }

    #[test]
    fn what_is_kept_is_found_by_its_size() {
        let mut spare = Spare::default();
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
        let mut spare = Spare::default();
        for _ in 0..3 {
            spare.keep(BytesMut::with_capacity(MOST / 2));
        }
        assert_eq!(spare.buffers.len(), 2);
    }
}
