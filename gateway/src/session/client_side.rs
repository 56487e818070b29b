//! Client's side of a session: what plain and resumable sessions do differently.

use std::task::{Context, Poll};

use protocol::{MessageKind, Payload};
use tokio_util::sync::CancellationToken;

use crate::observe::ConnectionChange;
use crate::session::deadlines::Deadlines;
use crate::session::session_end::SessionEnd;

/// Client's side of a session.
pub(crate) trait ClientSide {
    /// Reads once, and calls `on_message` with the messages, in order, until it fails.
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        on_message: impl FnMut(MessageKind, Payload<'_>) -> Result<(), SessionEnd>,
    ) -> Poll<Result<(), SessionEnd>>;

    /// Notes that all messages received are written to the upstream.
    fn note_written(&mut self, cx: &mut Context<'_>);

    /// Returns true if the client is read from though the upstream does not take its messages.
    fn reads_ahead(&self) -> bool;

    /// Returns true if there is something to flush.
    fn needs_flush(&self) -> bool;

    /// Writes all that may be sent to the client.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SessionEnd>>;

    /// Maximum of bytes to read from the upstream now; `None` holds the upstream back.
    fn room(&self) -> Option<usize>;

    /// Returns true if there is room again, and there was none before.
    fn take_unblocked(&mut self) -> bool;

    /// Begins the messages of one read of the upstream.
    fn begin_batch(&mut self) -> impl Batch + '_;

    /// Waits for events apart from messages: a connection that replaces this one, timers. Has to be
    /// polled until it is pending.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SessionEnd>>;

    /// Returns the changes of the connection since the last call, for the observers.
    fn take_changes(&mut self) -> Vec<ConnectionChange>;

    /// Movement of bytes since the last call, for the watchdog.
    fn movement(&mut self) -> ClientMovement;

    /// Sends a keep-alive ping.
    fn ping(&mut self);

    /// Takes the watchdog's verdict that the session is over.
    ///
    /// # Errors
    /// `end`, unless the session can go on without the connection.
    fn give_up(&mut self, end: SessionEnd) -> Result<(), SessionEnd>;

    /// Begins the end of the session. Later messages of the client are ignored.
    fn begin_end(&mut self, end: &SessionEnd);

    /// Returns true if messages can still reach the client.
    fn can_deliver(&self) -> bool;

    /// Takes the client's acknowledgements after [`begin_end`](Self::begin_end).
    fn poll_acknowledgements(&mut self, cx: &mut Context<'_>);

    /// Delivers the messages, and the Close for `end`. A client without a connection is waited for
    /// until `stop` if the end is not its own.
    async fn close(&mut self, end: &SessionEnd, deadlines: Deadlines, stop: &CancellationToken);
}

/// Messages of one read of the upstream, on their way to the client.
pub(crate) trait Batch {
    /// Appends a message with a copy of its payload.
    fn push_copy(&mut self, kind: MessageKind, payload: &[u8]);

    /// Appends a message. A long payload is shared, not copied.
    fn push(&mut self, kind: MessageKind, payload: Payload<'_>);
}

/// Movement of a client's bytes since the last tick, and bytes that wait to move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientMovement {
    /// The client sent bytes.
    pub(crate) has_sent: bool,
    /// Bytes written to the client.
    pub(crate) written: usize,
    /// Messages wait for the client to take them.
    pub(crate) is_blocked: bool,
    /// The client is not read from: pongs wait for it.
    pub(crate) pongs_blocked: bool,
    /// The upstream is not read from: too much is unacknowledged.
    pub(crate) holds_back: bool,
}
