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
/// A message is a head and a payload. Short ones are copied into one ring buffer, long payloads
/// are shared. An empty outbox owns no memory.
#[derive(Debug)]
pub struct Outbox {
    /// The messages, oldest first.
    kept: VecDeque<Kept>,
    /// Heads and short payloads, in order.
    copies: VecDeque<u8>,
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

/// One message: the lengths of its parts.
#[derive(Debug, Clone, Copy)]
struct Kept {
    /// Bytes in `copies`.
    copied: usize,
    /// Bytes in an element of `shared`; 0 for none.
    shared: usize,
}

/// Message to send: its parts, joined.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// The head, and a short payload. The second part is empty unless the ring buffer wraps.
    pub copied: [&'a [u8]; 2],
    /// A long payload.
    pub shared: Option<&'a Bytes>,
}

impl Kept {
    fn len(self) -> usize {
        self.copied + self.shared
    }
}

impl Outbox {
    /// Creates an outbox that has at most `window` bytes in flight, or one longer message.
    pub fn new(window: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            copies: VecDeque::new(),
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

    /// Keeps a message. Returns true if it may be sent at once; it counts as sent then, and the
    /// caller sends it. Otherwise, [`next`](Self::next) returns it when its turn comes.
    pub fn push(&mut self, head: &[u8], payload: &Payload<'_>) -> bool {
        self.copies.extend(head);
        let mut kept = Kept {
            copied: head.len(),
            shared: 0,
        };
        match payload {
            Payload::Shared(bytes) if bytes.len() >= WriteQueue::COPY_BELOW => {
                kept.shared = bytes.len();
                self.shared.push_back(bytes.clone());
            }
            payload => {
                self.copies.extend(payload.as_ref());
                kept.copied += payload.len();
            }
        }
        self.kept.push_back(kept);
        self.len += kept.len();
        self.sent + 1 == self.kept.len() && self.send(kept)
    }

    /// Returns the next message that may be sent, which counts as sent then; `None` while the
    /// window is full, and after the last.
    #[expect(clippy::should_implement_trait, reason = "the item borrows the outbox")]
    pub fn next(&mut self) -> Option<Outgoing<'_>> {
        let kept = *self.kept.get(self.sent)?;
        let (from, at_shared) = (self.sent_copies, self.sent_shared);
        if !self.send(kept) {
            return None;
        }
        let (front, back) = self.copies.as_slices();
        let to = from + kept.copied;
        let part = |slice: &'_ [u8], begin: usize| {
            let clamp = |at: usize| at.saturating_sub(begin).min(slice.len());
            clamp(from)..clamp(to)
        };
        Some(Outgoing {
            copied: [&front[part(front, 0)], &back[part(back, front.len())]],
            shared: (kept.shared > 0).then(|| &self.shared[at_shared]),
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
        let (mut len, mut copied, mut shared) = (0, 0, 0);
        for kept in self.kept.drain(..count) {
            len += kept.len();
            copied += kept.copied;
            shared += usize::from(kept.shared > 0);
        }
        self.copies.drain(..copied);
        self.shared.drain(..shared);
        self.len -= len;
        self.sent -= count;
        self.sent_len -= len;
        self.sent_copies -= copied;
        self.sent_shared -= shared;
        self.dropped += count as u64;
        if self.kept.is_empty() && self.copies.capacity() > KEPT_CAPACITY {
            (self.kept, self.copies, self.shared) = Default::default();
        }
    }

    /// Notes that the next message is sent, if the window has room for it.
    fn send(&mut self, kept: Kept) -> bool {
        if self.sent > 0 && self.sent_len + kept.len() > self.window {
            return false;
        }
        self.sent += 1;
        self.sent_len += kept.len();
        self.sent_copies += kept.copied;
        self.sent_shared += usize::from(kept.shared > 0);
        true
    }
}
