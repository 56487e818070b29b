//! Early close: the Close of a client that has sent no message, while nobody takes messages yet.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use crate::websocket::header::{Control, Header, Opcode};
use crate::websocket::{CloseFrame, WebSocket};

/// Maximum number of bytes read ahead: control frames before the Close, and the Close.
const MAX_AHEAD: usize = 1024;

/// Number of bytes of one read: a Close fits.
const READ_LEN: usize = 256;

/// Beginning of a client's bytes, apart from pings and pongs.
#[derive(Debug, PartialEq, Eq)]
enum Beginning {
    Close(Option<CloseFrame>),
    /// A message, or a violation of the protocol.
    Other,
    Incomplete,
}

impl<S: AsyncRead + Unpin> WebSocket<S> {
    /// Waits for a Close before the first message; forever if a message comes first, or if the
    /// connection ends. All bytes stay unread: the Close is received again.
    pub(crate) fn poll_early_close(&mut self, cx: &mut Context<'_>) -> Poll<Option<CloseFrame>> {
        loop {
            match beginning(&self.unread) {
                Beginning::Close(close) => return Poll::Ready(close),
                Beginning::Incomplete if self.unread.len() < MAX_AHEAD => {}
                Beginning::Other | Beginning::Incomplete => return Poll::Pending,
            }
            // On the stack: a session without early bytes gets no memory for them.
            let mut bytes = [0; READ_LEN];
            let mut read = ReadBuf::new(&mut bytes);
            let result = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read));
            if result.is_err() || read.filled().is_empty() {
                return Poll::Pending;
            }
            self.unread.extend_from_slice(read.filled());
        }
    }
}

fn beginning(mut bytes: &[u8]) -> Beginning {
    loop {
        let (header, start) = match Header::parse(bytes, false) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => return Beginning::Incomplete,
            Err(_) => return Beginning::Other,
        };
        let Opcode::Control(control) = header.opcode else {
            return Beginning::Other;
        };
        // At most 125, as the header is valid.
        let end = start + header.len as usize;
        let Some(payload) = bytes.get(start..end) else {
            return Beginning::Incomplete;
        };
        if control == Control::Close {
            let (mut payload, mut mask) = (payload.to_vec(), header.mask);
            mask.apply(&mut payload);
            return CloseFrame::parse(&payload).map_or(Beginning::Other, Beginning::Close);
        }
        bytes = &bytes[end..];
    }
}
