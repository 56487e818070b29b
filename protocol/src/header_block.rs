//! Header blocks: lines with names, an empty line, and a body of the announced length.

use crate::error::FrameError;
use crate::head::Head;
use crate::layout::{Layout, check_len};
use crate::message::Message;
use crate::scan::Scan;

/// Framing by a block of header lines, one of them `Content-Length`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeaderBlock {
    /// Base protocol of the Language Server Protocol: the message is the body.
    Lsp,
    /// Heads as in SIP (RFC 3261, section 18.3), RTSP and FreeSWITCH's event socket: the
    /// message is head and body. Without `Content-Length`, or `l` in SIP, the body is empty.
    /// LF ends a line as CRLF does. Empty lines before a head, such as SIP's keep-alives, are
    /// skipped (RFC 3261, section 7.5).
    Headers,
}

impl HeaderBlock {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Lsp, Self::Headers];

    /// Longest head of `lsp`, in bytes. That of `headers` counts for the message.
    const MAX_HEAD: usize = 4096;

    /// Returns the name in flags, files and URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lsp => "lsp",
            Self::Headers => "headers",
        }
    }

    /// Returns the number of bytes at the front of `src` that are empty lines before a head.
    pub(crate) fn skip(self, src: &[u8]) -> usize {
        let mut rest = src;
        if self == Self::Headers {
            while let [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] = rest {
                rest = after;
            }
        }
        src.len() - rest.len()
    }

    /// Finds the frame at the front of `src`.
    ///
    /// # Errors
    /// [`FrameError::HeaderLine`], [`FrameError::NotALength`] or
    /// [`FrameError::TooManyDigits`] at the first wrong byte; [`FrameError::TooLong`] or
    /// [`FrameError::NoDelimiter`] as soon as the message is known to be over `max` bytes.
    pub(crate) fn layout(
        self,
        src: &[u8],
        max: usize,
        scan: &mut Scan,
    ) -> Result<Option<Layout>, FrameError> {
        // Perhaps an empty line: it can be skipped only while nothing was read.
        if self == Self::Headers && src == b"\r" {
            return Ok(None);
        }
        let stored = &mut scan.state.get_or_insert_default().head;
        let mut head = *stored;
        head.strict = self == Self::Lsp;
        while !head.is_whole() {
            if !head.read(src)? {
                *stored = head;
                scan.at = head.len();
                return Ok(None);
            }
            self.check_limit(&head, max)?;
        }
        *stored = head;
        scan.at = head.len();
        let body = check_len(head.announced().unwrap_or(0), max, None)?;
        let (header_len, payload_len) = match self {
            Self::Lsp => (head.len(), body),
            Self::Headers => (0, head.len().saturating_add(body)),
        };
        Ok(Some(Layout {
            header_len,
            payload_len,
            trailer_len: 0,
        }))
    }

    /// Checks the message as far as its length is known.
    fn check_limit(self, head: &Head, max: usize) -> Result<(), FrameError> {
        let known = match self {
            Self::Lsp if head.len() >= Self::MAX_HEAD && !head.is_whole() => {
                return Err(head.problem("goes beyond the 4096 bytes that a header may have"));
            }
            Self::Lsp => 0,
            Self::Headers => head.len() + usize::from(!head.is_whole()),
        };
        let len = (known as u64).saturating_add(head.announced().unwrap_or(0));
        match usize::try_from(len) {
            Ok(len) if len <= max => Ok(()),
            _ if head.announced().is_some() => Err(FrameError::TooLong { len, max }),
            _ => Err(FrameError::NoDelimiter { max }),
        }
    }

    /// Checks that a message can be sent: one that holds its own head has to be exactly one
    /// head and body.
    ///
    /// # Errors
    /// Those of [`layout`](Self::layout), [`FrameError::NotWhole`] or
    /// [`FrameError::SeveralValues`].
    pub(crate) fn check(self, message: &Message<'_, impl AsRef<[u8]>>) -> Result<(), FrameError> {
        if self == Self::Lsp {
            return Ok(());
        }
        let (format, len) = (self.as_str(), message.len());
        let layout = self.layout(&message.joined(), usize::MAX, &mut Scan::default())?;
        match layout.map(Layout::wire_len) {
            Some(at) if at < len => Err(FrameError::SeveralValues { format, at }),
            Some(at) if at == len => Ok(()),
            _ => Err(FrameError::NotWhole { format, len }),
        }
    }

    /// Returns the header to write before a message of `len` bytes, all of which is payload.
    pub(crate) fn header(self, len: usize) -> Vec<u8> {
        match self {
            Self::Lsp => format!("Content-Length: {len}\r\n\r\n").into_bytes(),
            Self::Headers => Vec::new(),
        }
    }
}
