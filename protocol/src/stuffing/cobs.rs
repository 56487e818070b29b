//! COBS, consistent overhead byte stuffing (Cheshire and Baker, 1999): a frame is blocks
//! without a zero byte.
//!
//! A block is a code and one byte less than that of data. A zero stands between two blocks
//! of a message, unless the first is a full one, with the code 255.

use memchr::memchr;

use crate::error::FrameError;
use crate::layout::Layout;
use crate::scan::Scan;

/// Byte that ends a frame.
pub(super) const END: u8 = 0;
/// Code of a full block.
const FULL: u8 = 0xff;

/// Finds the end of the frame at the front of `src`.
///
/// `scan` has the bytes read, and in its state the length of the message with the current
/// block, that block's code, and the number of its bytes still to come.
pub(super) fn layout(
    src: &[u8],
    max: usize,
    scan: &mut Scan,
) -> Result<Option<Layout>, FrameError> {
    let state = scan.state.get_or_insert_default();
    let (mut at, mut len) = (scan.at, state.len);
    let (mut code, mut missing) = (state.mode, state.open as usize);
    loop {
        let rest = src.get(at..).unwrap_or_default();
        let data = &rest[..rest.len().min(missing)];
        if let Some(zero) = memchr(END, data) {
            let (at, found) = (at + zero, END);
            return Err(FrameError::Escape { at, found });
        }
        at += data.len();
        missing -= data.len();
        let Some(&next) = src.get(at) else {
            scan.at = at;
            (state.len, state.mode, state.open) = (len, code, missing as u64);
            return Ok(None);
        };
        if next == END {
            return Ok(Some(Layout {
                header_len: 0,
                payload_len: at,
                trailer_len: 1,
            }));
        }
        len += usize::from(is_zero_after(code)) + usize::from(next) - 1;
        if len > max {
            return Err(FrameError::NoDelimiter { max });
        }
        (at, code, missing) = (at + 1, next, usize::from(next) - 1);
    }
}

/// Returns true if a zero follows a block with `code` that is not the last; 0 is no block.
const fn is_zero_after(code: u8) -> bool {
    code != 0 && code != FULL
}

/// Returns the message that `encoded` stands for; its blocks were checked.
pub(super) fn decode(encoded: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(encoded.len());
    let (mut rest, mut last) = (encoded, 0);
    while let Some((&code, after)) = rest.split_first() {
        if is_zero_after(last) {
            message.push(0);
        }
        let (data, after) = after.split_at(after.len().min(usize::from(code).saturating_sub(1)));
        message.extend_from_slice(data);
        (rest, last) = (after, code);
    }
    message
}

/// Returns the blocks of `message`. No empty block follows a full one at the end.
pub(super) fn encode(message: &[u8]) -> Vec<u8> {
    let full = usize::from(FULL) - 1;
    let mut encoded = Vec::with_capacity(message.len() + message.len() / full + 1);
    let mut runs = message.split(|&byte| byte == 0).peekable();
    while let Some(mut run) = runs.next() {
        while run.len() > full {
            let (block, after) = run.split_at(full);
            push_block(block, &mut encoded);
            run = after;
        }
        push_block(run, &mut encoded);
        // A full block has no zero after it: an empty block brings it.
        if run.len() == full && runs.peek().is_some() {
            push_block(&[], &mut encoded);
        }
    }
    encoded
}

fn push_block(data: &[u8], encoded: &mut Vec<u8>) {
    encoded.push(data.len() as u8 + 1);
    encoded.extend_from_slice(data);
}
