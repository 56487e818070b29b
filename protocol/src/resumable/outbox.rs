//! Outbox: messages kept until the other side has acknowledged them.

use std::collections::VecDeque;

use bytes::Bytes;

use super::error::SessionError;
use crate::payload::Payload;
use crate::write_queue::WriteQueue;

/// Capacity, in bytes, above which an empty outbox gives its memory back.
const KEPT_CAPACITY: usize = 256;

/// Messages that are sent and not yet acknowledged, followed by those that wait for the window.
///
/// A message is a head and a payload. Short ones are copied into one buffer, long payloads are
/// shared. An empty outbox owns next to no memory.
#[derive(Debug)]
pub struct Outbox {
    /// The messages, oldest first.
    kept: VecDeque<Kept>,
    /// Heads and short payloads, in order, from `begin` on. What is before belongs to messages
    /// that are dropped.
    copies: Vec<u8>,
    begin: usize,
    /// Long payloads, in order.
    shared: VecDeque<Bytes>,
    /// Total length of the messages, in bytes.
    len: usize,
    /// Count of messages that are dropped: the other side has received them.
    dropped: u64,
    /// The other side's last count of messages taken.
    taken: u64,
    /// Messages in flight: the first of `kept`. `sent_len` is their total length, `sent_copies`
    /// and `sent_shared` their parts of the other two queues.
    sent: usize,
    sent_len: usize,
    sent_copies: usize,
    sent_shared: usize,
    /// Maximum of `sent_len`.
    window: usize,
}

/// One message: the number of its bytes in `copies`, and in the highest bit whether the next
/// element of `shared` follows. Small, as there is one for each message in flight.
#[derive(Debug, Clone, Copy)]
struct Kept(u32);

/// Message to send: its parts, joined.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// The head, and a short payload.
    pub copied: &'a [u8],
    /// A long payload.
    pub shared: Option<&'a Bytes>,
}

impl Kept {
    const SHARED: u32 = 1 << 31;

    /// Longest payload that is copied, with room for its head.
    const MAX_COPY: usize = 1 << 30;

    fn copied(self) -> usize {
        (self.0 & !Self::SHARED) as usize
    }

    fn is_shared(self) -> bool {
        self.0 & Self::SHARED != 0
    }
}

