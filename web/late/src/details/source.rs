//! Bytes of a message, read in ranges: the page keeps them, and this part copies no more than
//! it shows.

use std::ops::Range;
use std::rc::Rc;

/// Most bytes of one read of a [`Reader`].
const BLOCK: usize = (64 << 10) - 4;

/// Bytes that are read in ranges.
pub trait Source {
    /// Returns the number of bytes.
    fn len(&self) -> usize;

    /// Returns true if there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes of a range, cut at the end.
    fn read(&self, range: Range<usize>) -> Vec<u8>;
}

/// Cursorless reader of a source: it holds the block around the bytes read last.
pub struct Reader {
    source: Rc<dyn Source>,
    begin: usize,
    block: Vec<u8>,
}

impl Source for Vec<u8> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn read(&self, range: Range<usize>) -> Vec<u8> {
        let end = range.end.min(Vec::len(self));
        self.get(range.start..end).unwrap_or_default().to_vec()
    }
}

impl Reader {
    /// Creates a reader that has read nothing.
    pub fn new(source: Rc<dyn Source>) -> Self {
        Self {
            source,
            begin: 0,
            block: Vec::new(),
        }
    }

    /// Returns the byte at an offset; `None` at the end.
    #[inline]
    pub fn byte(&mut self, at: usize) -> Option<u8> {
        if let Some(&byte) = self.block.get(at.wrapping_sub(self.begin)) {
            return Some(byte);
        }
        self.load(at)
    }

    #[cold]
    fn load(&mut self, at: usize) -> Option<u8> {
        if at >= self.source.len() {
            return None;
        }
        // Four bytes before: a character may begin there.
        self.begin = at.saturating_sub(4);
        self.block = self.source.read(self.begin..at + BLOCK);
        self.block.get(at - self.begin).copied()
    }

    /// Returns the character at an offset and its length; a byte that begins none is an error.
    /// `None` at the end.
    pub fn char(&mut self, at: usize) -> Option<Result<(char, usize), u8>> {
        let first = self.byte(at)?;
        if first < 0x80 {
            return Some(Ok((first.into(), 1)));
        }
        let mut bytes = [first, 0, 0, 0];
        let mut len = 1;
        while len < 4
            && let Some(byte) = self.byte(at + len)
        {
            bytes[len] = byte;
            len += 1;
        }
        let chunk = bytes[..len].utf8_chunks().next()?;
        Some(match chunk.valid().chars().next() {
            Some(c) => Ok((c, c.len_utf8())),
            None => Err(first),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_read_across_blocks() {
        let text = format!("{}日\u{ff}", "x".repeat(BLOCK - 1));
        let mut bytes = text.clone().into_bytes();
        bytes.push(0xe6);
        let mut reader = Reader::new(Rc::new(bytes));
        let mut at = 0;
        for c in text.chars() {
            assert_eq!(reader.char(at), Some(Ok((c, c.len_utf8()))));
            at += c.len_utf8();
        }
        assert_eq!(reader.char(at), Some(Err(0xe6)));
        assert_eq!(reader.char(at + 1), None);
        assert_eq!(reader.byte(0), Some(b'x'));
    }
}
