//! Buffer pool: memory of long payloads, used again for the next ones.
//!
//! New memory costs a page fault for every 4 KiB, about as much as copying them. A
//! [`PooledBuffer`] returns to the pool when it is dropped, or when the last of the
//! [`Bytes`] that it was frozen into is. Buffers that are out of use for a while are freed.

use std::mem::take;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use net::timer::sleep;

use crate::buffer::sizes::{POOL_CAPACITY, SHARE_FROM};

/// Time after which a buffer that was not used is freed, or up to twice as long.
const UNUSED_TIME: Duration = Duration::from_secs(5);

static POOL: Mutex<BufferPool> = Mutex::new(BufferPool {
    buffers: Vec::new(),
    capacity: 0,
    period: 0,
});

/// Takes an empty buffer for `len` bytes or a little more, if the pool has one.
pub(crate) fn take_pooled(len: usize) -> Option<PooledBuffer> {
    with_pool(|pool| pool.take(len)).map(PooledBuffer::from)
}

/// Returns an empty buffer for `len` bytes or a little more: a pooled one, or else a new one.
pub(crate) fn take_or_allocate(len: usize) -> PooledBuffer {
    // In steps, so that the buffer also fits payloads that are a few bytes longer.
    let allocate = || BytesMut::with_capacity(len.next_multiple_of(SHARE_FROM));
    take_pooled(len).unwrap_or_else(|| allocate().into())
}

/// Frees pooled buffers that are out of use, for ever.
pub(crate) async fn free_unused_buffers() {
    loop {
        sleep(UNUSED_TIME).await;
        // Outside of the lock, which connections wait for.
        drop(with_pool(BufferPool::take_unused));
    }
}

/// Bytes of a payload that are still to come.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Left {
    Exactly(usize),
    /// The payload may end at any time, or go on up to its limit.
    AtMost(usize),
}

/// Buffer of a long payload that grows as the payload arrives; pooled when it is dropped.
///
/// It moves to a larger one bit by bit, as a move of some MiB at once would keep the thread's
/// other connections waiting.
#[derive(Debug, Default)]
pub(crate) struct PooledBuffer {
    bytes: BytesMut,
    /// Larger buffer with a copy of the first bytes, into which the rest will move.
    larger: Option<Box<Self>>,
}

impl PooledBuffer {
    /// Reserves memory for `more` bytes, of those `left` to come.
    ///
    /// Takes a pooled buffer for all of them, or else grows to a multiple of its capacity: so
    /// all moves of a buffer that grows cost a third of one copy, or one copy if the end is
    /// unknown, and a payload that is kept holds on to little more than itself. A buffer that is
    /// half full begins to move: each call copies twice as many bytes as came since the last.
    pub(crate) fn reserve(&mut self, more: usize, left: Left) {
        let (len, capacity) = (self.bytes.len(), self.bytes.capacity());
        if len + more < SHARE_FROM {
            return self.bytes.reserve(more);
        }
        let is_full = capacity - len < more;
        let to_move = match is_full {
            true => len,
            false => (2 * len).saturating_sub(capacity),
        };
        let (Left::Exactly(most) | Left::AtMost(most)) = left;
        if to_move == 0 || (!is_full && capacity - len >= most) {
            return;
        }
        let larger = self.larger.get_or_insert_with(|| {
            let room = capacity.max(len + more);
            Box::new(larger(len, room, more, left))
        });
        let moved = larger.len();
        if moved < to_move {
            larger.bytes.extend_from_slice(&self.bytes[moved..to_move]);
        }
        if is_full && let Some(larger) = self.larger.take() {
            *self = *larger;
        }
    }

    /// Goes on with the move that `before` has begun, whose bytes this buffer has now.
    pub(super) fn resume_move(&mut self, mut before: Self) {
        self.larger = before.larger.take();
    }

    /// Takes the memory, which does not return to the pool by itself any more.
    pub(super) fn into_inner(mut self) -> BytesMut {
        take(&mut self.bytes)
    }

    /// Makes the bytes shareable, without a copy.
    pub(crate) fn freeze(mut self) -> Bytes {
        self.larger = None;
        match self.bytes.capacity() {
            0..SHARE_FROM => take(&mut self.bytes).freeze(),
            _ => Bytes::from_owner(self),
        }
    }
}

