//! Outbox: messages kept until the other side has acknowledged them.

use std::collections::VecDeque;
use std::mem::take;
use std::ops::{AddAssign, SubAssign};

use bytes::Bytes;

use super::chunk_queue::{ChunkQueue, Dropped, Label, Place};
use super::error::SessionError;
use crate::payload::Payload;
use crate::write_queue::WriteQueue;

/// Messages that are sent and not yet acknowledged, followed by those that wait for the window.
///
/// A message is a head and a payload. Short ones are copied into chunks, long payloads are
/// shared. An empty outbox owns next to no memory.
#[derive(Debug)]
pub struct Outbox {
    /// Heads and short payloads of the messages, oldest first.
    copies: ChunkQueue,
    /// Long payloads, in order.
    shared: VecDeque<Bytes>,
    /// Messages that are sent.
    sent: Tally,
    /// Messages that wait, and the place of the first if there are any.
    unsent: Tally,
    first_unsent: Place,
    /// Count of messages that are dropped: the other side has received them.
    dropped: u64,
    /// The other side's last count of messages taken.
    taken: u64,
    /// Maximum length of the messages sent, in bytes.
    window: usize,
}

/// Size of some of the messages.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: usize,
    /// Total length, in bytes.
    len: usize,
    /// Number of shared payloads.
    shared: usize,
}

/// Message to send: its parts, joined.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// The head, and a short payload.
    pub copied: &'a [u8],
    /// A long payload.
    pub shared: Option<&'a Bytes>,
}

impl AddAssign for Tally {
    #[inline]
    fn add_assign(&mut self, more: Self) {
        self.count += more.count;
        self.len += more.len;
        self.shared += more.shared;
    }
}

impl SubAssign for Tally {
    fn sub_assign(&mut self, less: Self) {
        self.count -= less.count;
        self.len -= less.len;
        self.shared -= less.shared;
    }
}

impl Outbox {
    /// Creates an outbox that has at most `window` bytes in flight, or one longer message.
    pub fn new(window: usize) -> Self {
        Self {
            copies: ChunkQueue::default(),
            shared: VecDeque::new(),
            sent: Tally::default(),
            unsent: Tally::default(),
            first_unsent: Place::default(),
            dropped: 0,
            taken: 0,
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
            payload if payload.len() > Label::MAX_COPY => {
                self.push_shared(head, Bytes::copy_from_slice(payload))
            }
            payload => self.push_parts(head, payload),
        }
    }

    /// Keeps a message with a copy of its payload, as [`push`](Self::push) does.
    #[inline]
    pub fn push_copy<const HEAD: usize>(&mut self, head: &[u8; HEAD], payload: &[u8]) -> bool {
        match payload.len() {
            0..=Label::MAX_COPY => self.push_parts(head, payload),
            _ => self.push(head, &Payload::Borrowed(payload)),
        }
    }

    /// Keeps a message whose payload is at most [`MAX_COPY`](Label::MAX_COPY).
    #[inline(always)]
    fn push_parts(&mut self, head: &[u8], payload: &[u8]) -> bool {
        let len = head.len() + payload.len();
        let may_be_sent = self.count(Tally {
            count: 1,
            len,
            shared: 0,
        });
        self.copies.push(head, payload);
        may_be_sent
    }

    fn push_shared(&mut self, head: &[u8], payload: Bytes) -> bool {
        let may_be_sent = self.count(Tally {
            count: 1,
            len: head.len() + payload.len(),
            shared: 1,
        });
        self.copies.push_shared(head);
        self.shared.push_back(payload);
        may_be_sent
    }

    /// Counts a message that is to be pushed; returns true if it may be sent at once.
    #[inline(always)]
    fn count(&mut self, message: Tally) -> bool {
        if self.unsent.count == 0 {
            if self.fits(message) {
                self.sent += message;
                return true;
            }
            self.first_unsent = self.copies.end();
        }
        self.unsent += message;
        false
    }

    /// Returns the next message that may be sent, which counts as sent then; `None` while the
    /// window is full, and after the last.
    #[expect(clippy::should_implement_trait, reason = "the item borrows the outbox")]
    pub fn next(&mut self) -> Option<Outgoing<'_>> {
        if self.unsent.count == 0 {
            return None;
        }
        let (label, copied, after) = self.copies.get(self.first_unsent)?;
        let shared = match label.is_shared() {
            true => self.shared.get(self.sent.shared),
            false => None,
        };
        let message = Tally {
            count: 1,
            len: copied.len() + shared.map_or(0, Bytes::len),
            shared: usize::from(shared.is_some()),
        };
        if !self.fits(message) {
            return None;
        }
        self.sent += message;
        self.unsent -= message;
        self.first_unsent = after;
        Some(Outgoing { copied, shared })
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
        self.unsent += take(&mut self.sent);
        self.first_unsent = self.copies.first();
        Ok(())
    }

    /// Total length of the messages kept, in bytes, with their heads.
    pub fn kept_len(&self) -> usize {
        self.sent.len + self.unsent.len
    }

    /// Returns true while fewer bytes than the window are kept: more may be pushed.
    pub fn has_room(&self) -> bool {
        self.kept_len() < self.window
    }

    /// Returns true if messages wait for the window.
    pub fn has_unsent(&self) -> bool {
        self.unsent.count > 0
    }

    /// Count of messages that are kept and not acknowledged.
    pub fn unacknowledged(&self) -> u64 {
        (self.sent.count + self.unsent.count) as u64
    }

    /// Count of messages that the other side may have received.
    pub fn sent(&self) -> u64 {
        self.dropped + self.sent.count as u64
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

    /// Drops the first `count` messages, all of which are sent.
    fn drop_first(&mut self, count: usize) {
        let Dropped {
            copied,
            shared,
            chunks,
        } = self.copies.drop_first(count);
        let shared_lens = self.shared.drain(..shared).map(|bytes| bytes.len());
        let len = copied + shared_lens.sum::<usize>();
        self.sent -= Tally { count, len, shared };
        self.dropped += count as u64;
        self.first_unsent.move_back(chunks);
        if self.shared.is_empty() {
            self.shared = VecDeque::new();
        }
    }

    /// Returns true if the window has room for one more `message`, or nothing is sent.
    #[inline(always)]
    fn fits(&self, message: Tally) -> bool {
        self.sent.count == 0 || self.sent.len + message.len <= self.window
    }
}
