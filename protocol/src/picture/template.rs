//! Template: a run of fixed and free bytes in a frame.

use std::fmt;

use crate::error::FrameError;
use crate::text_hint::TextHint;

/// Bytes at one place of a frame: before its length, between length and body, or after
/// the body. Fixed bytes are written and checked; free bytes belong to the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Template {
    /// Fixed bytes; zero at the places of free ones.
    bytes: [u8; Self::MAX_LEN],
    len: u8,
    /// A bit for each fixed byte.
    fixed: u32,
    /// A bit for each byte that begins a part of the notation.
    begins: u32,
}

impl Template {
    /// Longest template, in bytes.
    pub const MAX_LEN: usize = 24;

    /// Returns the number of bytes.
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Returns true if there are no bytes.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the number of free bytes.
    pub const fn free(&self) -> usize {
        self.len() - self.fixed.count_ones() as usize
    }

    /// Returns the number of free bytes at the end.
    pub(crate) const fn free_at_end(&self) -> usize {
        self.len() - (u32::BITS - self.fixed.leading_zeros()) as usize
    }

    /// Returns the number of free bytes at the front.
    pub(crate) const fn free_at_front(&self) -> usize {
        match self.fixed.trailing_zeros() as usize {
            free if free < self.len() => free,
            _ => self.len(),
        }
    }

    /// Returns the fixed bytes at the front.
    pub(crate) fn fixed_at_front(&self) -> &[u8] {
        &self.bytes[..self.fixed.trailing_ones() as usize]
    }

    /// Returns the fixed byte at `index`; `None` if it is free.
    pub fn fixed(&self, index: usize) -> Option<u8> {
        let is_fixed = index < self.len() && self.fixed & 1 << index != 0;
        is_fixed.then(|| self.bytes[index])
    }

    /// Appends a part of `count` free bytes; returns `None` if there is no room.
    pub(crate) fn push_free(&mut self, count: usize) -> Option<()> {
        let len = self.len().checked_add(count)?;
        (len <= Self::MAX_LEN).then(|| {
            self.begins |= 1 << self.len;
            self.len = len as u8;
        })
    }

    /// Appends a part of fixed bytes; returns `None` if there is no room.
    pub(crate) fn push_fixed(&mut self, bytes: &[u8]) -> Option<()> {
        let (begin, end) = (self.len(), self.len() + bytes.len());
        self.bytes.get_mut(begin..end)?.copy_from_slice(bytes);
        self.begins |= 1 << begin;
        self.fixed |= ((1 << bytes.len()) - 1) << begin;
        self.len = end as u8;
        Some(())
    }

    /// Checks the fixed bytes among those of the template that have arrived, which begin
    /// at `at` in `frame`.
    pub(crate) fn check(&self, frame: &[u8], at: usize) -> Result<(), FrameError> {
        if self.fixed == 0 {
            return Ok(());
        }
        let arrived = frame.get(at..).unwrap_or_default();
        for (index, &found) in arrived.iter().take(self.len()).enumerate() {
            if let Some(expected) = self.fixed(index).filter(|&fixed| fixed != found) {
                return Err(FrameError::FixedByte {
                    at: at + index,
                    found,
                    expected,
                    text: TextHint::of_frame(frame),
                });
            }
        }
        Ok(())
    }

    /// Calls `each` with the runs of bytes of one kind, and true if they are fixed; free
    /// bytes are zero.
    pub(crate) fn runs(&self, mut each: impl FnMut(&[u8], bool)) {
        let mut begin = 0;
        for end in 1..=self.len() {
            let fixed = self.fixed(begin).is_some();
            if end == self.len() || self.fixed(end).is_some() != fixed {
                each(&self.bytes[begin..end], fixed);
                begin = end;
            }
        }
    }

    /// Returns the free bytes of `wire`, the template's bytes in a frame.
    pub(crate) fn free_bytes<'a>(&'a self, wire: &'a [u8]) -> impl Iterator<Item = u8> + 'a {
        let free = wire.iter().enumerate();
        free.filter_map(|(index, &byte)| self.fixed(index).is_none().then_some(byte))
    }
}

/// The parts as written, with `+` between them.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut begin = 0;
        while begin < self.len() {
            let is_begin = |&index: &usize| index == self.len() || self.begins & 1 << index != 0;
            let end = (begin + 1..=self.len()).find(is_begin).unwrap_or(begin + 1);
            if begin > 0 {
                f.write_str("+")?;
            }
            if self.fixed(begin).is_none() {
                write!(f, "{}", end - begin)?;
            } else {
                f.write_str("0x")?;
                for byte in &self.bytes[begin..end] {
                    write!(f, "{byte:02x}")?;
                }
            }
            begin = end;
        }
        Ok(())
    }
}
