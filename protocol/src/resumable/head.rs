//! Head of a message: the bytes before the payload in a binary WebSocket message.

use std::time::Duration;

use super::error::SessionError;
use crate::message_kind::MessageKind;

/// Length of the head of a client's message, in bytes: the kind.
pub const CLIENT_HEAD: usize = 1;

/// Length of the head of a gateway's message, in bytes: the kind, and the service time.
pub const GATEWAY_HEAD: usize = 5;

/// First byte of a head: the opcode that a plain WebSocket message of the kind has.
const TEXT: u8 = 1;
const BINARY: u8 = 2;

/// Service time of a message that answers none.
const NO_TIME: u32 = u32::MAX;

/// Returns the head of a client's message.
pub fn client_head(kind: MessageKind) -> [u8; CLIENT_HEAD] {
    [kind_byte(kind)]
}

/// Returns the head of a gateway's message. The service time is in microseconds, u32,
/// little-endian: of 71 minutes at most, and `0xffffffff` for a message that answers none.
pub fn gateway_head(kind: MessageKind, service_time: Option<Duration>) -> [u8; GATEWAY_HEAD] {
    let micros = |time: Duration| u32::try_from(time.as_micros()).unwrap_or(NO_TIME - 1);
    let micros = service_time.map_or(NO_TIME, |time| micros(time).min(NO_TIME - 1));
    let [a, b, c, d] = micros.to_le_bytes();
    [kind_byte(kind), a, b, c, d]
}

/// Splits a client's message into its kind and its payload.
///
/// # Errors
/// [`SessionError::Head`] if there is no valid head.
pub fn split_client_head(message: &[u8]) -> Result<(MessageKind, &[u8]), SessionError> {
    let (&first, payload) = message.split_first().ok_or(SessionError::Head(None))?;
    Ok((kind_of(first)?, payload))
}

/// Splits a gateway's message into its kind, its service time, and its payload.
///
/// # Errors
/// [`SessionError::Head`] if there is no valid head.
pub fn split_gateway_head(
    message: &[u8],
) -> Result<(MessageKind, Option<Duration>, &[u8]), SessionError> {
    let Some((&[first, a, b, c, d], payload)) = message.split_first_chunk() else {
        return Err(SessionError::Head(None));
    };
    let micros = u32::from_le_bytes([a, b, c, d]);
    let service_time = (micros != NO_TIME).then(|| Duration::from_micros(micros.into()));
    Ok((kind_of(first)?, service_time, payload))
}

fn kind_byte(kind: MessageKind) -> u8 {
    match kind {
        MessageKind::Text => TEXT,
        MessageKind::Binary => BINARY,
    }
}

fn kind_of(first: u8) -> Result<MessageKind, SessionError> {
    match first {
        TEXT => Ok(MessageKind::Text),
        BINARY => Ok(MessageKind::Binary),
        other => Err(SessionError::Head(Some(other))),
    }
}
