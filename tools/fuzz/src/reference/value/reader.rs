//! Reader of values.

use crate::kind::Kind;
use crate::reference::frame::Stop;

/// A byte that cannot come next.
pub const WRONG: Stop = Stop::Fault(Kind::NotAValue);

/// Reader of a value, which knows the least number of bytes that still have to come: a value
/// that cannot end within the limit is too long as soon as that is known.
pub struct Reader<'a> {
    bytes: &'a [u8],
    pub at: usize,
    /// Number of bytes that still have to come, as far as is known.
    pub owed: u128,
    max: usize,
    /// True if no more bytes come.
    pub is_all: bool,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], max: usize, is_all: bool) -> Self {
        Self {
            bytes,
            at: 0,
            owed: 0,
            // No buffer is longer.
            max: max.min(1 << 60),
            is_all,
        }
    }

    /// Returns the next byte, which is not taken yet.
    pub fn peek(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::More)
    }

    /// Takes the next byte, after which at least `owed` bytes have to come.
    pub fn take(&mut self, owed: u128) -> Result<(), Stop> {
        self.at += 1;
        self.owed = owed;
        match self.at as u128 + owed > self.max as u128 {
            true => Err(Stop::Fault(Kind::TooLong)),
            false => Ok(()),
        }
    }

    /// Takes the next byte, one of those that are owed, after which `more` have to come.
    pub fn take_owed(&mut self, more: u128) -> Result<(), Stop> {
        self.take(self.owed - 1 + more)
    }

    /// Takes the next byte, none of those that are owed, after which `more` have to come.
    pub fn take_extra(&mut self, more: u128) -> Result<(), Stop> {
        self.take(self.owed + more)
    }

    /// Takes `bytes`, which are owed.
    pub fn expect(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        for &expected in bytes {
            match self.peek()? == expected {
                true => self.take_owed(0)?,
                false => return Err(WRONG),
            }
        }
        Ok(())
    }

    /// Takes any `count` bytes, which are owed.
    pub fn skip(&mut self, count: u128) -> Result<(), Stop> {
        if count > (self.bytes.len() - self.at) as u128 {
            return Err(Stop::More);
        }
        self.at += count as usize;
        self.owed -= count;
        Ok(())
    }

    /// Takes a big-endian number of `width` bytes, which are owed.
    pub fn number(&mut self, width: usize) -> Result<u128, Stop> {
        let begin = self.at;
        self.skip(width as u128)?;
        let bytes = &self.bytes[begin..self.at];
        Ok(bytes
            .iter()
            .fold(0, |number, &byte| number * 256 + u128::from(byte)))
    }

    /// Notes that `count` bytes more have to come than was known.
    pub fn owe(&mut self, count: u128) -> Result<(), Stop> {
        self.owed += count;
        match self.at as u128 + self.owed > self.max as u128 {
            true => Err(Stop::Fault(Kind::TooLong)),
            false => Ok(()),
        }
    }
}
