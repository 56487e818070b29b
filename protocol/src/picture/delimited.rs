//! Delimited pictures: frames whose body ends at fixed bytes.

use std::ops::Range;

use memchr::memchr;

use super::Picture;
use crate::error::FrameError;
use crate::layout::Layout;
use crate::message::Message;
use crate::scan::Scan;

impl Picture {
    /// Finds the delimiter after the body, in a frame with a message of at most `max` bytes;
    /// the layout's payload is the body.
    pub(super) fn delimited(
        &self,
        src: &[u8],
        max: usize,
        scan: &mut Scan,
    ) -> Result<Option<Layout>, FrameError> {
        let (begin, delimiter) = (self.before.len(), self.tail.fixed_at_front());
        let too_long = FrameError::NoDelimiter { max };
        let besides = self.around_in_message(0);
        let max_body = max.checked_sub(besides).ok_or(too_long)?;
        let window = max_body.saturating_add(begin + delimiter.len());
        let window = &src[..src.len().min(window)];
        let from = scan.at.max(begin);
        match find(window, begin, from, delimiter) {
            Some(end) => {
                self.tail.check(src, end)?;
                // The delimiter is found again while the rest of the trailer is missing.
                scan.at = end;
                Ok(Some(Layout {
                    header_len: begin,
                    payload_len: end - begin,
                    trailer_len: self.tail.len(),
                }))
            }
            None if src.len() >= max_body.saturating_add(begin + delimiter.len()) => Err(too_long),
            None => {
                scan.at = window.len();
                Ok(None)
            }
        }
    }

    /// Checks that the delimiter's first place is behind the body: the search for it would
    /// end the frame too early.
    pub(super) fn check_delimiter(
        &self,
        message: &Message<'_, impl AsRef<[u8]>>,
        body: Range<usize>,
    ) -> Result<(), FrameError> {
        let delimiter = self.tail.fixed_at_front();
        let joined = message.joined();
        let joined = &joined[body.clone()];
        // The delimiter may begin with the body's last bytes.
        let seam = joined.len() - joined.len().min(delimiter.len() - 1);
        let at_seam = || {
            let at = seam + find(&[&joined[seam..], delimiter].concat(), 0, 0, delimiter)?;
            (at < joined.len()).then_some(at)
        };
        match find(joined, 0, 0, delimiter).or_else(at_seam) {
            Some(at) => Err(FrameError::HasDelimiter {
                at: body.start + at,
            }),
            None => Ok(()),
        }
    }
}

/// Finds `delimiter` in `src`, not before `begin`, and not ending before or at `from` unless
/// it begins there; returns its offset.
fn find(src: &[u8], begin: usize, from: usize, delimiter: &[u8]) -> Option<usize> {
    let &last = delimiter.last()?;
    let mut from = from;
    loop {
        let end = from + memchr(last, src.get(from..)?)? + 1;
        if src[begin..end].ends_with(delimiter) {
            return Some(end - delimiter.len());
        }
        from = end;
    }
}
