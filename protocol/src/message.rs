//! Message to send, given in parts.

use std::borrow::Cow;
use std::ops::Range;

/// Message that is `parts` joined.
#[derive(Debug)]
pub(crate) struct Message<'a, P> {
    parts: &'a [P],
    len: usize,
}

impl<'a, P: AsRef<[u8]>> Message<'a, P> {
    pub(crate) fn new(parts: &'a [P]) -> Self {
        let len = parts.iter().map(|part| part.as_ref().len()).sum();
        Self { parts, len }
    }

    /// Returns the length, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the parts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &'a [u8]> {
        self.parts.iter().map(AsRef::as_ref)
    }

    /// Returns the message in one piece; copied if it has several parts.
    pub(crate) fn joined(&self) -> Cow<'a, [u8]> {
        match self.parts {
            [] => Cow::Borrowed(&[]),
            [part] => Cow::Borrowed(part.as_ref()),
            parts => Cow::Owned(parts.iter().flat_map(AsRef::as_ref).copied().collect()),
        }
    }

    /// Returns the parts that `range` touches, and the range of each.
    pub(crate) fn ranges(
        &self,
        range: Range<usize>,
    ) -> impl Iterator<Item = (&'a P, Range<usize>)> {
        let mut begin = 0;
        self.parts.iter().filter_map(move |part| {
            let len = part.as_ref().len();
            let (from, to) = (range.start.max(begin), range.end.min(begin + len));
            let within = (from < to).then(|| (part, from - begin..to - begin));
            begin += len;
            within
        })
    }
}
