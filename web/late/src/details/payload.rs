//! Payload of the shown message, which the page keeps: read by a function of the page.

use std::ops::Range;

use js_sys::{Function, Uint8Array};
use wasm_bindgen::JsValue;

use super::source::Source;

/// Payload in the page's memory.
pub struct Payload {
    len: usize,
    /// Function of the page: offset and end in, a copy of the bytes out.
    read: Function,
}

impl Payload {
    /// Creates the payload of so many bytes that a function reads.
    pub fn new(len: usize, read: Function) -> Self {
        Self { len, read }
    }

    /// Returns a copy of a range in the browser's memory.
    pub fn copy(&self, range: Range<usize>) -> Uint8Array {
        let (begin, end) = (range.start.min(self.len), range.end.min(self.len));
        let copy = self.read.call2(
            &JsValue::UNDEFINED,
            &(begin as f64).into(),
            &(end as f64).into(),
        );
        // The function fails only if the page's program has panicked.
        copy.map_or_else(|_| Uint8Array::new_with_length(0), Uint8Array::from)
    }
}

impl Source for Payload {
    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, range: Range<usize>) -> Vec<u8> {
        self.copy(range).to_vec()
    }
}
