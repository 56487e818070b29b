//! Fixed bytes: those that are the same in all frames, in place of free ones.

use super::bits::{BIT, Bits};
use super::capture::Capture;
use super::division::Division;
use crate::framing::Framing;
use crate::picture::{Counts, Picture, Template};

/// Fewest frames that make the same byte a fixed one.
const MIN_FRAMES: usize = 3;
/// Cost of each fixed byte, as another type may come later.
const COST: Bits = BIT;

/// Returns a picture of the same frames, in which bytes that never change are fixed: those
/// that a frame begins with, before its length, and the last one, if the length does not
/// count it. Also returns the evidence that it adds.
pub(super) fn variant(
    framing: Framing,
    capture: &Capture<'_>,
    division: &Division,
) -> Option<(Framing, Bits)> {
    let Framing::Picture(picture) = framing else {
        return None;
    };
    if division.len() < MIN_FRAMES {
        return None;
    }
    let same = |offset: &dyn Fn(usize, usize) -> usize| {
        let mut bytes = division
            .frames()
            .map(|frame| capture.bytes[offset(frame.0, frame.1)]);
        let first = bytes.next()?;
        bytes.all(|byte| byte == first).then_some(first)
    };
    let front: Vec<u8> = (0..picture.before.len())
        .map_while(|column| same(&|begin, _| begin + column))
        .collect();
    // Zeros are the front of a number more often than a mark, unless all bytes are one.
    let front = match front.iter().rposition(|&byte| byte != 0) {
        Some(_) if front.len() == picture.before.len() => &front[..],
        Some(last) => &front[..=last],
        None => &[],
    };
    let end = (!picture.after.is_empty() && picture.length?.counts == Counts::Body)
        .then(|| same(&|_, end| end - 1))
        .flatten()
        .filter(|&byte| byte != 0);
    if front.is_empty() && end.is_none() {
        return None;
    }
    let gain = match end {
        // A mark at the end is a reason for a byte that the length does not count.
        Some(byte) => capture.surprise(byte) + 2 * BIT,
        None => 0,
    };
    let fixed = Framing::Picture(Picture {
        before: template(front, picture.before.len() - front.len())?,
        after: template(&[], picture.after.len() - usize::from(end.is_some()))?,
        tail: template(end.as_slice(), 0)?,
        ..picture
    });
    Some((fixed, gain - COST * front.len().min(2) as Bits))
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
