//! Basic encoding rules of ASN.1 (X.690, section 8.1): where an element ends.

use super::bounds;
use crate::error::FrameError;
use crate::scan::Scan;

pub(super) const FORMAT: &str = "BER";

/// Longest tag, in bytes after its first.
const MAX_TAG: usize = 9;

/// Bit of a tag: the contents are elements.
const CONSTRUCTED: u8 = 0x20;

/// Header of an element.
struct Header {
    /// Offset of its end.
    end: usize,
    /// Length of the contents, in bytes; `None` if it is indefinite.
    len: Option<u64>,
    is_end_of_contents: bool,
}

/// Returns the length of the element at the front of `src`, once it is known.
///
/// Contents of a definite length are skipped. Those of an indefinite one are elements up to
/// an end-of-contents; the state's `open` is the number of these levels.
pub(super) fn end(src: &[u8], max: usize, scan: &mut Scan) -> Result<Option<usize>, FrameError> {
    while scan.at == 0 || scan.state().open > 0 {
        let Some(header) = header(src, scan.at, max, scan.state().open)? else {
            return Ok(None);
        };
        let state = scan.state();
        if header.is_end_of_contents {
            state.open -= 1;
        } else if header.len.is_none() {
            state.open += 1;
        }
        let len = header.len.unwrap_or(0);
        bounds::check(header.end, len.saturating_add(state.open * 2), max)?;
        scan.at = header.end + len as usize;
    }
    Ok(Some(scan.at))
}

/// Reads the header at `begin`, inside `open` levels; `None` while it is incomplete.
fn header(src: &[u8], begin: usize, max: usize, open: u64) -> Result<Option<Header>, FrameError> {
    let mut at = begin;
    let Some(&tag) = src.get(at) else {
        return Ok(None);
    };
    let wrong = |at, found| {
        let format = FORMAT;
        Err(FrameError::NotAValue { format, at, found })
    };
    let is_end_of_contents = tag == 0;
    if is_end_of_contents && open == 0 {
        return wrong(at, tag);
    }
    // The ends of the levels around it.
    let rest = (open - u64::from(is_end_of_contents)) * 2;
    let mut byte = tag;
    let has_more = |byte: u8, at| match at == begin {
        true => byte & 0x1f == 0x1f,
        false => byte & 0x80 != 0,
    };
    while has_more(byte, at) {
        bounds::check(at + 2, rest + 1, max)?;
        let Some(&next) = src.get(at + 1) else {
            return Ok(None);
        };
        at += 1;
        byte = next;
        // The number of a tag begins with no zeros (section 8.1.2.4.2).
        if at - begin > MAX_TAG || at == begin + 1 && byte == 0x80 {
            return wrong(at, byte);
        }
    }
    at += 1;
    bounds::check(at + 1, rest, max)?;
    let Some(&first) = src.get(at) else {
        return Ok(None);
    };
    let width = match first {
        1.. if is_end_of_contents => return wrong(at, first),
        0x80 if tag & CONSTRUCTED == 0 => return wrong(at, first),
        0..=0x80 => 0,
        0x81..=0x88 => usize::from(first & 0x7f),
        0x89.. => return wrong(at, first),
    };
    let end = at + 1 + width;
    bounds::check(end, rest, max)?;
    let len = match first {
        0x80 => None,
        0..0x80 => Some(first.into()),
        _ => match bounds::number(src, at + 1, width) {
            Some(len) => Some(len),
            None => return Ok(None),
        },
    };
    Ok(Some(Header {
        end,
        len,
        is_end_of_contents,
    }))
}
