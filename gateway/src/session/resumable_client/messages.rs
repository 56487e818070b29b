//! Messages of a resumable session on a WebSocket.

use bytes::Buf;
use protocol::resumable::{CLIENT_HEAD, GATEWAY_HEAD, Outbox, split_client_head};
use protocol::{MessageKind, Payload};

use crate::buffer::sizes::COPY_BELOW;
use crate::buffer::write_batch::WriteBatch;
use crate::session::session_end::SessionEnd;
use crate::websocket::{CloseFrame, FrameEncoder, check_text};

/// Checks a client's message, and returns its kind.
///
/// # Errors
/// [`SessionEnd`] if its head is not valid, or it is text and not UTF-8.
#[inline]
pub(super) fn check_message(message: &[u8]) -> Result<MessageKind, SessionEnd> {
    let (kind, payload) = split_client_head(message)?;
    check_text(kind, payload)?;
    Ok(kind)
}

/// Returns the payload of a client's message that is checked.
#[inline]
pub(super) fn without_head(message: Payload<'_>) -> Payload<'_> {
    match message {
        Payload::Borrowed(message) => Payload::Borrowed(&message[CLIENT_HEAD..]),
        Payload::Shared(mut message) => {
            message.advance(CLIENT_HEAD);
            Payload::Shared(message)
        }
    }
}

/// Appends a message whose payload has come just now.
pub(super) fn push_message(
    output: &mut FrameEncoder,
    head: &[u8; GATEWAY_HEAD],
    payload: Payload<'_>,
) {
    match payload {
        Payload::Shared(payload) if payload.len() >= COPY_BELOW => {
            output.push_parts(head, Some(payload));
        }
        payload => output.push_with_head(head, &payload),
    }
}

/// Sends the kept messages that the window has room for.
pub(super) fn send_kept(outbox: &mut Outbox, output: &mut WriteBatch<FrameEncoder>) {
    while let Some(message) = outbox.next() {
        // The head is in front of a payload that is shared.
        let shared = message.shared.cloned();
        output.begin().push_parts(message.copied, shared);
    }
}

pub(super) fn close_frame(code: u16, reason: &dyn ToString) -> CloseFrame {
    CloseFrame {
        code,
        reason: reason.to_string().into(),
    }
}
