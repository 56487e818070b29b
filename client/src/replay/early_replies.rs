//! Early replies: those that arrive before their turn.

use std::collections::VecDeque;

use crate::message_socket::Reply;

/// The bytes of early replies that are read while a session waits or sends; more stay with the
/// service.
pub(super) const MAX_LEN: usize = 64 << 20;

/// A queue of replies that arrived before their turn.
#[derive(Default)]
pub(super) struct EarlyReplies {
    replies: VecDeque<Reply>,
    /// The memory that they take, in bytes.
    len: usize,
}

impl EarlyReplies {
    /// Returns true if a session that waits or sends may read further replies.
    pub(super) fn has_room(&self) -> bool {
        self.len < MAX_LEN
    }

    pub(super) fn push_back(&mut self, reply: Reply) {
        self.len += memory_of(&reply);
        self.replies.push_back(reply);
    }

    pub(super) fn push_front(&mut self, reply: Reply) {
        self.len += memory_of(&reply);
        self.replies.push_front(reply);
    }

    pub(super) fn pop_front(&mut self) -> Option<Reply> {
        let reply = self.replies.pop_front()?;
        self.len -= memory_of(&reply);
        Some(reply)
    }
}

fn memory_of(reply: &Reply) -> usize {
    size_of::<Reply>() + reply.payload.len()
}