/// Returns a buffer for a payload of which `len` bytes have come and `left` are to come, as many
/// times larger than `room` as the bytes bear out, and for `more` bytes at least.
fn larger(len: usize, room: usize, more: usize, left: Left) -> PooledBuffer {
    let (growth, all) = match left {
        Left::Exactly(left) => (left.min(4 * room - len), left),
        Left::AtMost(left) => (left.min(2 * room - len), 0),
    };
    let growth = growth.max(more);
    let for_all = take_pooled(len.saturating_add(growth.max(all)));
    for_all.unwrap_or_else(|| take_or_allocate(len + growth))
}

impl From<BytesMut> for PooledBuffer {
    fn from(bytes: BytesMut) -> Self {
        let larger = None;
        Self { bytes, larger }
    }
}

impl Deref for PooledBuffer {
    type Target = BytesMut;

    fn deref(&self) -> &BytesMut {
        &self.bytes
    }
}

impl DerefMut for PooledBuffer {
    fn deref_mut(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }
}

impl AsRef<[u8]> for PooledBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for PooledBuffer {
    fn drop(&mut self) {
        if self.bytes.capacity() >= SHARE_FROM {
            let buffer = take(&mut self.bytes);
            with_pool(|pool| pool.put(buffer));
        }
    }
}

/// Pool of empty buffers.
#[derive(Debug, Default)]
struct BufferPool {
    /// The smallest first; among equals, the last used one first, so that those in excess stay
    /// unused.
    buffers: Vec<Pooled>,
    /// Their total capacity, in bytes.
    capacity: usize,
    /// Number of calls of [`take_unused`](Self::take_unused).
    period: u32,
}

/// Empty buffer of the pool.
#[derive(Debug)]
struct Pooled {
    buffer: BytesMut,
    /// Period in which it was last used.
    used: u32,
}

impl BufferPool {
    /// Takes the smallest buffer for `len` bytes, unless it is over four times as large.
    fn take(&mut self, len: usize) -> Option<BytesMut> {
        let index = self.index_of(len);
        let capacity = self.buffers.get(index)?.buffer.capacity();
        if capacity / 4 > len {
            return None;
        }
        self.capacity -= capacity;
        Some(self.buffers.remove(index).buffer)
    }

    /// Adds `buffer`, emptied, or frees it if the pool is full.
    fn put(&mut self, mut buffer: BytesMut) {
        buffer.clear();
        // The room of headers, if some were taken off its front.
        let _ = buffer.try_reclaim(buffer.capacity() + 1);
        let capacity = buffer.capacity();
        if self.capacity + capacity <= POOL_CAPACITY {
            self.capacity += capacity;
            let used = self.period;
            let index = self.index_of(capacity);
            self.buffers.insert(index, Pooled { buffer, used });
        }
    }

    /// Takes the buffers that have not been used since the last call.
    fn take_unused(&mut self) -> Vec<BytesMut> {
        let last = self.period;
        self.period = last.wrapping_add(1);
        let unused = self.buffers.extract_if(.., |pooled| pooled.used != last);
        let unused: Vec<_> = unused.map(|pooled| pooled.buffer).collect();
        self.capacity -= unused.iter().map(BytesMut::capacity).sum::<usize>();
        unused
    }

    /// Returns the index of the smallest buffer for `len` bytes.
    fn index_of(&self, len: usize) -> usize {
        self.buffers
            .partition_point(|pooled| pooled.buffer.capacity() < len)
    }
}

