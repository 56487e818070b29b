//! Scan state: what a decoder remembers of an incomplete frame between two reads.

use crate::head::Head;
use crate::layout::Layout;

/// Progress through the frame at the front of a stream, so that each byte is read once.
///
/// Each framing uses the fields in its own way; a default one begins a frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scan {
    /// Number of bytes at the front of the frame that need not be read again.
    pub(crate) at: usize,
    /// Set from the stream's first frame on: [`reset`](Self::reset) keeps it.
    pub(crate) begun: bool,
    /// State of a value, of stuffed bytes or of a header block; allocated for these alone.
    pub(crate) state: Option<Box<ScanState>>,
}

/// State of framings that need more than a position.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScanState {
    /// Head that is being read.
    pub(crate) head: Head,
    /// Counter: values still to come, or levels still open.
    pub(crate) open: u64,
    /// Stack of levels, for formats whose levels differ.
    pub(crate) levels: Vec<u64>,
    /// Small state of the format's own.
    pub(crate) mode: u8,
    /// Second one, such as the mode to go on with after a part.
    pub(crate) then: u8,
    /// Number of bytes of an announced part, such as a body.
    pub(crate) len: usize,
    /// Layout of the frame, once all of it has arrived.
    pub(crate) found: Option<Layout>,
}

impl Scan {
    /// Returns the state, allocated if there is none yet.
    pub(crate) fn state(&mut self) -> &mut ScanState {
        self.state.get_or_insert_default()
    }

    /// Begins the next frame. Keeps the memory of the state.
    #[inline]
    pub(crate) fn reset(&mut self) {
        self.at = 0;
        if let Some(state) = &mut self.state {
            state.head = Head::default();
            state.open = 0;
            state.levels.clear();
            state.mode = 0;
            state.then = 0;
            state.len = 0;
            state.found = None;
        }
    }
}
