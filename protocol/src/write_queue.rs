use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes, BytesMut};

/// Write queue: bytes to send, laid out for one vectored write.
///
/// Reads as a [`Buf`] of the bytes appended and not yet written. Copies are joined into
/// one slice; shared bytes are a slice each (zero-copy).
#[derive(Debug, Default)]
pub struct WriteQueue {
    /// Non-empty pieces in order, followed by `tail`.
    pieces: VecDeque<Bytes>,
    /// Total length of `pieces`, in bytes.
    pieces_len: usize,
    /// Copies since the last piece; later copies are appended here.
    tail: BytesMut,
}

impl WriteQueue {
    /// Length, in bytes, below which a part is better copied than shared: the copy costs
    /// less than one more slice in the system call, and lets go of the buffer that the
    /// part came in.
    pub const COPY_BELOW: usize = 4096;

    /// Reserves memory for copying `len` more bytes.
    pub fn reserve(&mut self, len: usize) {
        self.tail.reserve(len);
    }

    /// Sets the buffer that copies go to, such as a pooled one, unless there is one already.
    pub fn set_buffer(&mut self, buffer: BytesMut) {
        if self.tail.capacity() == 0 {
            self.tail = buffer;
        }
    }

    /// Takes the buffer back once all bytes are written; returns an empty one until then.
    pub fn take_buffer(&mut self) -> BytesMut {
        match self.remaining() {
            0 => std::mem::take(&mut self.tail),
            _ => BytesMut::new(),
        }
    }

    /// Appends a copy of `bytes`.
    // Always inlined: a copy of a header, whose length is known, then needs no call. Not in the
    // page, which has to be small.
    #[cfg_attr(target_family = "wasm", inline)]
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn copy(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
    }

    /// Appends `bytes` without copying them.
    pub fn share(&mut self, bytes: Bytes) {
        self.pieces_len += self.tail.len() + bytes.len();
        for piece in [self.tail.split().freeze(), bytes] {
            if !piece.is_empty() {
                self.pieces.push_back(piece);
            }
        }
    }
}

/// The bytes appended and not yet written.
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
    /// Panics if `count` is more than [`remaining`](Buf::remaining).
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
            // Keeps the capacity, which `advance` would give up.
            self.tail.clear();
        } else {
            self.tail.advance(count);
        }
    }
}
