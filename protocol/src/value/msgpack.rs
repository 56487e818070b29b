//! MessagePack: where a value ends.

use super::bounds;
use crate::error::FrameError;
use crate::scan::Scan;

pub(super) const FORMAT: &str = "MessagePack";

/// Head of a value: its first byte and a length.
struct Head {
    /// Width of the length, in bytes.
    width: usize,
    /// Number of bytes after the head, besides those that are counted.
    body: u64,
    counts: Counts,
}

/// Unit of a length.
enum Counts {
    Bytes,
    Values,
    Pairs,
}

/// Returns the length of the value at the front of `src`, once it is known. The state's
/// `open` is the number of values still to come.
pub(super) fn end(src: &[u8], max: usize, scan: &mut Scan) -> Result<Option<usize>, FrameError> {
    if scan.at == 0 {
        scan.state().open = 1;
    }
    while scan.state().open > 0 {
        let at = scan.at;
        let Some(&first) = src.get(at) else {
            return Ok(None);
        };
        let Some(head) = head(first) else {
            let (format, found) = (FORMAT, first);
            return Err(FrameError::NotAValue { format, at, found });
        };
        let open = scan.state().open - 1;
        let body_at = at + 1 + head.width;
        bounds::check(body_at, open.saturating_add(head.body), max)?;
        let count = match head.width {
            0 => u64::from(first & inline_mask(first)),
            width => match bounds::number(src, at + 1, width) {
                Some(count) => count,
                None => return Ok(None),
            },
        };
        let (bytes, values) = match head.counts {
            Counts::Bytes => (count, 0),
            Counts::Values => (0, count),
            Counts::Pairs => (0, count.saturating_mul(2)),
        };
        let body = head.body.saturating_add(bytes);
        let open = open.saturating_add(values);
        bounds::check(body_at, body.saturating_add(open), max)?;
        scan.at = body_at + body as usize;
        scan.state().open = open;
    }
    Ok(Some(scan.at))
}

/// Returns the bits of the first byte that are a length.
const fn inline_mask(first: u8) -> u8 {
    match first {
        0x80..=0x9f => 0x0f,
        0xa0..=0xbf => 0x1f,
        _ => 0,
    }
}

/// Returns the head that begins with `first`; `None` for 0xc1, which is never used.
const fn head(first: u8) -> Option<Head> {
    let (width, body, counts) = match first {
        0xc1 => return None,
        0x80..=0x8f => (0, 0, Counts::Pairs),
        0x90..=0x9f => (0, 0, Counts::Values),
        // bin 8, 16, 32
        0xc4..=0xc6 => (1 << (first - 0xc4), 0, Counts::Bytes),
        // ext 8, 16, 32, with a byte for the type
        0xc7..=0xc9 => (1 << (first - 0xc7), 1, Counts::Bytes),
        // float 32, 64
        0xca | 0xcb => (0, 4 << (first - 0xca), Counts::Bytes),
        // uint 8 to 64, int 8 to 64
        0xcc..=0xd3 => (0, 1 << (first & 3), Counts::Bytes),
        // fixext 1 to 16
        0xd4..=0xd8 => (0, 1 + (1 << (first - 0xd4)), Counts::Bytes),
        // str 8, 16, 32
        0xd9..=0xdb => (1 << (first - 0xd9), 0, Counts::Bytes),
        // array 16, 32
        0xdc | 0xdd => (2 << (first - 0xdc), 0, Counts::Values),
        // map 16, 32
        0xde | 0xdf => (2 << (first - 0xde), 0, Counts::Pairs),
        // fixint, fixstr, nil, bool
        _ => (0, 0, Counts::Bytes),
    };
    Some(Head {
        width,
        body,
        counts,
    })
}
