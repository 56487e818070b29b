//! Chunk queue: the heads and short payloads of an outbox, first in, first out.

use std::collections::VecDeque;

/// Capacity of a chunk, in bytes, unless one entry is longer. A full chunk is never moved: each byte
/// is copied once, and a chunk is freed as soon as its last entry is dropped.
const CHUNK: usize = 4096;

/// Capacity of the only chunk, in bytes, that an empty queue keeps: enough for a session with few
/// short messages in flight.
const KEPT_CAPACITY: usize = 256;

/// Queue of entries: a [`Label`], a head and a short payload each.
#[derive(Debug, Default)]
pub(super) struct ChunkQueue {
    /// Chunks that have no room for the entry after them, oldest first.
    full: VecDeque<Vec<u8>>,
    /// The last chunk.
    last: Vec<u8>,
    /// Offset of the first entry in the oldest chunk.
    begin: usize,
}

/// Place of an entry: its chunk's number, from the oldest that is kept, and its offset in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    chunk: usize,
    offset: usize,
}

/// Length of an entry's head and payload, in bytes, and in the highest bit whether a shared
/// payload follows it. Small, as there is one for each message in flight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label(u32);

impl Label {
    const LEN: usize = size_of::<u32>();

    const SHARED: u32 = 1 << 31;

    /// Longest payload that is copied, with room for its head.
    pub(super) const MAX_COPY: usize = 1 << 30;

    /// Splits the label off the front of `entries`; `None` if there are none.
    #[inline]
    fn split_off(entries: &[u8]) -> Option<(Self, &[u8])> {
        let (label, rest) = entries.split_first_chunk()?;
        Some((Self(u32::from_ne_bytes(*label)), rest))
    }

    /// Number of bytes in the entry.
    pub(super) fn copied(self) -> usize {
        (self.0 & !Self::SHARED) as usize
    }

    /// Returns true if a shared payload follows the entry.
    pub(super) fn is_shared(self) -> bool {
        self.0 & Self::SHARED != 0
    }
}

impl ChunkQueue {
    /// Appends an entry with a head and a payload of [`MAX_COPY`](Label::MAX_COPY) at most.
    #[inline(always)]
    pub(super) fn push(&mut self, head: &[u8], payload: &[u8]) {
        self.push_labelled(Label((head.len() + payload.len()) as u32), head, payload);
    }

    /// Appends the entry of a message whose payload is shared.
    pub(super) fn push_shared(&mut self, head: &[u8]) {
        self.push_labelled(Label(head.len() as u32 | Label::SHARED), head, &[]);
    }

    #[inline(always)]
    fn push_labelled(&mut self, label: Label, head: &[u8], payload: &[u8]) {
        let len = Label::LEN + label.copied();
        if self.last.capacity() - self.last.len() < len {
            self.make_room(len);
        }
        self.last.extend_from_slice(&label.0.to_ne_bytes());
        self.last.extend_from_slice(head);
        self.last.extend_from_slice(payload);
    }

    /// Makes room for `len` more bytes in the last chunk.
    #[cold]
    fn make_room(&mut self, len: usize) {
        if self.last.is_empty() {
            self.last.reserve(len);
        } else if self.last.len() + len <= KEPT_CAPACITY {
            self.last.reserve(KEPT_CAPACITY - self.last.len());
        } else {
            let next = Vec::with_capacity(CHUNK.max(len));
            self.full.push_back(std::mem::replace(&mut self.last, next));
        }
    }

    /// Returns the label and the bytes of the entry at `place`, and the place after it; `None` at
    /// the end.
    pub(super) fn get(&self, place: Place) -> Option<(Label, &[u8], Place)> {
        let Place {
            mut chunk,
            mut offset,
        } = place;
        let is_end = |full: &Vec<u8>| offset == full.len();
        if self.full.get(chunk).is_some_and(is_end) {
            (chunk, offset) = (chunk + 1, 0);
        }
        let entries = self.full.get(chunk).unwrap_or(&self.last);
        let (label, rest) = Label::split_off(&entries[offset..])?;
        let offset = offset + Label::LEN + label.copied();
        Some((label, &rest[..label.copied()], Place { chunk, offset }))
    }

    /// The place after the last entry.
    pub(super) fn end(&self) -> Place {
        Place {
            chunk: self.full.len(),
            offset: self.last.len(),
        }
    }

    /// The place of the first entry.
    pub(super) fn first(&self) -> Place {
        Place {
            chunk: 0,
            offset: self.begin,
        }
    }

    /// Drops the first `count` entries, all of which exist.
    pub(super) fn drop_first(&mut self, count: usize) -> Dropped {
        let (mut left, mut dropped) = (count, Dropped::default());
        loop {
            let chunk = self.full.front().unwrap_or(&self.last);
            let mut rest = &chunk[self.begin..];
            while left > 0
                && let Some((label, after)) = Label::split_off(rest)
            {
                rest = &after[label.copied()..];
                dropped.copied += label.copied();
                dropped.shared += usize::from(label.is_shared());
                left -= 1;
            }
            self.begin = chunk.len() - rest.len();
            if !rest.is_empty() || self.full.pop_front().is_none() {
                break;
            }
            self.begin = 0;
            dropped.chunks += 1;
        }
        if self.begin == self.last.len() && self.full.is_empty() {
            self.begin = 0;
            self.last.clear();
            if self.last.capacity() > KEPT_CAPACITY {
                // The list of chunks too: it had some.
                *self = Self::default();
            }
        }
        dropped
    }
}

/// Entries that were dropped.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    /// Number of bytes in the entries.
    pub(super) copied: usize,
    /// Number of shared payloads that followed them.
    pub(super) shared: usize,
    /// Number of chunks that are freed.
    pub(super) chunks: usize,
}

impl Place {
    /// Counts the place's chunk from the oldest that is left after `freed` chunks. The end of a
    /// chunk that is freed becomes the beginning of the one after it.
    pub(super) fn move_back(&mut self, freed: usize) {
        *self = match self.chunk.checked_sub(freed) {
            Some(chunk) => Self { chunk, ..*self },
            None => Self::default(),
        };
    }
}
