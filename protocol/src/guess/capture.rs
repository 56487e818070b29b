//! Capture: the bytes to guess from, and how common each value is among them.

use super::bits::{BIT, Bits, log2};
use super::division::Division;
use super::text::is_text;

/// Number of bytes at a frame's front that are compared: most of a usual message. Short wrong
/// frames, all of whose bytes are compared, would else agree more often where messages are
/// repeated.
const COLUMNS: usize = 64;
/// Cost of stating that the bytes of a column are alike.
const COLUMN_COST: Bits = 2 * BIT;

/// Beginning of one direction of a connection.
#[derive(Debug)]
pub(super) struct Capture<'a> {
    pub(super) bytes: &'a [u8],
    /// True if the stream goes on after `bytes`.
    pub(super) is_cut: bool,
    pub(super) is_text: bool,
    counts: [u32; 256],
}

impl<'a> Capture<'a> {
    pub(super) fn new(bytes: &'a [u8], is_cut: bool) -> Self {
        let mut counts = [0; 256];
        for &byte in bytes {
            counts[usize::from(byte)] += 1;
        }
        Self {
            bytes,
            is_cut,
            is_text: is_text(bytes),
            counts,
        }
    }

    /// Returns the reciprocal of the probability that any byte has this value, times `count`.
    /// Each value counts half an occurrence more than it has.
    fn rarity(&self, byte: u8, count: u32) -> u32 {
        let all = 2 * self.bytes.len() as u64 + 256;
        let reciprocal = u64::from(count) * all / u64::from(2 * self.counts[usize::from(byte)] + 1);
        reciprocal.try_into().unwrap_or(u32::MAX / 2)
    }

    /// Returns how surprising `byte` is at any one place.
    pub(super) fn surprise(&self, byte: u8) -> Bits {
        log2(self.rarity(byte, 1).max(1))
    }

    /// Returns the evidence that the frames' bytes in the same places are alike.
    pub(super) fn alignment(&self, division: &Division) -> Bits {
        let longest = division.frames().map(|(begin, end)| end - begin).max();
        (0..longest.unwrap_or(0).min(COLUMNS))
            .map(|column| self.column(division, column))
            .sum()
    }

    /// Returns true if the frames have a byte in common, in the same place, and few others of
    /// its value: at most two a frame, on average.
    pub(super) fn has_mark(&self, division: &Division) -> bool {
        (0..COLUMNS).any(|column| {
            let mut bytes = division.frames().map(|(begin, end)| {
                let at = begin + column;
                (at < end).then(|| self.bytes[at])
            });
            let Some(Some(mark)) = bytes.next() else {
                return false;
            };
            let count = self.counts[usize::from(mark)] as usize;
            count <= 2 * division.len() && bytes.all(|byte| byte == Some(mark))
        })
    }

    /// Returns the bits saved by predicting a column's bytes from those above them, instead of
    /// from all bytes: the code length of a Chinese restaurant process.
    fn column(&self, division: &Division, column: usize) -> Bits {
        let mut seen = [0_u16; 256];
        let mut saved = 0;
        let bytes = division.frames().filter_map(|(begin, end)| {
            let at = begin + column;
            (at < end).then(|| self.bytes[at])
        });
        for (index, byte) in bytes.enumerate() {
            let count = &mut seen[usize::from(byte)];
            let likelier = log2(self.rarity(byte, u32::from(*count)) + 1);
            saved += likelier - log2(index as u32 + 1);
            *count += 1;
        }
        (saved - COLUMN_COST).max(0)
    }
}