fn with_pool<T>(f: impl FnOnce(&mut BufferPool) -> T) -> T {
    // Nothing panics while it holds the lock.
    f(&mut POOL.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use bytes::Buf;

    use super::*;

    #[test]
    fn growing_buffer_keeps_its_bytes() {
        let mut buffer = PooledBuffer::default();
        for byte in 0..100 {
            buffer.reserve(SHARE_FROM, Left::AtMost(usize::MAX));
            let len = buffer.len() + SHARE_FROM;
            buffer.resize(len, byte);
        }
        let shared = buffer.freeze();
        for (byte, chunk) in shared.chunks(SHARE_FROM).enumerate() {
            assert!(chunk.iter().all(|&b| usize::from(b) == byte));
        }
    }

    #[test]
    fn buffer_fits_payloads_that_are_a_few_bytes_longer() {
        let len = SHARE_FROM * 100 + 4;
        assert!(take_or_allocate(len).capacity() >= len + 10);
    }

    #[test]
    fn buffer_grows_no_further_than_a_known_length() {
        // So long that no other test leaves one in the pool.
        let mut buffer = PooledBuffer::from(BytesMut::zeroed(SHARE_FROM * 2000));
        buffer.reserve(SHARE_FROM, Left::Exactly(SHARE_FROM * 2));
        assert!((SHARE_FROM * 2002..SHARE_FROM * 2010).contains(&buffer.capacity()));
    }

    #[test]
    fn buffer_without_a_known_end_is_moved_a_few_times() {
        let (mut buffer, mut moves) = (PooledBuffer::default(), 0);
        while buffer.len() < 16 << 20 {
            let before = buffer.capacity();
            buffer.reserve(1000, Left::AtMost((17 << 20) - buffer.len()));
            moves += usize::from(buffer.capacity() != before);
            let len = buffer.len() + 1000;
            buffer.resize(len, 0);
        }
        assert!(moves <= 24, "{moves} moves");
    }

    #[test]
    fn buffer_moves_a_few_bytes_at_a_time() {
        const STEP: usize = 1000;
        for left in [Left::Exactly, Left::AtMost] {
            let mut buffer = PooledBuffer::default();
            let moved = |buffer: &PooledBuffer| buffer.larger.as_ref().map_or(0, |it| it.len());
            while buffer.len() < 16 << 20 {
                let (before, capacity) = (moved(&buffer), buffer.capacity());
                buffer.reserve(STEP, left((17 << 20) - buffer.len()));
                let after = match buffer.capacity() == capacity {
                    true => moved(&buffer),
                    false => buffer.len(),
                };
                let copied = after - before;
                assert!(copied <= SHARE_FROM + 2 * STEP, "{copied} bytes at {after}");
                let len = buffer.len() + STEP;
                buffer.resize(len, 0);
            }
        }
    }

    #[test]
    fn pool_finds_buffers_by_capacity() {
        let mut pool = BufferPool::default();
        for capacity in [300, 100, 200] {
            pool.put(BytesMut::with_capacity(capacity));
        }
        let capacity = |buffer: Option<BytesMut>| buffer.map(|buffer| buffer.capacity());
        assert_eq!(capacity(pool.take(150)), Some(200));
        assert_eq!(capacity(pool.take(150)), Some(300));
        assert_eq!(capacity(pool.take(150)), None);
        assert_eq!(capacity(pool.take(100)), Some(100));
        pool.put(BytesMut::with_capacity(1000));
        assert_eq!(capacity(pool.take(100)), None);
    }

    #[test]
    fn buffer_returns_with_the_room_of_headers() {
        let mut pool = BufferPool::default();
        let mut buffer = BytesMut::with_capacity(1000);
        buffer.resize(100, 0);
        buffer.advance(14);
        pool.put(buffer);
        assert_eq!(pool.capacity, 1000);
        assert!(pool.take(1000).is_some());
    }

    #[test]
    fn buffers_out_of_use_leave_the_pool() {
        let mut pool = BufferPool::default();
        for _ in 0..3 {
            pool.put(BytesMut::with_capacity(100));
        }
        assert_eq!(pool.take_unused().len(), 0);
        for _ in 0..2 {
            let buffer = pool.take(100).unwrap();
            pool.put(buffer);
        }
        assert_eq!(pool.take_unused().len(), 2);
        assert_eq!((pool.buffers.len(), pool.capacity), (1, 100));
        assert_eq!(pool.take_unused().len(), 1);
        assert_eq!(pool.capacity, 0);
    }

    #[test]
    fn pool_keeps_no_more_than_its_capacity() {
        let mut pool = BufferPool::default();
        for _ in 0..3 {
            pool.put(BytesMut::with_capacity(POOL_CAPACITY / 2));
        }
        assert_eq!(pool.buffers.len(), 2);
    }
}