impl Outbox {
    /// Creates an outbox that has at most `window` bytes in flight, or one longer message.
    pub fn new(window: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            copies: Vec::new(),
            begin: 0,
            shared: VecDeque::new(),
            len: 0,
            dropped: 0,
            taken: 0,
            sent: 0,
            sent_len: 0,
            sent_copies: 0,
            sent_shared: 0,
            window,
        }
    }

    /// Sets the window that the gateway tells: it holds both ways.
    pub fn set_window(&mut self, window: usize) {
        self.window = window;
    }

    /// Keeps a message. Returns true if it may be sent at once; it counts as sent then, and the
    /// caller sends it. Otherwise, [`next`](Self::next) returns it when its turn comes.
    pub fn push(&mut self, head: &[u8], payload: &Payload<'_>) -> bool {
        match payload {
            Payload::Shared(bytes) if bytes.len() >= WriteQueue::COPY_BELOW => {
                self.push_shared(head, bytes.clone())
            }
            payload if payload.len() > Kept::MAX_COPY => {
                self.push_shared(head, Bytes::copy_from_slice(payload))
            }
            payload => self.push_parts(head, payload),
        }
    }

    /// Keeps a message with a copy of its payload, as [`push`](Self::push) does.
    #[inline]
    pub fn push_copy<const HEAD: usize>(&mut self, head: &[u8; HEAD], payload: &[u8]) -> bool {
        match payload.len() {
            0..=Kept::MAX_COPY => self.push_parts(head, payload),
            _ => self.push(head, &Payload::Borrowed(payload)),
        }
    }

    /// Keeps a message whose length fits a [`Kept`].
    #[inline(always)]
    fn push_parts(&mut self, head: &[u8], payload: &[u8]) -> bool {
        let len = head.len() + payload.len();
        if self.copies.capacity() - self.copies.len() < len {
            self.make_room(len);
        }
        self.copies.extend_from_slice(head);
        self.copies.extend_from_slice(payload);
        self.keep(Kept(len as u32), len)
    }

    fn push_shared(&mut self, head: &[u8], payload: Bytes) -> bool {
        let len = head.len() + payload.len();
        self.copies.extend_from_slice(head);
        self.shared.push_back(payload);
        self.keep(Kept(head.len() as u32 | Kept::SHARED), len)
    }

    /// Notes a message of `len` bytes that is pushed; returns true if it may be sent at once.
    #[inline(always)]
    fn keep(&mut self, kept: Kept, len: usize) -> bool {
        let is_next = self.sent == self.kept.len();
        self.kept.push_back(kept);
        self.len += len;
        is_next && self.send(kept, len)
    }

    /// Makes room for `len` more bytes of copies, where dropped ones are if those are half of all:
    /// each byte is moved at most once for each byte that was dropped.
    #[cold]
    fn make_room(&mut self, len: usize) {
        let rest = self.copies.len() - self.begin;
        if self.begin >= rest {
            self.copies.copy_within(self.begin.., 0);
            self.copies.truncate(rest);
            self.begin = 0;
        }
        self.copies.reserve(len);
    }

    /// Returns the next message that may be sent, which counts as sent then; `None` while the
    /// window is full, and after the last.
    #[expect(clippy::should_implement_trait, reason = "the item borrows the outbox")]
    pub fn next(&mut self) -> Option<Outgoing<'_>> {
        let kept = *self.kept.get(self.sent)?;
        let (at, at_shared) = (self.begin + self.sent_copies, self.sent_shared);
        let shared_len = match kept.is_shared() {
            true => self.shared[at_shared].len(),
            false => 0,
        };
        if !self.send(kept, kept.copied() + shared_len) {
            return None;
        }
        Some(Outgoing {
            copied: &self.copies[at..at + kept.copied()],
            shared: kept.is_shared().then(|| &self.shared[at_shared]),
        })
    }

    /// Drops the messages up to number `count`, which the other side has taken.
    ///
    /// # Errors
    /// [`SessionError`] if `count` is lower than the one before, or more than were sent.
    pub fn acknowledge(&mut self, count: u64) -> Result<(), SessionError> {
        self.check(count, self.taken)?;
        self.taken = count;
        // On a resume, the other side has told of messages that it had not taken yet.
        self.drop_first(count.saturating_sub(self.dropped) as usize);
        Ok(())
    }

    /// Begins again on a new connection, where the other side has received `count` messages: the
    /// others are sent again.
    ///
    /// # Errors
    /// [`SessionError`] if `count` is lower than one before, or more than were sent.
    pub fn resume(&mut self, count: u64) -> Result<(), SessionError> {
        self.check(count, self.dropped)?;
        self.drop_first((count - self.dropped) as usize);
        (self.sent, self.sent_len) = (0, 0);
        (self.sent_copies, self.sent_shared) = (0, 0);
        Ok(())
    }

    /// Total length of the messages kept, in bytes, with their heads.
    pub fn kept_len(&self) -> usize {
        self.len
    }

    /// Returns true while fewer bytes than the window are kept: more may be pushed.
    pub fn has_room(&self) -> bool {
        self.len < self.window
    }

    /// Returns true if messages wait for the window.
    pub fn has_unsent(&self) -> bool {
        self.sent < self.kept.len()
    }

    /// Count of messages that are kept and not acknowledged.
    pub fn unacknowledged(&self) -> u64 {
        self.kept.len() as u64
    }

    /// Count of messages that the other side may have received.
    pub fn sent(&self) -> u64 {
        self.dropped + self.sent as u64
    }

    /// Checks a count of the other side against the one before.
    fn check(&self, count: u64, acknowledged: u64) -> Result<(), SessionError> {
        let sent = self.sent();
        match count {
            _ if count < acknowledged => Err(SessionError::TakenBack {
                count,
                acknowledged,
            }),
            _ if count > sent => Err(SessionError::NeverSent { count, sent }),
            _ => Ok(()),
        }
    }

    /// Drops the first `count` messages, all of which are in flight.
    fn drop_first(&mut self, count: usize) {
        let (mut copied, mut shared) = (0, 0);
        for kept in self.kept.drain(..count) {
            copied += kept.copied();
            shared += usize::from(kept.is_shared());
        }
        let shared_len: usize = self.shared.drain(..shared).map(|bytes| bytes.len()).sum();
        let len = copied + shared_len;
        self.begin += copied;
        self.len -= len;
        self.sent -= count;
        self.sent_len -= len;
        self.sent_copies -= copied;
        self.sent_shared -= shared;
        self.dropped += count as u64;
        if self.kept.is_empty() {
            self.begin = 0;
            self.copies.clear();
            if self.copies.capacity() > KEPT_CAPACITY {
                (self.kept, self.copies, self.shared) = Default::default();
            }
        }
    }

    /// Notes that the next message, of `len` bytes, is sent, if the window has room for it.
    #[inline(always)]
    fn send(&mut self, kept: Kept, len: usize) -> bool {
        if self.sent > 0 && self.sent_len + len > self.window {
            return false;
        }
        self.sent += 1;
        self.sent_len += len;
        self.sent_copies += kept.copied();
        self.sent_shared += usize::from(kept.is_shared());
        true
    }
}
