//! Header blocks: lines with names, an empty line, and a body of the announced length.

use crate::error::FrameError;
use crate::layout::Layout;
use crate::scan::Scan;

/// Framing by a block of header lines, one of them `Content-Length`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeaderBlock {
    /// Base protocol of the Language Server Protocol: the message is the body.
    Lsp,
    /// Heads as in HTTP and SIP (RFC 3261, section 18.3): the message is head and body.
    Headers,
}

impl HeaderBlock {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Lsp, Self::Headers];

    /// Returns the name in flags, files and URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lsp => "lsp",
            Self::Headers => "headers",
        }
    }

    /// Finds the frame at the front of `src`.
    pub(crate) fn layout(
        self,
        _src: &[u8],
        _max: usize,
        _scan: &mut Scan,
    ) -> Result<Option<Layout>, FrameError> {
        unimplemented!()
    }

    /// Returns the header to write before a message, all of which is its payload.
    ///
    /// # Errors
    /// If the message holds its own header, and is not a whole frame.
    pub(crate) fn header(self, _message: &[u8]) -> Result<Vec<u8>, FrameError> {
        unimplemented!()
    }
}
