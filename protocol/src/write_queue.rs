use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes, BytesMut};

/// Bytes on their way out, laid out for one vectored write.
///
/// It is a [`Buf`] of all that was appended and not yet written. Short parts are gathered
/// into one piece; long ones stay where they are.
#[derive(Debug, Default)]
pub struct WriteQueue {
    /// Pieces in order, none of them empty. `tail` comes after them.
    pieces: VecDeque<Bytes>,
    /// Bytes in `pieces`.
    pieces_len: usize,
    tail: BytesMut,
}

impl WriteQueue {
    /// A part shorter than this, in bytes, is better copied: gathering it costs less than
    /// one more slice in the system call, and it no longer holds on to the buffer that it
    /// came in.
    pub const COPY_BELOW: usize = 4096;

    /// Makes room for `len` more bytes to be copied.
    pub fn reserve(&mut self, len: usize) {
        self.tail.reserve(len);
    }

    /// Has `buffer` for what is copied from now on, if there is no room yet.
    pub fn set_buffer(&mut self, buffer: BytesMut) {
        if self.tail.capacity() == 0 {
            self.tail = buffer;
        }
    }

    /// Gives the memory away that copies were in, once all of them are written.
    pub fn take_buffer(&mut self) -> BytesMut {
        match self.remaining() {
            0 => std::mem::take(&mut self.tail),
            _ => BytesMut::new(),
        }
    }

    /// Appends a copy of `bytes`.
    #[inline]
    pub fn copy(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
    }

    /// Appends `bytes`, which are not copied.
    pub fn share(&mut self, bytes: Bytes) {
        self.pieces_len += self.tail.len() + bytes.len();
        for piece in [self.tail.split().freeze(), bytes] {
            if !piece.is_empty() {
                self.pieces.push_back(piece);
            }
        }
    }
}

/// What was appended and not yet written.
impl Buf for WriteQueue {
    #[inline]
    fn remaining(&self) -> usize {
        self.pieces_len + self.tail.len()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        self.pieces.front().map_or(&self.tail, |piece| piece)
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let pieces = self.pieces.iter().map(|piece| &piece[..]);
        let tail = Some(&self.tail[..]).filter(|tail| !tail.is_empty());
        let filled = slices.iter_mut().zip(pieces.chain(tail));
        filled
            .map(|(slice, chunk)| *slice = IoSlice::new(chunk))
            .count()
    }

    /// # Panics
    /// If `count` is more than what [remains](Buf::remaining).
    fn advance(&mut self, mut count: usize) {
        while let Some(piece) = self.pieces.front_mut() {
            if count < piece.len() {
                self.pieces_len -= count;
                return piece.advance(count);
            }
            count -= piece.len();
            self.pieces_len -= piece.len();
            self.pieces.pop_front();
        }
        if count == self.tail.len() {
            // All of its memory is free again, from the front.
            self.tail.clear();
        } else {
            self.tail.advance(count);
        }
    }
}
