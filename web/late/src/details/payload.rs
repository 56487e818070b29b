//! Payload of the shown message, which the page keeps: read by a function of the page.

use std::ops::Range;

use js_sys::{Function, Uint8Array};
use wasm_bindgen::JsValue;

use super::source::Source;

/// Bytes of one copy out of the page's memory into this program's.
const BLOCK: u32 = 64 << 10;

/// Payload in the page's memory.
pub struct Payload {
    /// Number by which the page knows it.
    number: u32,
    len: usize,
    /// Function of the page, which fills an array with the bytes of a number from an offset on.
    read: Function,
    /// Array for copies: one for all, as the browser would collect many late.
    block: Uint8Array,
}

impl Payload {
    /// Creates the payload of a number, of so many bytes, that a function reads.
    pub fn new(number: u32, len: usize, read: Function) -> Self {
        Self {
            number,
            len,
            read,
            block: Uint8Array::new_with_length(BLOCK.min(len as u32)),
        }
    }

    /// Returns the number by which the page knows it.
    pub fn number(&self) -> u32 {
        self.number
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
        let _ = self.read.call3(
            &JsValue::UNDEFINED,
            &self.number.into(),
            &(begin as f64).into(),
            into,
        );
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
