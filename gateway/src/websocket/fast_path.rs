//! Fast path of the decoder: a short message in a single frame.

use protocol::MessageKind;

use crate::websocket::header::{BINARY, FIN, MASKED, TEXT};
use crate::websocket::mask::Mask;

/// First bytes of frames that hold a complete message.
const WHOLE_TEXT: u8 = FIN | TEXT;
const WHOLE_BINARY: u8 = FIN | BINARY;

/// Length of a header with the payload's length in its second byte.
const SHORT_HEADER: usize = 6;

/// Longest payload after such a header.
const MAX_SHORT: usize = 125;

/// Takes a short message in a single frame off the front of `input`, and returns its
/// payload, unmasked. Leaves any other frame to the slow path.
#[inline]
pub(super) fn take_short_message<'a>(
    input: &mut &'a mut [u8],
    max_len: usize,
) -> Option<(MessageKind, &'a [u8])> {
    let (header, _) = input.split_first_chunk::<SHORT_HEADER>()?;
    let [first, second, key @ ..] = header;
    let kind = match *first {
        WHOLE_TEXT => MessageKind::Text,
        WHOLE_BINARY => MessageKind::Binary,
        _ => return None,
    };
    let len = usize::from(*second).checked_sub(usize::from(MASKED))?;
    if len > MAX_SHORT.min(max_len) || input.len() < SHORT_HEADER + len {
        return None;
    }
    let mut mask = Mask::new(*key);
    let frame = input.split_off_mut(..SHORT_HEADER + len)?;
    let payload = &mut frame[SHORT_HEADER..];
    mask.apply(payload);
    Some((kind, payload))
}
