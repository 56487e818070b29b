//! Messages of a resumable session on a WebSocket.

use protocol::resumable::{CLIENT_HEAD, GATEWAY_HEAD, Outbox, split_client_head};
use protocol::{MessageKind, Payload};

use crate::buffer::sizes::COPY_BELOW;
use crate::buffer::write_batch::WriteBatch;
use crate::session::session_end::SessionEnd;
use crate::websocket::{CloseFrame, FrameEncoder, TextField};

/// Splits a client's message into its kind and its payload.
#[inline]
pub(super) fn split_message(
    message: Payload<'_>,
) -> Result<(MessageKind, Payload<'_>), SessionEnd> {
    match message {
        Payload::Borrowed(short) => match split_client_head(short) {
            Ok((MessageKind::Binary, payload)) => {
                Ok((MessageKind::Binary, Payload::Borrowed(payload)))
            }
            _ => split_and_check(message),
        },
        message => split_and_check(message),
    }
}

#[inline(never)]
fn split_and_check(message: Payload<'_>) -> Result<(MessageKind, Payload<'_>), SessionEnd> {
    let (kind, payload) = match message {
        Payload::Borrowed(message) => {
            let (kind, payload) = split_client_head(message)?;
            (kind, Payload::Borrowed(payload))
        }
        Payload::Shared(message) => {
            let (kind, _) = split_client_head(&message)?;
            (kind, Payload::Shared(message.slice(CLIENT_HEAD..)))
        }
    };
    match kind {
        MessageKind::Text if str::from_utf8(&payload).is_err() => {
            Err(SessionEnd::ClientNotUtf8(TextField::Message))
        }
        _ => Ok((kind, payload)),
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
