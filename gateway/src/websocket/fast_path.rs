//! The usual frame, taken the short way: a whole message of a few bytes.

use protocol::MessageKind;

use crate::websocket::header::{BINARY, FIN, MASKED, TEXT};
use crate::websocket::mask::Mask;

/// The first bytes of frames that hold a whole message.
const TEXT_WHOLE: u8 = FIN | TEXT;
const BINARY_WHOLE: u8 = FIN | BINARY;

/// The length in bytes of a header whose length is in its second byte.
const SHORT_HEADER: usize = 6;

/// The longest payload that such a header can have, in bytes.
const MAX_SHORT: usize = 125;

/// Takes the most usual frame off the front of `input`, a short message in one piece, and
/// returns its payload, unmasked. Any other is left to the long way.
#[inline]
pub(super) fn take_short_message<'a>(
    input: &mut &'a mut [u8],
    max: usize,
) -> Option<(MessageKind, &'a [u8])> {
    let (header, _) = input.split_first_chunk::<SHORT_HEADER>()?;
    let [first, second, key @ ..] = header;
    let kind = match *first {
        TEXT_WHOLE => MessageKind::Text,
        BINARY_WHOLE => MessageKind::Binary,
        _ => return None,
    };
    let len = usize::from(*second).checked_sub(usize::from(MASKED))?;
    if len > MAX_SHORT.min(max) || input.len() < SHORT_HEADER + len {
        return None;
    }
    let mut mask = Mask::new(*key);
    let frame = input.split_off_mut(..SHORT_HEADER + len)?;
    let payload = &mut frame[SHORT_HEADER..];
    mask.apply(payload);
    Some((kind, payload))
}
