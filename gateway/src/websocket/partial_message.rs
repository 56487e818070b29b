//! Message that is not complete yet, and the check that its text is UTF-8.

use std::mem::take;

use bytes::Bytes;
use protocol::MessageKind;

use crate::buffer::pool::PooledBuffer;
use crate::websocket::error::{ReceiveError, TextField};

/// Message that has begun, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct PartialMessage {
    /// `None` between two messages.
    pub(super) kind: Option<MessageKind>,
    /// Set if the payload is compressed; its text is checked once it is not.
    pub(super) is_compressed: bool,
    /// Unmasked payload so far.
    pub(super) payload: PooledBuffer,
    /// Length of the payload's part that is valid UTF-8.
    checked: usize,
}

impl PartialMessage {
    /// Creates an empty message that is not compressed.
    pub(super) fn of_kind(kind: MessageKind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::default()
        }
    }

    /// Checks that a text can still become UTF-8, or is at its end. Each byte is looked at
    /// once.
    pub(super) fn check_text(&mut self, is_end: bool) -> Result<(), ReceiveError> {
        if self.kind != Some(MessageKind::Text) || self.is_compressed {
            return Ok(());
        }
        match str::from_utf8(&self.payload[self.checked..]) {
            Ok(text) => self.checked += text.len(),
            // A character that goes on in the bytes to come.
            Err(error) if error.error_len().is_none() && !is_end => {
                self.checked += error.valid_up_to();
            }
            Err(_) => return Err(ReceiveError::NotUtf8(TextField::Message)),
        }
        Ok(())
    }

    /// Takes the complete message.
    pub(super) fn take(&mut self) -> (MessageKind, Bytes) {
        let Self { kind, payload, .. } = take(self);
        (kind.unwrap_or(MessageKind::Binary), payload.freeze())
    }
}

/// Checks that a complete payload is UTF-8 if it is text.
#[inline]
pub(crate) fn check_text(kind: MessageKind, payload: &[u8]) -> Result<(), ReceiveError> {
    match kind {
        MessageKind::Text if str::from_utf8(payload).is_err() => {
            Err(ReceiveError::NotUtf8(TextField::Message))
        }
        _ => Ok(()),
    }
}
