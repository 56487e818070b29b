//! Fixed bytes: those that are the same in all frames, in place of free ones.

use super::bits::{BIT, Bits};
use super::capture::Capture;
use super::division::Division;
use crate::framing::Framing;
use crate::integer::ByteOrder;
use crate::number::Number;
use crate::picture::{Counts, Picture, Template};

/// Fewest frames that make the same byte a fixed one.
const MIN_FRAMES: usize = 3;
/// Cost of each fixed byte, as another type may come later.
const COST: Bits = BIT;

/// Evidence for a length of one byte behind a fixed byte: serial devices have both.
const BYTE_BEHIND_MARK: Bits = 2 * BIT;

/// Returns pictures of the same frames, in which bytes that never change are fixed: the last
/// one, if the length does not count it, and those that a frame begins with, before its
/// length. Also returns the evidence that each adds.
pub(super) fn variants(
    framing: Framing,
    capture: &Capture<'_>,
    division: &Division,
) -> Vec<(Framing, Bits)> {
    let Framing::Picture(picture) = framing else {
        return Vec::new();
    };
    if division.len() < MIN_FRAMES {
        return Vec::new();
    }
    let mut variants = Vec::new();
    let ended = with_end(&picture, capture, division);
    variants.extend(ended.map(|(picture, gain)| (Framing::Picture(picture), gain)));
    let (picture, gain) = ended.unwrap_or((picture, 0));
    if let Some((picture, more)) = with_front(&picture, capture, division) {
        variants.push((Framing::Picture(picture), gain + more));
    }
    variants
}

/// Fixes the last byte of a frame.
fn with_end(
    picture: &Picture,
    capture: &Capture<'_>,
    division: &Division,
) -> Option<(Picture, Bits)> {
    let length = picture.length.filter(|it| it.counts == Counts::Body)?;
    let after = picture.after.len().checked_sub(1)?;
    let mark = same(capture, division, |_, end| end - 1).filter(|&byte| byte != 0)?;
    if let Number::Integer {
        order: ByteOrder::Little,
        width,
    } = length.number
    {
        // A zero behind the length is its highest byte, and the last byte is the body's.
        let behind = picture.before.len() + usize::from(width);
        if same(capture, division, |begin, _| begin + behind) == Some(0) {
            return None;
        }
    }
    let fixed = Picture {
        after: template(&[], after)?,
        tail: template(&[mark], 0)?,
        ..*picture
    };
    // A mark at the end is a reason for a byte that the length does not count.
    Some((fixed, capture.surprise(mark) + 2 * BIT))
}

/// Fixes the first bytes of a frame.
fn with_front(
    picture: &Picture,
    capture: &Capture<'_>,
    division: &Division,
) -> Option<(Picture, Bits)> {
    let front: Vec<u8> = (0..picture.before.len())
        .map_while(|column| same(capture, division, |begin, _| begin + column))
        .collect();
    // Zeros are the front of a number more often than a mark, unless all bytes are one.
    let last = front.iter().rposition(|&byte| byte != 0)?;
    let is_all = front.len() == picture.before.len();
    let front = if is_all { &front[..] } else { &front[..=last] };
    let fixed = Picture {
        before: template(front, picture.before.len() - front.len())?,
        ..*picture
    };
    let is_byte = picture.length?.number.width() == Some(1);
    let gain = if is_byte { BYTE_BEHIND_MARK } else { 0 };
    Some((fixed, gain - COST * front.len().min(2) as Bits))
}

/// Returns the byte that is the same in all frames, at the offset that `offset` returns for a
/// frame's begin and end.
fn same(
    capture: &Capture<'_>,
    division: &Division,
    offset: impl Fn(usize, usize) -> usize,
) -> Option<u8> {
    let mut bytes = division
        .frames()
        .map(|(begin, end)| capture.bytes[offset(begin, end)]);
    let first = bytes.next()?;
    bytes.all(|byte| byte == first).then_some(first)
}

/// Returns fixed bytes and then free ones.
fn template(fixed: &[u8], free: usize) -> Option<Template> {
    let mut template = Template::default();
    if !fixed.is_empty() {
        template.push_fixed(fixed)?;
    }
    if free > 0 {
        template.push_free(free)?;
    }
    Some(template)
}
