//! State of a session, which outlives its connections.

use std::mem::take;
use std::time::Duration;

use bytes::Bytes;
use protocol::resumable::{
    Control, Hello, Inbox, Outbox, Outgoing, SessionError, client_head, split_gateway_head,
};
use protocol::{MessageKind, Payload};
use tokio_tungstenite::tungstenite::Message;

use crate::connection_error::ConnectionError;
use crate::resumable::event::Received;

/// The most bytes that are kept each way, whatever window the gateway tells.
const MAX_KEPT: usize = 64 << 20;

/// Token, messages that are sent and not acknowledged, and counts.
#[derive(Debug)]
pub(super) struct State {
    pub(super) token: String,
    /// Time that the gateway keeps the session without a connection.
    pub(super) keep: Duration,
    pub(super) outbox: Outbox,
    pub(super) inbox: Inbox,
    window: usize,
    /// Messages that the program has not received yet, and their bytes.
    untaken: u64,
    untaken_len: usize,
}

impl State {
    pub(super) fn new(hello: Hello) -> Self {
        let mut state = Self {
            token: String::new(),
            keep: Duration::ZERO,
            outbox: Outbox::new(0),
            inbox: Inbox::new(0),
            window: 0,
            untaken: 0,
            untaken_len: 0,
        };
        state.renew(hello);
        state
    }

    /// The query that resumes the session.
    pub(super) fn query(&self) -> String {
        format!("resume={}&received={}", self.token, self.inbox.received())
    }

    /// Begins again on a new connection; returns the number of messages to send again.
    ///
    /// # Errors
    /// [`SessionError`] if the gateway's count cannot be.
    pub(super) fn resume(&mut self, hello: Hello) -> Result<u64, SessionError> {
        let sent = self.outbox.sent();
        self.outbox.resume(hello.received)?;
        let sent_again = sent - hello.received;
        self.renew(hello);
        Ok(sent_again)
    }

    fn renew(&mut self, hello: Hello) {
        self.token = hello.session;
        self.keep = Duration::from_secs(hello.keep);
        self.window = usize::try_from(hello.window).unwrap_or(usize::MAX);
        // It holds both ways: acknowledgements of the program are behind its messages.
        self.outbox.set_window(self.window.min(MAX_KEPT));
        self.inbox.set_window(self.window);
    }

    /// Keeps a message, and returns it if it may be sent at once.
    pub(super) fn push(&mut self, kind: MessageKind, payload: Bytes) -> Option<Message> {
        let head = client_head(kind);
        let message = [&head[..], &payload].concat();
        let is_sent = self.outbox.push(&head, &Payload::Shared(payload));
        is_sent.then(|| Message::binary(message))
    }

    /// Returns the next kept message that may be sent.
    pub(super) fn next(&mut self) -> Option<Message> {
        let Outgoing { copied, shared } = self.outbox.next()?;
        let shared = shared.map_or(&[][..], |bytes| bytes);
        let message = [copied, shared].concat();
        Some(Message::binary(message))
    }

    /// Counts a message of the gateway as received.
    ///
    /// # Errors
    /// [`SessionError::Head`], or [`ConnectionError::WindowExceeded`].
    pub(super) fn receive(&mut self, message: &Bytes) -> Result<Received, ConnectionError> {
        let (kind, service_time, payload) = split_gateway_head(message)?;
        // At most the window is in flight, or one longer message.
        if self.untaken_len > 0 && self.untaken_len + message.len() > self.window {
            return Err(ConnectionError::WindowExceeded);
        }
        self.inbox.receive(1);
        self.untaken += 1;
        self.untaken_len += message.len();
        Ok(Received {
            kind,
            payload: message.slice_ref(payload),
            service_time,
        })
    }

    /// Counts a message of `len` bytes, with its head, as taken.
    pub(super) fn take(&mut self, len: usize) {
        self.inbox.take(1, len);
        self.untaken -= 1;
        self.untaken_len -= len;
    }

    /// Counts all messages as taken, for a program that takes none any more.
    pub(super) fn take_all(&mut self) {
        self.inbox
            .take(take(&mut self.untaken), take(&mut self.untaken_len));
    }

    /// Returns true if further messages may be received: this is the backpressure.
    pub(super) fn has_room(&self) -> bool {
        self.untaken_len < MAX_KEPT
    }

    /// Returns the acknowledgement of all that is taken.
    pub(super) fn acknowledge(&mut self) -> Message {
        Message::text(Control::Ack(self.inbox.acknowledge()).to_string())
    }

    /// Returns the error of a session that is lost.
    pub(super) fn lost(&self, cause: String) -> ConnectionError {
        ConnectionError::Lost {
            cause,
            unacknowledged: self.outbox.unacknowledged(),
        }
    }
}
