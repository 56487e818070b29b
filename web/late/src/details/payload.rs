//! Payload of the shown message, which the page keeps: read by a function of the page.

use std::ops::Range;

use js_sys::{Function, Uint8Array};
use wasm_bindgen::JsValue;

use super::source::Source;

/// Bytes of one copy out of the page's memory into this program's.
const BLOCK: u32 = 64 << 10;

/// Payload in the page's memory.
pub struct Payload {
    len: usize,
    /// Function of the page, which fills an array with the bytes from an offset on.
    read: Function,
    /// Array for copies: one for all, as the browser would collect many late.
    block: Uint8Array,
}

impl Payload {
    /// Creates the payload of so many bytes that a function reads.
    pub fn new(len: usize, read: Function) -> Self {
        let block = Uint8Array::new_with_length(BLOCK.min(len as u32));
        Self { len, read, block }
    }

    /// Returns a copy of a range in the browser's memory.
    pub fn copy(&self, range: Range<usize>) -> Uint8Array {
        let range = self.cut(range);
        let copy = Uint8Array::new_with_length(range.len() as u32);
        self.fill(range.start, &copy);
        copy
    }

    fn cut(&self, range: Range<usize>) -> Range<usize> {
        let end = range.end.min(self.len);
        range.start.min(end)..end
    }

    fn fill(&self, begin: usize, into: &Uint8Array) {
        // Fails only if the page's program has panicked.
        let _ = self
            .read
            .call2(&JsValue::UNDEFINED, &(begin as f64).into(), into);
    }
}

impl Source for Payload {
    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, range: Range<usize>) -> Vec<u8> {
        let range = self.cut(range);
        let mut bytes = vec![0; range.len()];
        let blocks = bytes.chunks_mut(BLOCK as usize).enumerate();
        for (place, bytes) in blocks {
            let block = self.block.subarray(0, bytes.len() as u32);
            self.fill(range.start + place * BLOCK as usize, &block);
            block.copy_to(bytes);
        }
        bytes
    }
}
