//! Division: the frames that a framing finds in a capture.

use super::bits::Bits;
use crate::decoder::Decoder;
use crate::framing::Framing;

/// Largest number of frames that add to the evidence one by one.
pub(super) const COUNTED: usize = 8;
/// Longest frame that a cut capture may announce, in bytes.
const MAX_ANNOUNCED: usize = 16 << 20;

/// Frames in a capture, from its first byte on.
#[derive(Debug, Default)]
pub(super) struct Division {
    /// Offsets of the frames' ends.
    ends: Vec<u32>,
    /// Length of the cut frame after the last whole one, if it is known.
    pub(super) announced: Option<usize>,
    /// True if the last whole frame ends with the capture.
    pub(super) complete: bool,
}

impl Division {
    /// Divides `bytes` by `next`, which returns the length of the frame at the front of its
    /// argument: `None` if it is unknown yet, an error if there is none. Returns `None` if
    /// there is no whole frame, or an error.
    pub(super) fn new(
        bytes: &[u8],
        mut next: impl FnMut(&[u8]) -> Result<Option<usize>, ()>,
    ) -> Option<Self> {
        let mut division = Self::default();
        let mut at = 0;
        while at < bytes.len() {
            let Some(len) = next(&bytes[at..]).ok()? else {
                break;
            };
            if len == 0 {
                return None;
            }
            if len > bytes.len() - at {
                division.announced = Some(len).filter(|&len| len <= MAX_ANNOUNCED);
                division.announced?;
                break;
            }
            at += len;
            division.ends.push(at as u32);
        }
        division.complete = at == bytes.len();
        (at > 0).then_some(division)
    }

    /// Divides `bytes` by a decoder of `framing`, and calls `each` with every message. A frame
    /// includes the bytes between it and the one before.
    pub(super) fn decoded(
        bytes: &[u8],
        framing: Framing,
        mut each: impl FnMut(&[u8]),
    ) -> Option<Self> {
        let mut decoder = Decoder::new(framing, MAX_ANNOUNCED);
        let mut division = Self::default();
        let mut rest = bytes;
        while let Some(message) = decoder.next_payload(&mut rest).ok()? {
            each(&message);
            division.ends.push((bytes.len() - rest.len()) as u32);
        }
        if rest.is_empty()
            && let Some(last) = division.ends.last_mut()
        {
            *last = bytes.len() as u32;
            division.complete = true;
        }
        (!division.ends.is_empty()).then_some(division)
    }

    /// Returns the number of whole frames.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the number of whole frames that add to the evidence one by one.
    pub(super) fn counted(&self) -> Bits {
        self.len().min(COUNTED) as Bits
    }

    /// Returns the number of bytes in whole frames.
    pub(super) fn bytes(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

    /// Returns where each frame begins and ends.
    pub(super) fn frames(&self) -> impl Iterator<Item = (usize, usize)> {
        let begins = [0].into_iter().chain(self.ends.iter().copied());
        let frames = begins.zip(&self.ends);
        frames.map(|(begin, &end)| (begin as usize, end as usize))
    }

    /// Returns a hash of the frames' ends: equal divisions have equal ones.
    pub(super) fn hash(&self) -> u32 {
        let hash = |hash: u32, end: &u32| (hash ^ end).wrapping_mul(0x0100_0193).rotate_left(5);
        self.ends.iter().fold(0x811c_9dc5, hash)
    }
}
