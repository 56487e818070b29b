//! Cursor over the bytes of a payload.

use std::ops::Range;

use crate::field::Reason;

/// Reason that reading stops, and its place. Small, because it is part of each result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) at: usize,
    pub(crate) reason: Reason,
}

pub(crate) type Read<T> = Result<T, Stop>;

/// Cursor over `bytes[..end]`. Positions are those of the whole payload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    pub(crate) end: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            end: bytes.len(),
        }
    }

    /// Returns a reader of a part.
    pub(crate) fn part(&self, range: &Range<usize>) -> Self {
        Self {
            bytes: self.bytes,
            at: range.start,
            end: range.end,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    pub(crate) fn left(&self) -> usize {
        self.end - self.at
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..self.end]
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        (self.at < self.end).then(|| self.bytes[self.at])
    }

    pub(crate) fn stop<T>(&self, reason: Reason) -> Read<T> {
        stop(self.at, reason)
    }

    /// Fails unless all bytes are read.
    pub(crate) fn finish(&self) -> Read<()> {
        match self.is_empty() {
            true => Ok(()),
            false => self.stop(Reason::BytesLeft),
        }
    }

    pub(crate) fn u8(&mut self) -> Read<u8> {
        match self.peek() {
            Some(byte) => {
                self.at += 1;
                Ok(byte)
            }
            None => self.stop(Reason::TooShort),
        }
    }

    /// Reads that byte.
    pub(crate) fn expect(&mut self, byte: u8) -> Read<()> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(found) => self.stop(Reason::Unexpected(found)),
            None => self.stop(Reason::TooShort),
        }
    }

    /// Reads one decimal digit or more.
    pub(crate) fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.peek() {
            _ if self.at > start => Ok(()),
            Some(byte) => self.stop(Reason::Unexpected(byte)),
            None => self.stop(Reason::TooShort),
        }
    }

    /// Reads `len` bytes.
    pub(crate) fn take(&mut self, len: u64) -> Read<Range<usize>> {
        if len > self.left() as u64 {
            return self.stop(match len {
                0..=16 => Reason::TooShort,
                _ => Reason::TooLong(len),
            });
        }
        let start = self.at;
        self.at += len as usize;
        Ok(start..self.at)
    }

    /// Reads an unsigned big-endian number of up to 8 bytes.
    pub(crate) fn be(&mut self, width: usize) -> Read<u64> {
        let range = self.take(width as u64)?;
        let bytes = &self.bytes[range];
        Ok(bytes.iter().fold(0, |sum, it| sum << 8 | u64::from(*it)))
    }

    /// Reads an unsigned little-endian number of up to 8 bytes.
    pub(crate) fn le(&mut self, width: usize) -> Read<u64> {
        let range = self.take(width as u64)?;
        let bytes = self.bytes[range].iter().rev();
        Ok(bytes.fold(0, |sum, it| sum << 8 | u64::from(*it)))
    }

    /// Reads an unsigned LEB128 varint of at most 64 bits.
    pub(crate) fn varint(&mut self) -> Read<u64> {
        let (start, mut value) = (self.at, 0);
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                if shift == 63 && byte > 1 {
                    break;
                }
                return Ok(value);
            }
        }
        stop(start, Reason::NumberTooLarge)
    }
}

pub(crate) fn stop<T>(at: usize, reason: Reason) -> Read<T> {
    Err(Stop { at, reason })
}

/// Extends the sign of a number of `width` bytes.
pub(crate) fn signed(value: u64, width: usize) -> i64 {
    let shift = 64 - 8 * width as u32;
    (value << shift).cast_signed() >> shift
}

/// Decodes a zigzag number: 0, -1, 1, -2.
pub(crate) fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
